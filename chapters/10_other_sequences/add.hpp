/// @file add.hpp
/// Chapter 10. The second task: adding numbers of three digits.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "10_other_sequences/quiz.hpp"
#include "10_other_sequences/written_sum.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// "417+385=2080", the answer reversed. Whoever knows 417+385 knows 385+417: both go to training, or neither does.
class Add {
 public:
  static constexpr size_t taught = 3;  ///< digits of the numbers in training
  static constexpr size_t most = 4;    ///< digits of those that can be asked

  /// @param order of the digits of an answer
  explicit Add(Digits order = Digits::reversed) : order_(order) {}

  std::string name() const { return "add"; }              ///< what reports call it
  std::string symbols() const { return "0123456789+="; }  ///< what it writes with
  size_t longest() const { return 3 * most + 3; }         ///< characters of its longest example

  /// Any one, to learn from.
  Example example(Rng& rng) const { return any(0, 1000, taught, rng); }
  /// By which examples are held out.
  std::string key(const Example& e) const {
    const auto [a, b] = numbers(e.question);
    return std::to_string(std::min(a, b)) + "+" + std::to_string(std::max(a, b));
  }

  /// What is examined at the end.
  std::vector<Exam> exams() const {
    const auto with_carries = [this](size_t n) {
      return [this, n](Rng& rng) {
        Example e = example(rng);
        while (carries(numbers(e.question).first, numbers(e.question).second) != n) e = example(rng);
        return e;
      };
    };
    return {{"of sums of three digits are right", [this](Rng& rng) { return example(rng); }},
            {"of those that carry nowhere", with_carries(0)},
            {"of those that carry once", with_carries(1)},
            {"of those that carry twice", with_carries(2)},
            {"of those that carry in all three places", with_carries(3)},
            {"of sums of four digits, which training never had",
             [this](Rng& rng) { return any(1000, 10000, most, rng); }}};
  }

  /// @throws std::invalid_argument unless it is a sum of two numbers of at most four digits, "417+385"
  std::string question(const std::string& asked) const {
    const std::string sum = asked.ends_with('=') ? asked.substr(0, asked.size() - 1) : asked;
    const size_t plus = sum.find('+');
    const std::string a = sum.substr(0, plus), b = plus == std::string::npos ? "" : sum.substr(plus + 1);
    for (const std::string& number : {a, b}) {
      if (number.empty() || number.size() > most ||
          number.find_first_not_of("0123456789") != std::string::npos) {
        throw std::invalid_argument("expected a sum of two numbers of at most " + std::to_string(most) +
                                    " digits, such as 417+385, got \"" + asked + "\"");
      }
    }
    return of(std::stoul(a), std::stoul(b), std::max({taught, a.size(), b.size()})).question;
  }

  /// Is this the answer?
  bool right(const std::string& question, const std::string& answer) const {
    const auto [a, b] = numbers(question);
    return answer == written_sum(a, b, question.find('+'), order_);
  }

  /// The answer in the order in which people read it.
  std::string show(const std::string& question, const std::string& answer) const {
    return question + (order_ == Digits::forward ? answer : std::string(answer.rbegin(), answer.rend()));
  }

 private:
  Example of(size_t a, size_t b, size_t width) const {
    return {written(a, width) + "+" + written(b, width) + "=", written_sum(a, b, width, order_)};
  }
  Example any(size_t from, size_t to, size_t width, Rng& rng) const {
    const size_t a = from + rng.below(to - from);
    const size_t b = from + rng.below(to - from);
    return of(a, b, width);
  }
  static std::pair<size_t, size_t> numbers(const std::string& question) {
    const size_t plus = question.find('+');
    return {std::stoul(question.substr(0, plus)), std::stoul(question.substr(plus + 1))};
  }

  Digits order_;
};

}  // namespace gpt
