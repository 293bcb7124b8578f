#include "10_other_sequences/add_example.hpp"

#include <array>
#include <span>
#include <string>

#include "01_bigram/loss.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

Batch row(const std::vector<int>& question, const std::vector<int>& answer, std::size_t T, Counts counts) {
  Batch batch{{0, T, {}}, {0, T, {}}};
  add_example(batch, question, answer, /*end=*/0, counts);
  return batch;
}

// The question 5 6 7, the answer 8 9, and 0 for the end of a line.
const std::vector<int> question{5, 6, 7}, answer{8, 9};

}  // namespace

TEST_CASE("add_example: question and answer one behind the other, then ends of lines",
          "[ch10][add_example]") {
  const Batch batch = row(question, answer, 7, Counts::answer);
  expect(batch.inputs.ids != std::vector<int>{0, 0, 5, 6, 7, 8, 9},
         "add_example: the row is filled up in front; an example begins at position 0");
  expect(batch.inputs.ids != std::vector<int>{5, 6, 7, 0, 8, 9, 0},
         "add_example: there is an end of a line between question and answer; it stands behind the answer");
  expect_equal("add_example of 5 6 7 and 8 9 with T = 7: inputs", batch.inputs.ids, {5, 6, 7, 8, 9, 0, 0});
  expect_equal("add_example: rows of the inputs", static_cast<long long>(batch.inputs.B), 1);
  expect_equal("add_example: rows of the targets", static_cast<long long>(batch.targets.B), 1);
}

TEST_CASE("add_example: of the targets, the answer and its end count, and nothing else",
          "[ch10][add_example]") {
  const std::vector<int> targets = row(question, answer, 7, Counts::answer).targets.ids;
  const auto not_like = [&](const std::vector<int>& wrong, const std::string& why) {
    expect(targets != wrong, "add_example: " + why);
  };
  not_like({-1, -1, -1, 8, 9, -1, -1},
           "targets are not moved on by one: position t predicts what stands at t + 1");
  not_like({-1, -1, -1, 9, 0, -1, -1},
           "the first character of the answer does not count: the question's last position predicts it");
  not_like({-1, 7, 8, 9, 0, -1, -1}, "the question's last character counts, and it is given");
  not_like({-1, -1, 8, 9, -1, -1, -1}, "the end of the answer does not count: nobody learns when to stop");
  not_like({-1, -1, 8, 9, 0, 0, 0}, "what fills the row up counts: it would be most of the loss");
  not_like({0, 0, 8, 9, 0, 0, 0}, "0 is a character like others; no_target is what does not count");
  not_like({6, 7, 8, 9, 0, -1, -1}, "the question counts, although only the answer is to");
  not_like({6, 7, -1, -1, -1, -1, -1},
           "the question counts and the answer does not; it is the other way round");
  expect_equal("add_example of 5 6 7 and 8 9 with T = 7: targets", targets, {-1, -1, 8, 9, 0, -1, -1});
}

TEST_CASE("add_example: if all counts, the question's targets are there too", "[ch10][add_example]") {
  const std::vector<int> targets = row(question, answer, 7, Counts::all).targets.ids;
  expect(targets != std::vector<int>{-1, -1, 8, 9, 0, -1, -1},
         "add_example: with Counts::all the question is left out of the loss all the same");
  expect_equal("add_example with Counts::all: targets", targets, {6, 7, 8, 9, 0, -1, -1});
}

TEST_CASE("add_example: a row that is just full, and a question of one character", "[ch10][add_example]") {
  const Batch full = row(question, answer, 5, Counts::answer);
  expect_equal("add_example with T = 5: inputs", full.inputs.ids, {5, 6, 7, 8, 9});
  expect_equal("add_example with T = 5: targets", full.targets.ids, {-1, -1, 8, 9, 0});
  expect_equal("add_example of 5 and 8 9: targets", row({5}, answer, 3, Counts::answer).targets.ids,
               {8, 9, 0});
}

TEST_CASE("add_example: what counts goes by its place, not by its value", "[ch10][add_example]") {
  const std::vector<int> targets = row({5, 6, 5}, {6, 5}, 6, Counts::answer).targets.ids;
  expect(targets != std::vector<int>{-1, -1, -1, -1, 0, -1},
         "add_example of 5 6 5 and 6 5: characters of the answer are left out because they stand in the "
         "question, too");
  expect_equal("add_example of 5 6 5 and 6 5: targets", targets, {-1, -1, 6, 5, 0, -1});
}

TEST_CASE("add_example: an empty answer is an answer", "[ch10][add_example]") {
  const Batch batch = row({5, 6}, {}, 4, Counts::answer);
  expect_equal("add_example of 5 6 and nothing: inputs", batch.inputs.ids, {5, 6, 0, 0});
  expect_equal("add_example of 5 6 and nothing: targets, the end alone", batch.targets.ids, {-1, 0, -1, -1});
}

TEST_CASE("add_example: rows come behind each other", "[ch10][add_example]") {
  Batch batch{{0, 4, {}}, {0, 4, {}}};
  add_example(batch, std::vector{1, 2}, std::vector{3}, 0, Counts::answer);
  add_example(batch, std::vector{4}, std::vector{5, 6}, 0, Counts::answer);
  expect_equal("add_example, twice: rows", static_cast<long long>(batch.inputs.B), 2);
  expect_equal("add_example, twice: inputs", batch.inputs.ids, {1, 2, 3, 0, 4, 5, 6, 0});
  expect_equal("add_example, twice: targets", batch.targets.ids, {-1, 3, 0, -1, 5, 6, 0, -1});
}

TEST_CASE("add_example: what the model thinks of the question does not change the loss",
          "[ch10][add_example]") {
  const Batch batch = row(question, answer, 7, Counts::answer);
  const auto loss = [&](float about_the_question) {
    std::vector<float> logits(7 * 10, 0.0f);
    logits[6] = logits[10 + 7] = about_the_question;  // of 6 behind 5, and of 7 behind 6
    return next_token_loss(Tensor::from({1, 7, 10}, logits), batch.targets).item();
  };
  expect_close("the loss of a model that knows nothing", loss(0), std::log(10.0f));
  expect_close("the loss of a model that knows the question alone", loss(20), std::log(10.0f));
}

TEST_CASE("add_example: of any lengths", "[ch10][add_example]") {
  for (const auto& [asked, said, T] :
       {std::array<std::size_t, 3>{1, 1, 2}, {2, 7, 11}, {7, 2, 9}, {5, 4, 13}}) {
    for (const Counts counts : {Counts::all, Counts::answer}) {
      const int end = 90'000;
      std::vector<int> all(asked + said);
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i % 2 == 0 ? i : 10'000 * i);
      std::vector<int> inputs(T, end), targets(T, no_target);
      for (std::size_t i = 0; i < all.size(); ++i) {
        inputs[i] = all[i];
        const bool counted = counts == Counts::all || i + 1 >= asked;
        if (counted) targets[i] = i + 1 < all.size() ? all[i + 1] : end;
      }
      Batch batch{{0, T, {}}, {0, T, {}}};
      add_example(batch, std::span(all).first(asked), std::span(all).last(said), end, counts);
      const std::string what = "add_example of " + std::to_string(asked) + " and " + std::to_string(said) +
                               " with T = " + std::to_string(T) + ": ";
      expect_equal(what + "inputs", batch.inputs.ids, inputs);
      expect_equal(what + "targets", batch.targets.ids, targets);
    }
  }
}
