/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <cmath>

#include "01_bigram/loss.hpp"
#include "10_other_sequences/add.hpp"
#include "10_other_sequences/add_example.hpp"
#include "10_other_sequences/draw.hpp"
#include "10_other_sequences/sort.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 10's text: a row of a batch", "[ch10][docs]") {
  // "31>13" with 0 for the end of a line and V = 4: the ids of 1, 3 and > are 1, 2 and 3.
  Batch batch{{0, 6, {}}, {0, 6, {}}};
  add_example(batch, std::vector{2, 1, 3}, std::vector{1, 2}, 0, Counts::answer);
  expect_equal("inputs", batch.inputs.ids, {2, 1, 3, 1, 2, 0});
  expect_equal("targets", batch.targets.ids, {-1, -1, 1, 2, 0, -1});
  // A model that gives the right character of the answer 1/2, 1/4 and 1/2, and knows nothing of the question.
  std::vector<float> p(24, 0.25f);
  p[2 * 4 + 1] = 0.5f, p[2 * 4 + 0] = p[2 * 4 + 2] = p[2 * 4 + 3] = 0.5f / 3;
  p[4 * 4 + 0] = 0.5f, p[4 * 4 + 1] = p[4 * 4 + 2] = p[4 * 4 + 3] = 0.5f / 3;
  const Tensor logits = log(Tensor::from({1, 6, 4}, p));
  // (ln 2 + ln 4 + ln 2) / 3, and if all counted: (ln 4 + ln 4 + ln 2 + ln 4 + ln 2) / 5
  expect_close("the answer's loss", next_token_loss(logits, batch.targets).item(), .924f, 1e-3f);
  Batch all{{0, 6, {}}, {0, 6, {}}};
  add_example(all, std::vector{2, 1, 3}, std::vector{1, 2}, 0, Counts::all);
  expect_close("everything's loss", next_token_loss(logits, all.targets).item(), 1.109f, 1e-3f);
}

TEST_CASE("chapter 10's text: how much there is, and how much of it is given", "[ch10][docs]") {
  // Digits: as many multisets as ways to put 6 balls into 10 boxes, 15! / (6! 9!). Letters: 31! / (6! 25!).
  const auto choose = [](double n, double k) {
    return std::round(std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)));
  };
  CHECK(choose(15, 6) == 5005);
  CHECK(choose(31, 6) == 736281);
  // Sums: 1000 * 1001 / 2, where a + b and b + a are one.
  CHECK(1000 * 1001 / 2 == 500500);
  // Pictures: the loss of one who knows the rules and nothing more, per character, the end included.
  const Draw draw;
  const double faces = std::log(double(draw.of_kind('f').size())),
               houses = std::log(double(draw.of_kind('h').size()));
  expect_close("faces, nats each", float(faces), 10.345f, 1e-3f);
  expect_close("houses, nats each", float(houses), 9.283f, 1e-3f);
  expect_close("a character", float((faces + houses) / 2 / 37), .265f, 1e-3f);
}

TEST_CASE("chapter 10's text: 417 + 385, from the ones on", "[ch10][docs]") {
  CHECK(written_sum(417, 385, 3, Digits::reversed) == "2080");
  CHECK(carries(417, 385) == 2);
  // The first digit of a forward answer depends on the last ones of the question.
  CHECK(written_sum(617, 382, 3, Digits::forward)[0] == '0');
  CHECK(written_sum(617, 383, 3, Digits::forward)[0] == '1');
  CHECK(written_sum(617, 382, 3, Digits::forward) == "0999");
  CHECK(written_sum(617, 383, 3, Digits::forward) == "1000");
}

}  // namespace
}  // namespace gpt
