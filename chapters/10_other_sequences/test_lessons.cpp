#include "10_other_sequences/lessons.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "01_bigram/train.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "10_other_sequences/add.hpp"
#include "10_other_sequences/answers.hpp"
#include "10_other_sequences/sort.hpp"
#include "common/nn/adamw.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

static_assert(Task<Lessons<Sort>>);

/// A fourth task, as short as one can be: the question backwards. About forty lines, in one place.
class Backwards {
 public:
  std::string name() const { return "backwards"; }
  std::string symbols() const { return "abcdef|"; }
  size_t longest() const { return 7; }
  Example example(Rng& rng) const {
    std::string text;
    while (text.size() < 3) text += "abcdef"[rng.below(6)];
    return {text + "|", {text.rbegin(), text.rend()}};
  }
  std::string key(const Example& e) const { return e.question; }
  std::vector<Exam> exams() const {
    return {{"are backwards", [this](Rng& rng) { return example(rng); }, 0, 200}};
  }
  std::string question(const std::string& asked) const {
    if (asked.size() != 3 || asked.find_first_not_of("abcdef") != std::string::npos)
      throw std::invalid_argument("expected three letters from a to f, got \"" + asked + "\"");
    return asked + "|";
  }
  bool right(const std::string& question, const std::string& answer) const {
    return answer == std::string(question.rbegin() + 1, question.rend());
  }
  std::string show(const std::string& question, const std::string& answer) const { return question + answer; }
};

std::string text(const Lessons<Add>& lessons, const Tokens& tokens, std::size_t row) {
  const auto begin = tokens.ids.begin() + static_cast<std::ptrdiff_t>(row * tokens.T);
  return lessons.vocabulary().decode({begin, begin + static_cast<std::ptrdiff_t>(tokens.T)});
}

TEST_CASE("Lessons: aligned rows begin where an example does, and only its answer counts",
          "[ch10][lessons]") {
  const Lessons<Add> lessons{Add()};
  Rng rng(1);
  const Batch batch = lessons.sample(20, 15, rng);
  REQUIRE(batch.inputs.B == 20);
  for (std::size_t b = 0; b < 20; ++b) {
    const std::string row = text(lessons, batch.inputs, b);
    INFO(row);
    CHECK(row[3] == '+');
    CHECK(row[7] == '=');
    CHECK(row.substr(12) == "\n\n\n");
    for (std::size_t t = 0; t < 15; ++t) {
      const int target = batch.targets.ids[b * 15 + t];
      CHECK((target == no_target) == (t < 7 || t > 11));
      if (target != no_target) CHECK(target == batch.inputs.ids[b * 15 + t + 1]);
    }
  }
}

TEST_CASE("Lessons: windows of a text begin anywhere, and all of them counts", "[ch10][lessons]") {
  const Lessons<Add> lessons(Add(Digits::forward), Windows::text, Counts::all);
  Rng rng(1);
  const Batch batch = lessons.sample(200, 15, rng);
  std::vector<std::size_t> equals(15, 0);
  for (std::size_t b = 0; b < 200; ++b) {
    const std::size_t at = text(lessons, batch.inputs, b).find('=');
    REQUIRE(at < 13);  // a line has 13 characters
    ++equals[at];
  }
  for (std::size_t t = 0; t < 13; ++t) CHECK(equals[t] > 2);  // 200 / 13 = 15 each
  CHECK(std::count(batch.targets.ids.begin(), batch.targets.ids.end(), no_target) == 0);
}

TEST_CASE("Lessons: what is learned from and what validates share no sum, in either order",
          "[ch10][lessons]") {
  const Add add;
  const Lessons<Add> lessons{add};
  Rng rng(4);
  const Batch train = lessons.batch(Part::train, 500, 15, rng), val = lessons.batch(Part::val, 500, 15, rng);
  for (std::size_t b = 0; b < 500; ++b) {
    CHECK_FALSE(held_out(add.key({text(lessons, train.inputs, b).substr(0, 8), ""})));
    CHECK(held_out(add.key({text(lessons, val.inputs, b).substr(0, 8), ""})));
  }
}

TEST_CASE("Lessons: a model that knows nothing loses ln V, and the look is the same each time",
          "[ch10][lessons]") {
  const Lessons<Backwards> lessons{Backwards()};
  Rng rng(1);
  const GPTLanguageModel model({lessons.vocabulary().size(), 8, 16, 2, 1, 0.0f}, rng);
  const float loss = lessons.val_loss(model, 50, 8);
  CHECK(std::abs(loss - std::log(8.0f)) < 0.1f);  // six letters, the bar, and the end of a line
  CHECK(loss == lessons.val_loss(model, 50, 8));
  CHECK(loss != lessons.train_loss(model, 50, 8));
}

TEST_CASE("answers: a fourth task is learned by chapter 6's model, and held-out questions are answered",
          "[ch10][answers]") {
  const Lessons<Backwards> lessons{Backwards()};
  Rng rng(1);
  const GPTLanguageModel model({lessons.vocabulary().size(), 8, 32, 4, 2, 0.0f}, rng);
  const Exam exam = lessons.quiz().exams()[0];
  CHECK(share_right(model, lessons, exam) < 0.1f);  // it knows nothing yet
  AdamW optimizer(model.parameters(), {});
  train(model, optimizer, lessons, {32, 8, 250, [](std::size_t) { return 5e-3f; }}, rng,
        [](float) { return true; });
  CHECK(share_right(model, lessons, exam) > 0.95f);
  // One at a time, by chapter 1's generate(), it says the same.
  Rng unused(0);
  const std::string question = lessons.held_out(exam, rng).question;
  const std::vector<int> said =
      generate<GPTLanguageModel>(model, lessons.vocabulary().encode(question), 4, {0, 0}, unused);
  CHECK(lessons.vocabulary().decode(said) ==
        question + answers(model, lessons, {question}, {0, 0}, unused)[0] + "\n");
}

TEST_CASE("answers: refuses questions of two lengths, and one that the model cannot hold",
          "[ch10][answers]") {
  const Lessons<Backwards> lessons{Backwards()};
  Rng rng(1);
  const GPTLanguageModel model({lessons.vocabulary().size(), 8, 16, 2, 1, 0.0f}, rng);
  CHECK(message_of<std::invalid_argument>([&] {
          answers(model, lessons, {"abc|", "ab|"}, {0, 0}, rng);
        }) == "answers: questions must be of one length, from 1 to 8, got 4 and 3");
  CHECK(message_of<std::invalid_argument>([&] {
          answers(model, lessons, {"abcabcabc"}, {0, 0}, rng);
        }) == "answers: questions must be of one length, from 1 to 8, got 9 and 9");
  CHECK(answers(model, lessons, {}, {0, 0}, rng).empty());
}

TEST_CASE("answers: end where the context does, if nothing else ends them", "[ch10][answers]") {
  const Lessons<Backwards> lessons{Backwards()};
  Rng rng(1);
  const GPTLanguageModel model({lessons.vocabulary().size(), 8, 16, 2, 1, 0.0f}, rng);
  for (int i = 0; i < 20; ++i) CHECK(answers(model, lessons, {"abc|"}, {1, 0}, rng)[0].size() <= 5);
}

}  // namespace
}  // namespace gpt
