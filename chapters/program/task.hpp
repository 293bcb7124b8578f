/// @file task.hpp
/// What a chapter's program learns from, how well it knows it, and how it shows what was learned. A text is one task;
/// chapter 10 has others.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/vocabulary.hpp"
#include "common/files/corpus.hpp"
#include "common/files/report.hpp"
#include "common/terminal/command_line.hpp"
#include "program/any_model.hpp"
#include "program/saved_run.hpp"
#include "program/tokeniser.hpp"

namespace gpt {

/// What a model is to say, and how.
struct Speech {
  std::string asked;   ///< what it goes on with; "" for whatever the task begins with
  std::size_t tokens;  ///< at most so many
  Sampling sampling;   ///< how each is drawn
};

/// The tasks of all chapters as one class. Each is a Task of chapter 1's train().
class AnyTask {
 public:
  virtual ~AnyTask() = default;

  virtual std::string name() const = 0;      ///< "tinyshakespeare": reports and traces say it
  virtual std::string describe() const = 0;  ///< the same with its size, for the program's first lines
  /// Tells two tasks by one name apart; a run that goes on with another one begins its curve anew.
  virtual std::string fingerprint() const { return name(); }
  /// Is there anything to learn from? Without, a saved model can still speak.
  virtual bool can_learn() const { return true; }
  /// May losses be held against the published ones?
  virtual bool published() const { return false; }
  virtual const AnyTokeniser& tokeniser() const = 0;  ///< between what is read and written, and ids

  /// @throws std::invalid_argument if there is too little to learn from for a context of T
  virtual void require_context(std::size_t T) const = 0;
  /// A batch to learn from; a target of no_target does not count.
  virtual Batch sample(std::size_t B, std::size_t T, Rng& rng) const = 0;
  /// A quick look at both losses, for the curve.
  virtual CurvePoint look(const AnyModel& model, std::size_t T, std::size_t step) const = 0;
  /// Both losses over all there is to validate on, and as much of the rest.
  virtual CurvePoint evaluate(const AnyModel& model, std::size_t T, std::size_t step) const = 0;

  /// The text that validates, if the task has one.
  virtual std::span<const int> validation() const { return {}; }
  /// How much text a token to validate on is, on average: with it, losses become bits per character, which compare
  /// whatever the tokens are. Nothing where there is no text.
  virtual std::optional<double> characters_per_token() const { return {}; }

  /// What the model goes on with: what was asked (--prompt), or what the task begins with if nothing was.
  /// @throws std::invalid_argument if this cannot be asked
  virtual std::vector<int> start(const std::string& asked) const = 0;
  /// What --trace follows through the model.
  virtual std::vector<int> traced(const AnyModel& model, const std::string& asked) const = 0;
  /// Shows what was learned: goes on with a text, does a sum.
  /// @param dice  draw what is said
  /// @param print is given each piece at once, so that a program can print while the model thinks
  virtual void speak(const AnyModel& model, const Speech& speech, Rng& dice,
                     const std::function<void(const std::string&)>& print) const = 0;
  /// What the task itself has to say of a trained model, below the losses. Often nothing.
  virtual std::string examine(const AnyModel&) const { return {}; }
  /// How often a trained model is right, if that can be told. Of a text it cannot.
  virtual std::vector<Score> scores(const AnyModel&) const { return {}; }
};

/// Makes a program's task from the command line, and from the run that it goes on from, if there is one (else null).
using MakeTask = std::function<std::unique_ptr<AnyTask>(const RunOptions&, const SavedRun*)>;

/// A text in two parts: one to learn from, one that is never learned from and shows what was understood.
struct Split {
  std::span<const int> train;  ///< ids to learn from
  std::span<const int> val;    ///< ids to validate on
};

/// The part of a text that is learned from: its first nine tenths, in characters.
/// @param text in UTF-8
std::string_view training_part(std::string_view text);

/// A loss, in nats a token, as bits a character: \f$ \mathrm{loss} / \ln 2 / \f$ characters per token.
double bits_per_character(double loss, double characters_per_token);

/// To learn what comes next in a text: its first nine tenths are learned from, the last tenth validates.
class TextTask : public AnyTask {
 public:
  /// Encodes the text once, at the beginning; no token reaches from one part into the other.
  TextTask(Corpus corpus, AnyTokeniser tokeniser);

  std::string name() const override { return corpus_.name; }
  std::string describe() const override;
  std::string fingerprint() const override { return corpus_.fingerprint; }
  bool can_learn() const override { return !ids_.empty(); }
  bool published() const override { return corpus_.published; }
  const AnyTokeniser& tokeniser() const override { return tokeniser_; }
  void require_context(std::size_t T) const override;
  Batch sample(std::size_t B, std::size_t T, Rng& rng) const override;
  /// On some twenty thousand characters from all over each part.
  CurvePoint look(const AnyModel& model, std::size_t T, std::size_t step) const override;
  /// Over all that validates, and as much of the rest; of texts much longer than Tiny Shakespeare, a part from all
  /// over them.
  CurvePoint evaluate(const AnyModel& model, std::size_t T, std::size_t step) const override;
  std::span<const int> validation() const override { return text_.val; }
  std::optional<double> characters_per_token() const override;
  std::vector<int> start(const std::string& asked) const override;  ///< unasked, the end of a line
  /// Unasked, a line that most readers know.
  std::vector<int> traced(const AnyModel& model, const std::string& asked) const override;
  /// Says speech.tokens tokens, whatever they are.
  void speak(const AnyModel& model, const Speech& speech, Rng& dice,
             const std::function<void(const std::string&)>& print) const override;

 protected:
  const Split& text() const { return text_; }

 private:
  Corpus corpus_;
  AnyTokeniser tokeniser_;
  std::vector<int> ids_;  // the corpus
  Split text_;            // both parts look into ids_
  std::size_t characters_ = 0, val_characters_ = 0;
};

/// Makes a TextTask, or a kind of it.
using MakeTextTask = std::function<std::unique_ptr<AnyTask>(Corpus, const Vocabulary&)>;

/// The corpus that was asked for, character by character. A saved run that is only to speak needs none: if the text
/// that it learned from is not here, the task has nothing to learn from.
/// @throws std::invalid_argument if the text has characters that a saved run does not know
std::unique_ptr<AnyTask> text_task(const RunOptions& options, const SavedRun* saved,
                                   const MakeTextTask& make);

/// Where a tokeniser comes from: it is learned from a text, or made anew of the symbols() that a saved run has kept.
struct TokeniserSource {
  std::function<AnyTokeniser(const std::string& text)> learned;  ///< @param text all of the corpus
  std::function<AnyTokeniser(const std::string& symbols)> anew;  ///< @param symbols AnyTokeniser::symbols()
};

/// The same for any tokeniser.
std::unique_ptr<AnyTask> text_task(
    const RunOptions& options, const SavedRun* saved, const TokeniserSource& source,
    const std::function<std::unique_ptr<AnyTask>(Corpus, const AnyTokeniser&)>& make);

/// A text whose last tenth is left alone: the nine tenths before it are split in the same way. Who chooses sizes and rates
/// by this loss has not looked at the real one.
std::unique_ptr<AnyTask> tuning_task(const RunOptions& options, const SavedRun* saved);

/// The same as a MakeTask.
template <class T = TextTask>
std::unique_ptr<AnyTask> text_task(const RunOptions& options, const SavedRun* saved) {
  return text_task(options, saved, [](Corpus corpus, const Vocabulary& vocabulary) {
    return std::make_unique<T>(std::move(corpus), vocabulary);
  });
}

}  // namespace gpt
