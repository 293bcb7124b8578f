/// @file quiz_task.hpp
/// Chapter 10's quizzes as tasks of its program: they make their own sequences, and their answers are right or wrong.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "program/look_inside.hpp"
#include "program/task.hpp"

namespace gpt {

/// A quiz to learn, ask and examine. `Lessons` is chapter 10's, as are the functions answers() and share_right().
template <class Lessons>
class QuizTask : public AnyTask {
 public:
  /// @param text the value of --data, which is of no use here
  QuizTask(Lessons lessons, std::string text)
      : lessons_(std::move(lessons)), tokeniser_(lessons_.vocabulary()), text_(std::move(text)) {}

  std::string name() const override { return lessons_.quiz().name(); }
  std::string describe() const override {
    return name() + " makes its own sequences, of " + std::to_string(tokeniser_.size()) +
           " different characters, and never learns from half of them" +
           (text_.empty() ? "" : "; the text of --data, " + text_ + ", is not read");
  }
  const AnyTokeniser& tokeniser() const override { return tokeniser_; }
  void require_context(std::size_t T) const override {
    const std::size_t longest = lessons_.quiz().longest();
    if (T >= longest) return;
    throw std::invalid_argument("--context " + std::to_string(T) + " is too short for " + name() +
                                ", whose longest sequences have " + std::to_string(longest) + " characters");
  }

  Batch sample(std::size_t B, std::size_t T, Rng& rng) const override { return lessons_.sample(B, T, rng); }
  /// On 500 examples of each half.
  CurvePoint look(const AnyModel& model, std::size_t T, std::size_t step) const override {
    return {step, lessons_.train_loss(model, 500, T), lessons_.val_loss(model, 500, T)};
  }
  /// On 2,000 examples of each half.
  CurvePoint evaluate(const AnyModel& model, std::size_t T, std::size_t step) const override {
    return {step, lessons_.train_loss(model, 2000, T), lessons_.val_loss(model, 2000, T)};
  }

  /// Unasked, a question of the first exam.
  std::vector<int> start(const std::string& asked) const override {
    return tokeniser_.encode(question(asked));
  }
  /// The question, and the model's own answer.
  std::vector<int> traced(const AnyModel& model, const std::string& asked) const override {
    Rng unused(0);
    const std::string asks = question(asked);
    std::vector<int> all = tokeniser_.encode(asks + answers(model, lessons_, {asks}, {0, 0}, unused)[0]);
    all.resize(std::min(all.size(), model.block_size()));
    return all;
  }
  /// Answers what was asked, or else a screenful of questions of all exams.
  void speak(const AnyModel& model, const Speech& speech, Rng& dice,
             const std::function<void(const std::string&)>& print) const override {
    const auto& quiz = lessons_.quiz();
    const auto answer = [&](const std::string& question) {
      const std::string said = answers(model, lessons_, {question}, speech.sampling, dice)[0];
      const std::string shown =
          (quiz.right(question, said) ? "right  " : "wrong  ") + quiz.show(question, said);
      print(shown + (shown.ends_with('\n') ? "" : "\n"));
      return std::pair{said.size() + 1, std::count(shown.begin(), shown.end(), '\n') + 1};
    };
    if (speech.tokens > 0 && !speech.asked.empty()) answer(question(speech.asked));
    if (!speech.asked.empty()) return;
    const auto exams = quiz.exams();
    std::size_t tokens = 0;
    std::ptrdiff_t lines = 0;
    for (std::size_t i = 0; tokens < speech.tokens && i < 10 && lines < 24; ++i) {
      const auto [more_tokens, more_lines] =
          answer(lessons_.held_out(exams[i % exams.size()], dice).question);
      tokens += more_tokens;
      lines += more_lines;
    }
  }
  std::vector<Score> scores(const AnyModel& model) const override {
    std::vector<Score> all;
    for (const auto& exam : lessons_.quiz().exams())
      all.push_back({exam.name, share_right(model, lessons_, exam)});
    return all;
  }

  /// At which block an answer is settled, where there is one right answer: of 300 questions of each exam, with the right
  /// answer in front of the model's eyes up to each character, how many characters would be right if it ended there.
  std::string examine(const AnyModel& model) const override {
    std::string text;
    for (const auto& exam : lessons_.quiz().exams()) {
      if (exam.temperature > 0) continue;
      Rng dice(4);
      std::string line;
      for (const float share : settled(model, lessons_.exam(exam, 300, model.block_size(), dice))) {
        char cell[16];
        std::snprintf(cell, sizeof cell, "%6.1f %% ", 100.0 * static_cast<double>(share));
        line += cell;
      }
      if (!line.empty()) text += line + exam.name + "\n";
    }
    return text.empty()
               ? ""
               : "\nCharacters that would be right if the model ended after block 1, 2, ...:\n" + text;
  }

 private:
  /// After each block: the share of the characters that count which the last norm and the output layer would say.
  static std::vector<float> settled(const AnyModel& model, const Batch& batch) {
    const NoGrad no_grad;
    std::vector<TracedTensor> noted;
    {
      const Trace trace;
      model(batch.inputs);
      noted = trace.noted();
    }
    std::vector<float> shares;
    const Stream stream(noted);
    for (std::size_t i = 0; i < stream.tensors.size(); ++i) {
      if (!stream.places[i].ends_with("thought")) continue;
      const std::optional<Tensor> p = lens(stream.tensors[i], model.parameters());  // (B, T, V)
      if (!p) return {};
      std::size_t right = 0, all = 0;
      for (std::size_t row = 0; row < batch.targets.ids.size(); ++row) {
        if (batch.targets.ids[row] == no_target) continue;
        const std::span<const float> said = p->values().subspan(row * p->size(-1), p->size(-1));
        right += std::max_element(said.begin(), said.end()) - said.begin() == batch.targets.ids[row];
        ++all;
      }
      shares.push_back(static_cast<float>(right) / static_cast<float>(all));
    }
    return shares;
  }

  std::string question(const std::string& asked) const {
    Rng dice(1);
    return asked.empty() ? lessons_.held_out(lessons_.quiz().exams().at(0), dice).question
                         : lessons_.quiz().question(asked);
  }

  Lessons lessons_;
  AnyTokeniser tokeniser_;
  std::string text_;
};

}  // namespace gpt
