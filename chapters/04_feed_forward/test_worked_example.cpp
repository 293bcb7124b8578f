/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <vector>

#include "04_feed_forward/feed_forward.hpp"
#include "04_feed_forward/gelu_by_hand.hpp"
#include "04_feed_forward/relu_by_hand.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

namespace gpt {
namespace {

const std::vector<float> cases = {0, 0, 1, 0, 0, 1, 1, 1};  // a, b

TEST_CASE("chapter 4's text: two linear layers are one", "[ch04][docs]") {
  Rng rng(1);
  const Tensor x = Tensor::normal({2, 4}, 1.0f, rng);
  const Tensor first = Tensor::normal({4, 6}, 1.0f, rng), second = Tensor::normal({6, 3}, 1.0f, rng);
  expect_close("(x @ first) @ second", matmul(matmul(x, first), second), matmul(x, matmul(first, second)));
}

TEST_CASE("chapter 4's text: two units for both, at least one, exactly one", "[ch04][docs]") {
  Rng rng(1);
  const FeedForward units(/*C=*/2, /*hidden=*/2, rng);
  set_weight(units.parameters(), "hidden.weight", {1, 1, 1, 1});
  set_weight(units.parameters(), "hidden.bias", {0, -1});
  const Tensor hidden = units(Tensor::from({1, 4, 2}, cases));
  expect_close("the units", hidden, {0, 0, 1, 0, 1, 0, 2, 1});
  expect_close("both", matmul(hidden, Tensor::from({2, 1}, {0, 1})), {0, 0, 0, 1});
  expect_close("at least one", matmul(hidden, Tensor::from({2, 1}, {1, -1})), {0, 1, 1, 1});
  expect_close("exactly one", matmul(hidden, Tensor::from({2, 1}, {1, -2})), {0, 1, 1, 0});
}

TEST_CASE("chapter 4's text: the best sum of votes for exactly one says 1/2 four times", "[ch04][docs]") {
  // At the best weights, the gradient of the squared error is 0.
  const Tensor votes = Tensor::zeros({2, 1}).require_grad(), offset = Tensor::full({1}, 0.5f).require_grad();
  const Tensor error =
      linear(Tensor::from({4, 2}, cases), votes, offset) - Tensor::from({4, 1}, {0, 1, 1, 0});
  sum(error * error).backward();
  expect_close("slope of the votes", Tensor::from({2}, votes.grad()), std::vector<float>{0, 0});
  expect_close("slope of the offset", offset.grad()[0], 0);
}

TEST_CASE("chapter 4's text: the gates of ReLU", "[ch04][docs]") {
  const Tensor x = Tensor::from({4}, {-2, -0.5f, 0.5f, 3}).require_grad();
  const Tensor y = relu_by_hand(x);
  sum(y * Tensor::from({4}, {10, 20, -30, 40})).backward();
  expect_close("y", y, {0, 0, 0.5f, 3});
  expect_close("dx", Tensor::from({4}, x.grad()), {0, 0, -30, 40});
}

TEST_CASE("chapter 4's text: the slope of GELU at 1", "[ch04][docs]") {
  const Tensor x = Tensor::from({1}, {1}).require_grad();
  const Tensor y = gelu_by_hand(x);
  sum(y).backward();
  expect_close("gelu(1)", y, {0.8412f}, 5e-5f);
  expect_close("its slope", x.grad()[0], 1.0830f, 5e-5f);

  const Tensor around = gelu_by_hand(Tensor::from({2}, {0.999f, 1.001f}));
  expect_close("gelu(0.999), gelu(1.001)", around, {0.840109f, 0.842275f}, 1e-6f);
  expect_close("a nudge", (around.at({1}) - around.at({0})) / 0.002f, 1.083f, 1e-3f);
}

}  // namespace
}  // namespace gpt
