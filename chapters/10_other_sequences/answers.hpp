/// @file answers.hpp
/// Chapter 10. Asking: many questions at once, and how many of the answers are right.
#pragma once

#include <stdexcept>

#include "01_bigram/generate.hpp"
#include "10_other_sequences/lessons.hpp"
#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Answers to B questions of one length. Every answer is drawn character by character, as chapter 1's generate() does,
/// but for all questions at once; it is over at its first end of a line, or where the model's context is.
/// @throws std::invalid_argument unless there is a question and all are of one length, at most model.block_size()
template <LanguageModel Model, Quiz Q>
std::vector<std::string> answers(const Model& model, const Lessons<Q>& lessons,
                                 const std::vector<std::string>& questions, Sampling sampling, Rng& rng) {
  const NoGrad no_grad;
  const size_t B = questions.size();
  std::vector<std::vector<int>> rows;
  for (const std::string& question : questions) rows.push_back(lessons.vocabulary().encode(question));
  const size_t asked = rows.empty() ? 0 : rows[0].size();
  for (const std::vector<int>& row : rows) {
    if (row.size() != asked || asked == 0 || asked > model.block_size()) {
      throw std::invalid_argument("answers: questions must be of one length, from 1 to " +
                                  std::to_string(model.block_size()) + ", got " + std::to_string(asked) +
                                  " and " + std::to_string(row.size()));
    }
  }
  std::vector<bool> over(B, false);
  for (size_t T = asked; T <= model.block_size() && std::find(over.begin(), over.end(), false) != over.end();
       ++T) {
    Tokens tokens{0, T, {}};
    for (const std::vector<int>& row : rows) append(tokens, row);
    const Tensor logits = model(tokens);  // (B, T, V)
    const size_t V = logits.size(-1);
    for (size_t b = 0; b < B; ++b) {
      const std::span<const float> last = logits.values().subspan(((b + 1) * T - 1) * V, V);
      rows[b].push_back(sample(keep_top_k(last, sampling.top_k), sampling.temperature, rng));
      if (rows[b].back() == lessons.end()) over[b] = true;
    }
  }
  std::vector<std::string> all;
  for (const std::vector<int>& row : rows) {
    const auto first = row.begin() + static_cast<std::ptrdiff_t>(asked);
    all.push_back(lessons.vocabulary().decode({first, std::find(first, row.end(), lessons.end())}));
  }
  return all;
}

/// The share of an exam's questions to which the model's answer is right, to its last character. All are held out.
template <LanguageModel Model, Quiz Q>
float share_right(const Model& model, const Lessons<Q>& lessons, const Exam& exam) {
  constexpr size_t at_once = 250;
  const Q& quiz = lessons.quiz();
  const size_t n = exam.questions;
  Rng rng(3);
  size_t right = 0;
  for (size_t done = 0; done < n; done += at_once) {
    std::vector<std::string> questions;
    for (size_t i = done; i < std::min(n, done + at_once); ++i)
      questions.push_back(lessons.held_out(exam, rng).question);
    const std::vector<std::string> said =
        answers(model, lessons, questions, Sampling{exam.temperature, 0}, rng);
    for (size_t i = 0; i < said.size(); ++i)
      right += exam.right ? exam.right(questions[i], said[i]) : quiz.right(questions[i], said[i]);
  }
  return float(right) / float(n);
}

}  // namespace gpt
