/// @file lessons.hpp
/// Chapter 10. A quiz as something to learn from: batches for chapter 1's train(), and losses.
#pragma once

#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "01_bigram/vocabulary.hpp"
#include "10_other_sequences/add_example.hpp"
#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Where a row of a batch begins.
enum class Windows {
  text,    ///< anywhere in a text of many examples, as in chapter 1
  aligned  ///< where an example begins
};

/// Batches of a quiz's examples. A Task of chapter 1.
template <Quiz Q>
class Lessons {
 public:
  /// @param windows where a row begins
  /// @param counts  which of its predictions make the loss, where rows are aligned
  explicit Lessons(Q quiz, Windows windows = Windows::aligned, Counts counts = Counts::answer)
      : quiz_(std::move(quiz)), windows_(windows), counts_(counts), vocabulary_(quiz_.symbols() + "\n") {}

  const Q& quiz() const { return quiz_; }                       ///< what is asked
  const Vocabulary& vocabulary() const { return vocabulary_; }  ///< its symbols, and the end of a line
  int end() const { return vocabulary_.encode("\n").front(); }  ///< what ends an answer

  /// B rows to learn from.
  Batch sample(size_t B, size_t T, Rng& rng) const { return batch(Part::train, B, T, rng); }

  /// B rows of one half. Rows that are windows of a text count in full.
  Batch batch(Part part, size_t B, size_t T, Rng& rng) const {
    //! [batch]
    Batch batch{{0, T, {}}, {0, T, {}}};
    while (batch.inputs.B < B) {
      if (windows_ == Windows::aligned) {
        const Example e = example(part, rng);
        add_example(batch, vocabulary_.encode(e.question), vocabulary_.encode(e.answer), end(), counts_);
      } else {
        std::vector<int> text = line(part, rng);
        const size_t start = rng.below(text.size());  // somewhere in the first example
        while (text.size() < start + T + 1) {
          const std::vector<int> more = line(part, rng);
          text.insert(text.end(), more.begin(), more.end());
        }
        add_window(batch, text, start);
      }
    }
    //! [batch]
    return batch;
  }

  /// Mean loss over n examples to learn from, the same n whenever it is asked.
  template <LanguageModel Model>
  float train_loss(const Model& model, size_t n, size_t T) const {
    return loss(model, Part::train, n, T);
  }
  /// The same of examples that are held out.
  template <LanguageModel Model>
  float val_loss(const Model& model, size_t n, size_t T) const {
    return loss(model, Part::val, n, T);
  }

  /// B rows of an exam, all held out, of which the answers alone count.
  Batch exam(const Exam& exam, size_t B, size_t T, Rng& rng) const {
    Batch batch{{0, T, {}}, {0, T, {}}};
    while (batch.inputs.B < B) {
      const Example e = held_out(exam, rng);
      add_example(batch, vocabulary_.encode(e.question), vocabulary_.encode(e.answer), end(), Counts::answer);
    }
    return batch;
  }

  /// One of an exam's examples that is held out.
  Example held_out(const Exam& exam, Rng& rng) const { return draw(quiz_, exam.example, Part::val, rng); }

 private:
  template <LanguageModel Model>
  float loss(const Model& model, Part part, size_t n, size_t T) const {
    const NoGrad no_grad;
    Rng rng(part == Part::train ? 1 : 2);
    const Batch examples = batch(part, n, T, rng);
    return next_token_loss(model(examples.inputs), examples.targets).item();
  }
  Example example(Part part, Rng& rng) const {
    return draw(
        quiz_, [this](Rng& dice) { return quiz_.example(dice); }, part, rng);
  }
  std::vector<int> line(Part part, Rng& rng) const {
    const Example e = example(part, rng);
    return vocabulary_.encode(e.question + e.answer + "\n");
  }

  Q quiz_;
  Windows windows_;
  Counts counts_;
  Vocabulary vocabulary_;
};

}  // namespace gpt
