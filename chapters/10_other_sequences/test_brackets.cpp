#include "10_other_sequences/brackets.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "10_other_sequences/lessons.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

static_assert(Quiz<Brackets>);

TEST_CASE("Brackets: closes the last that was opened first", "[ch10][brackets][right]") {
  const Brackets quiz;
  expect(!quiz.right("([:", ")]"),
         "Brackets::right: ([ is closed in the order in which it was opened; the last opened comes first");
  expect(!quiz.right("([:", "])]"), "Brackets::right: more is closed than was opened");
  expect(!quiz.right("([:", "]"), "Brackets::right: an answer is right although something is still open");
  expect(!quiz.right("([:", "))"), "Brackets::right: round brackets close square ones");
  expect(quiz.right("([:", "])"), "Brackets::right: ([ should be closed by ])");
  expect(quiz.right("(()[:", "])"),
         "Brackets::right: (()[ should be closed by ]): what is closed already is not open");
  expect(quiz.right("[](((:", ")))"), "Brackets::right: []((( should be closed by )))");
  expect(quiz.right("(()):", ""), "Brackets::right: nothing is open in (()), so nothing is the answer");
}

TEST_CASE("Brackets: the dice are those that are passed in", "[ch10][brackets][example]") {
  const Brackets quiz;
  const auto twenty = [&](std::uint64_t seed) {
    Rng rng(seed);
    std::string questions;
    for (int i = 0; i < 20; ++i) questions += quiz.example(rng).question;
    return questions;
  };
  const std::string once = twenty(4);
  expect(once != twenty(5),
         "Brackets::example: the questions are the same whatever the generator that is passed in");
  expect(once == twenty(4),
         "Brackets::example: a generator with the same seed makes other questions the second time");
}

TEST_CASE("Brackets: an example is a question of eight brackets and its right answer",
          "[ch10][brackets][example]") {
  const Brackets quiz;
  Rng rng(1);
  std::size_t closed_ones = 0, square = 0, longest = 0;
  for (int i = 0; i < 300; ++i) {
    const Example e = quiz.example(rng);
    expect(e.question.size() == 9 && e.question.back() == ':',
           "Brackets::example: a question has eight brackets and a colon, got " + e.question);
    expect(quiz.right(e.question, e.answer),
           "Brackets::example: " + e.answer + " is not the right answer to " + e.question);
    expect((e.question + e.answer).find_first_not_of(quiz.symbols()) == std::string::npos,
           "Brackets::symbols: something in " + e.question + e.answer + " is not among them");
    expect((e.question + e.answer).size() <= quiz.longest(),
           "Brackets::longest: " + e.question + e.answer + " is longer");
    longest = std::max(longest, e.answer.size());
    closed_ones += e.question.find_first_of(")]") != std::string::npos;
    square += e.question.find('[') != std::string::npos;
  }
  expect(closed_ones > 100, "Brackets::example: questions hold opening brackets alone, which is easy");
  expect(square > 100, "Brackets::example: there are hardly any square brackets");
  expect(longest > 4, "Brackets::example: there is never much to close");
}

TEST_CASE("Brackets: the question alone decides on which side an example is", "[ch10][brackets][key]") {
  const Brackets quiz;
  const Example e{"()((((((:", "))))))"}, other{"[]((((((:", "))))))"};
  expect(quiz.key(e) == quiz.key(Example{e.question, e.answer}),
         "Brackets::key: the same example has two keys, so it could be held out and learned from");
  expect(quiz.key(e) != quiz.key(other), "Brackets::key: two questions have one key, so all are on one side");
}

TEST_CASE("Brackets: examines what can be held out", "[ch10][brackets][exams]") {
  const Brackets quiz;
  expect(!quiz.exams().empty(), "Brackets::exams: there is none, so nobody knows how good a model is");
  Rng rng(3);
  for (const Exam& exam : quiz.exams()) {
    std::set<std::string> questions;
    for (int i = 0; i < 20; ++i) {
      const Example e = exam.example(rng);
      expect(quiz.right(e.question, e.answer), "Brackets::exams: an example with a wrong answer");
      questions.insert(e.question);
    }
    expect(questions.size() > 5, "Brackets::exams: of 20 questions there are only " +
                                     std::to_string(questions.size()) + " different ones");
    draw(quiz, exam.example, Part::val, rng);  // which finds one that is held out
  }
}

TEST_CASE("Brackets: a question from a person is completed, or refused in a sentence",
          "[ch10][brackets][question]") {
  const Brackets quiz;
  expect_equal("Brackets::question of (([", quiz.question("((["), "(([:");
  expect_equal("Brackets::question of eight brackets", quiz.question("[[](((()"), "[[](((():");
  for (const std::string wrong : {"", "(]", ")", "hello", "(((((((((", "([)]"})
    expect_error(
        "Brackets::question of \"" + wrong + "\"", [&] { quiz.question(wrong); }, "got \"" + wrong + "\"");
  expect_equal("Brackets::show", quiz.show("((:", "))"), "((:))");
}
