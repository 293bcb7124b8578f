#include "10_other_sequences/quiz.hpp"

#include <set>
#include <string>

#include "10_other_sequences/add.hpp"
#include "10_other_sequences/brackets.hpp"
#include "10_other_sequences/draw.hpp"
#include "10_other_sequences/sort.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

static_assert(Quiz<Sort> && Quiz<Add> && Quiz<Draw> && Quiz<Brackets>);

TEST_CASE("held_out: about half of all keys, of whatever kind, and the same ones every time",
          "[ch10][quiz]") {
  std::size_t sums = 0, words = 0;
  for (int i = 0; i < 10000; ++i) {
    sums += held_out(std::to_string(i) + "+7");
    words += held_out("a" + std::string(static_cast<std::size_t>(i % 100), 'b') + std::to_string(i));
    CHECK(held_out(std::to_string(i)) == held_out(std::to_string(i)));
  }
  CHECK(sums > 4700);
  CHECK(sums < 5300);
  CHECK(words > 4700);
  CHECK(words < 5300);
}

/// What a training run of n examples sees, and what n questions of every exam ask: no key is in both.
template <Quiz Q>
void check_disjoint(const Q& quiz, std::size_t n) {
  INFO(quiz.name());
  Rng rng(1);
  std::set<std::string> learned, asked;
  for (std::size_t i = 0; i < n; ++i)
    learned.insert(quiz.key(draw(
        quiz, [&](Rng& dice) { return quiz.example(dice); }, Part::train, rng)));
  for (const Exam& exam : quiz.exams())
    for (std::size_t i = 0; i < n / 20; ++i) asked.insert(quiz.key(draw(quiz, exam.example, Part::val, rng)));
  CHECK(learned.size() > 100);
  CHECK(asked.size() > 100);
  for (const std::string& key : asked) {
    if (learned.contains(key)) FAIL_CHECK("asked and learned: " << key);
  }
}

TEST_CASE("quizzes: nothing that is asked was ever learned from", "[ch10][quiz]") {
  check_disjoint(Sort(), 20000);
  check_disjoint(Add(), 20000);
  check_disjoint(Draw(), 5000);
  check_disjoint(Brackets(), 20000);
}

/// Every example of every exam is right by the quiz's own judgement, in its symbols and within its length.
template <Quiz Q>
void check_examples(const Q& quiz) {
  INFO(quiz.name());
  Rng rng(2);
  const auto check = [&](const Example& e) {
    INFO(e.question + " " + e.answer);
    CHECK(quiz.right(e.question, e.answer));
    CHECK_FALSE(quiz.right(e.question, e.answer + e.answer + "x"));
    std::size_t length = 0;
    const std::string all = e.question + e.answer;
    for (const char32_t c : Characters(all)) {
      CHECK(std::string(quiz.symbols()).find(to_utf8(c)) != std::string::npos);
      ++length;
    }
    CHECK(length <= quiz.longest());
    CHECK_FALSE(quiz.show(e.question, e.answer).empty());
  };
  for (int i = 0; i < 100; ++i) check(quiz.example(rng));
  for (const Exam& exam : quiz.exams())
    for (int i = 0; i < 20; ++i) check(exam.example(rng));
}

TEST_CASE("quizzes: their examples are right, and made of what they say", "[ch10][quiz]") {
  check_examples(Sort());
  check_examples(Add());
  check_examples(Add(Digits::forward));
  check_examples(Draw());
  check_examples(Brackets());
}

}  // namespace
}  // namespace gpt
