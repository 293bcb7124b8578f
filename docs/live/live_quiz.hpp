/// @file live_quiz.hpp
/// Chapter 10's tasks as the page drives them: one class for whichever it is.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "01_bigram/batch.hpp"  // Batch
#include "10_other_sequences/add.hpp"
#include "10_other_sequences/answers.hpp"
#include "10_other_sequences/draw.hpp"
#include "10_other_sequences/lessons.hpp"
#include "10_other_sequences/sort.hpp"
#include "program/any_model.hpp"  // AnyModel

namespace gpt {

/// A question and the model's answer, for a person.
struct Answered {
  std::string shown;  ///< both
  bool right;         ///< is it the answer?
};

/// What a LiveModel learns from and is asked, if it is no text.
class LiveQuiz {
 public:
  virtual ~LiveQuiz() = default;
  virtual const Vocabulary& vocabulary() const = 0;                    ///< its symbols
  virtual Batch sample(std::size_t B, std::size_t T, Rng&) const = 0;  ///< B rows to learn from
  /// The loss on n examples that are held out.
  virtual float val_loss(const AnyModel&, std::size_t n, std::size_t T) const = 0;
  /// As the model reads it. @param asked by a person; if it is empty, one of the first exam's is drawn
  /// @throws std::invalid_argument if this cannot be asked
  virtual std::string question(const std::string& asked, Rng& dice) const = 0;
  virtual Answered ask(const AnyModel&, const std::string& question, Rng& dice) const = 0;  ///< the answer
  virtual float share_right(const AnyModel&, std::size_t n) const = 0;  ///< of n questions of the first exam
};

/// Any of them.
template <Quiz Q>
class LiveLessons : public LiveQuiz {
 public:
  explicit LiveLessons(Q quiz) : lessons_(std::move(quiz)) {}
  const Vocabulary& vocabulary() const override { return lessons_.vocabulary(); }
  Batch sample(std::size_t B, std::size_t T, Rng& rng) const override { return lessons_.sample(B, T, rng); }
  float val_loss(const AnyModel& model, std::size_t n, std::size_t T) const override {
    return lessons_.val_loss(model, n, T);
  }
  std::string question(const std::string& asked, Rng& dice) const override {
    return asked.empty() ? lessons_.held_out(exam(), dice).question : lessons_.quiz().question(asked);
  }
  Answered ask(const AnyModel& model, const std::string& question, Rng& dice) const override {
    const std::string said = answers(model, lessons_, {question}, {exam().temperature, 0}, dice)[0];
    return {lessons_.quiz().show(question, said), lessons_.quiz().right(question, said)};
  }
  float share_right(const AnyModel& model, std::size_t n) const override {
    Exam shorter = exam();
    shorter.questions = n;
    return gpt::share_right(model, lessons_, shorter);
  }

 private:
  Exam exam() const { return lessons_.quiz().exams().at(0); }
  Lessons<Q> lessons_;
};

/// A chapter's quiz, or null if the chapter learns from a text. @param stage 0 sorts, 1 adds, 2 draws
inline std::unique_ptr<LiveQuiz> live_quiz(std::size_t chapter, std::size_t stage) {
  if (chapter != 10) return nullptr;
  if (stage == 0) return std::make_unique<LiveLessons<Sort>>(Sort());
  if (stage == 1) return std::make_unique<LiveLessons<Add>>(Add());
  return std::make_unique<LiveLessons<Draw>>(Draw());
}

}  // namespace gpt
