/// @file program.hpp
/// The program that all chapters share: read, train a model, compare, speak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/files/checkpoint.hpp"
#include "common/files/report.hpp"
#include "common/files/trace_file.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "common/terminal/run_program.hpp"
#include "program/any_model.hpp"
#include "program/any_optimizer.hpp"
#include "program/look_inside.hpp"
#include "program/saved_run.hpp"
#include "program/task.hpp"

namespace gpt {

/// Shorter windows for the first part of a training, and so many more of them that a batch has as many tokens: what stands
/// near is learned first, and attention costs less meanwhile.
struct ShortFirst {
  std::size_t T;  ///< characters in such a window
  double share;   ///< of all steps, in [0, 1]
};

/// What is particular to a chapter's program, or to one of its variants. Sizes and steps are those of the published run.
struct Chapter {
  int number;                                    ///< as in chapters.txt
  std::string title;                             ///< what the chapter adds, in a few words
  std::string adds;                              ///< the same in a sentence
  std::string expect;                            ///< what the reader should see
  std::string variant = {};                      ///< the value of the chapter's own option, if it has one
  std::size_t B = 32;                            ///< sequences in a batch
  std::size_t T = 8;                             ///< its context
  std::size_t steps = 5000;                      ///< its length
  float lr = 1e-3f;                              ///< learning rate; of a schedule, what it goes up to
  std::optional<float> published_val_loss = {};  ///< on Tiny Shakespeare, with exactly these sizes
  std::string published_by = "published";        ///< how that figure is introduced
  std::optional<float> our_val_loss = {};        ///< where nobody has published one: the mean of our own runs
  MakeOptimizer optimizer = adamw();             ///< how steps are taken
  std::function<float(std::size_t step, std::size_t steps, float lr)> schedule =
      {};                                      ///< constant if there is none
  std::optional<ShortFirst> short_first = {};  ///< windows of T from the first step on if there is none
  bool keep_best = false;       ///< at the end, go back to the weights with the lowest validation loss
  MakeTask task = text_task<>;  ///< what is learned

  /// "--batch 32 --context 8 --lr 0.01 --steps 3000": what holds unless the reader says otherwise.
  std::string settings() const;
  /// What stands at the top of --help.
  std::string help() const;
};

/// What one program does together with others where several processes train one model (chapter 11).
struct Team {
  bool leads = true;            ///< this one writes files; the others work in silence
  std::string started_by = {};  ///< what stands before the program's name in a command: "mpirun -n 2 "
  /// A batch that all have drawn alike becomes the part of it that this one learns from.
  std::function<Batch(Batch)> share = [](Batch whole) { return whole; };
  /// Numbers become the leader's, on all of them. Here the others wait long, for the leader may be at work alone.
  std::function<void(std::span<float>)> agree = [](std::span<float>) {};
  /// Told all numbers that training begins with: the weights, and the optimiser's running means.
  std::function<void(const Parameters&)> begin = [](const Parameters&) {};
  std::function<void()> end = [] {};  ///< after the last step
  /// All that the optimiser remembers, for a file, of what this one's does; asked of all of them at once.
  std::function<Parameters(Parameters)> remembered = [](Parameters own) { return own; };
  std::function<void()> before_step = {};                          ///< see AdamW::before_step()
  std::function<bool(bool)> anybody = [](bool me) { return me; };  ///< who says yes stops all of them
};

/// Learn has chapters' results put where it finds them, and says which options it has added to the reader's.
bool added_by_learn(const std::string& option);

/// The options of those who follow: what the leader prints and writes is enough.
RunOptions in_silence(RunOptions options);

/// One run of a chapter's program: the constructor reads, run() does the rest.
class Program {
 public:
  /// Reads the corpus and, with --load, the saved run; and asks of all that comes later whether it can be done.
  /// @throws CommandLineError for a prompt with characters that the text has not
  /// @throws std::runtime_error for files that cannot be written
  Program(Chapter chapter, RunOptions options);

  std::size_t V() const { return task_->tokeniser().size(); }      ///< vocabulary size
  std::size_t B() const { return chapter_.B; }                     ///< sequences in a batch
  std::size_t T() const { return chapter_.T; }                     ///< context
  std::uint64_t seed() const { return options_.seed; }             ///< of all random numbers
  std::string text() const { return task_->fingerprint(); }        ///< another for another text to learn from
  const std::string& variant() const { return chapter_.variant; }  ///< what the chapter's own option says
  bool quiet() const { return options_.quiet; }                    ///< is nothing to be printed?

  /// Makes it one of several.
  void join(Team team) { team_ = std::move(team); }

  /// The whole program, once the model is made.
  /// @param rng draws the batches (and has drawn the weights)
  void run(const AnyModel& model, Rng& rng);

 private:
  void introduce(const AnyModel& model);
  void train(const AnyModel& model, AnyOptimizer& optimizer, Rng& rng);
  CurvePoint agreed(std::size_t step, const std::function<CurvePoint()>& look) const;
  void wait_for_leader() const;
  Checkpoint state(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng, bool is_best) const;
  void keep_best(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng);
  void save_as_it_is(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng,
                     bool is_best) const;
  [[noreturn]] void stop(int signal, const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng);
  enum class Examine { no, yes };
  void compare(const AnyModel& model, Examine examine);
  void speak(const AnyModel& model);
  void look_at_gradients(const AnyModel& model, const AnyOptimizer& optimizer, Rng& rng);
  void keep_tables(const AnyModel& model, std::size_t step);
  TraceFile inside(const AnyModel& model) const;
  std::filesystem::path interrupted_file() const;
  std::string going_on(const std::filesystem::path& file) const;

  std::size_t published_steps_;  // after which a loss may be held against the published one
  Chapter chapter_;
  RunOptions options_;
  std::optional<SavedRun> saved_;
  std::unique_ptr<AnyTask> task_;
  std::optional<Checkpoint> best_;  // the run at its lowest validation loss, where the chapter keeps it
  bool best_is_saved_ = false;      // in the file of --save
  float lowest_val_ = std::numeric_limits<float>::infinity();
  Team team_;
  Report report_;
  std::vector<Gradients> gradients_;  // before and after training, where --trace asks for them
  Tables tables_;                     // the same, and three times on the way
};

/// Makes the model, and calls program.run() with it.
using RunModel = std::function<void(Program& program, Rng& rng)>;

/// All of a chapter's main().
/// @returns the process' exit code
int run_chapter(int argc, char** argv, const Chapter& chapter, const RunModel& run);

/// The same for a chapter with variants and an option to choose among them, the first unless `standard` names another.
int run_chapter(int argc, char** argv, const std::string& option, const std::string& help,
                const std::vector<Chapter>& variants, const std::string& standard, const RunModel& run);

/// The same for a chapter with several options of its own: `chapter` says what belongs to a choice, or throws a
/// CommandLineError where its values do not fit each other. A checkpoint remembers what was chosen, "lstm layers=2" unless
/// `chapter` has a variant of its own that names values, and --load takes from it what the command line leaves open.
int run_chapter(int argc, char** argv, const std::vector<Choice>& choices,
                const std::function<Chapter(const std::vector<Choice>&)>& chapter,
                const std::function<void(Program&, const std::vector<Choice>&, Rng&)>& run);

}  // namespace gpt
