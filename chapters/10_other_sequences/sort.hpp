/// @file sort.hpp
/// Chapter 10. A first task that is no text: six digits, or six letters, in order.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// "392817>123789", "orange>aegnor". Whoever was taught one order of six symbols has been taught all, so these go to
/// training together or not at all.
class Sort {
 public:
  static constexpr size_t most = 8;  ///< how many symbols can be asked

  /// @param lengths how many symbols there are in training: one of these each time
  explicit Sort(std::vector<size_t> lengths = {6}) : lengths_(std::move(lengths)) {}

  std::string name() const { return "sort"; }                     ///< what reports call it
  std::string symbols() const { return digits + letters + ">"; }  ///< what it writes with
  size_t longest() const { return 2 * most + 1; }                 ///< characters of its longest example

  /// Any one, to learn from.
  Example example(Rng& rng) const {
    const std::string& from = rng.below(2) == 0 ? digits : letters;
    return of(from, lengths_[rng.below(lengths_.size())], rng);
  }
  /// By which examples are held out.
  std::string key(const Example& e) const { return e.answer; }

  /// What is examined at the end.
  std::vector<Exam> exams() const {
    const auto exam = [](const std::string& name, const std::string& from, size_t n) {
      return Exam{name, [from, n](Rng& rng) { return of(from, n, rng); }};
    };
    std::vector<Exam> all{exam("of 6 digits are sorted", digits, 6), exam("of 6 letters", letters, 6),
                          exam("of 6 from both, which training never mixes", digits + letters, 6)};
    for (const size_t n : {4, 5, 7, 8})
      all.push_back(exam("of " + std::to_string(n) + " letters", letters, n));
    return all;
  }

  /// @throws std::invalid_argument unless it is 1 to 8 digits and small letters
  std::string question(const std::string& asked) const {
    if (asked.empty() || asked.size() > most ||
        asked.find_first_not_of(digits + letters) != std::string::npos) {
      throw std::invalid_argument("expected 1 to " + std::to_string(most) +
                                  " digits or small letters, such as 392817, got \"" + asked + "\"");
    }
    return asked + ">";
  }

  /// Is this the answer?
  bool right(const std::string& question, const std::string& answer) const {
    return answer == sorted(question.substr(0, question.size() - 1));
  }
  /// Both, for a person.
  std::string show(const std::string& question, const std::string& answer) const { return question + answer; }

 private:
  static std::string sorted(std::string symbols) {
    std::sort(symbols.begin(), symbols.end());
    return symbols;
  }
  static Example of(const std::string& from, size_t n, Rng& rng) {
    std::string symbols;
    while (symbols.size() < n) symbols += from[rng.below(from.size())];
    return {symbols + ">", sorted(symbols)};
  }

  std::vector<size_t> lengths_;
  static inline const std::string digits = "0123456789", letters = "abcdefghijklmnopqrstuvwxyz";
};

}  // namespace gpt
