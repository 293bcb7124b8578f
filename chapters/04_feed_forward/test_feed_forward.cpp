#include "04_feed_forward/feed_forward.hpp"

#include <string>
#include <utility>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// Two channels to three: W = [[1, -1, 2], [0, 1, -3]], b = (0.5, -0.5, 1).
FeedForward two_to_three() {
  Rng rng(1);
  const FeedForward feed_forward(2, 3, rng);
  set_weight(feed_forward.parameters(), "hidden.weight", {1, -1, 2, 0, 1, -3});
  set_weight(feed_forward.parameters(), "hidden.bias", {0.5f, -0.5f, 1});
  return feed_forward;
}

}  // namespace

TEST_CASE("FeedForward: one weight and one bias", "[ch04][feed_forward][constructor]") {
  Rng rng(1);
  const Parameters parameters = FeedForward(4, 6, rng).parameters();
  bool bias = false;
  for (const Parameter& parameter : parameters) bias = bias || parameter.name.ends_with("bias");
  expect(parameters.empty() || bias,
         "FeedForward(4, 6): the linear layer has no bias; relu(x W + b) needs its b");
  expect_parameters("FeedForward(4, 6)", parameters, {{"hidden.weight", {4, 6}}, {"hidden.bias", {6}}});
}

TEST_CASE("FeedForward: any batch and length, C channels to as many as there are hidden units",
          "[ch04][feed_forward][operator()]") {
  Rng rng(1);
  const FeedForward feed_forward(4, 6, rng);
  expect_shape("FeedForward(4, 6) of a (2, 3, 4)", feed_forward(Tensor::zeros({2, 3, 4})), {2, 3, 6});
  expect_shape("FeedForward(4, 6) of a (1, 1, 4)", feed_forward(Tensor::zeros({1, 1, 4})), {1, 1, 6});
}

TEST_CASE("FeedForward: numbers worked out by hand", "[ch04][feed_forward][operator()]") {
  // position 0: (1, 2) W = (1 + 0, -1 + 2, 2 - 6) = (1, 1, -4), plus b (1.5, 0.5, -3), bent (1.5, 0.5, 0)
  // position 1: (-1, 1) W = (-1, 2, -5), plus b (-0.5, 1.5, -4), bent (0, 1.5, 0)
  // position 2: (2, 0) W = (2, -2, 4), plus b (2.5, -2.5, 5), bent (2.5, 0, 5)
  const Tensor y = two_to_three()(Tensor::from({1, 3, 2}, {1, 2, -1, 1, 2, 0}));
  expect_shape("FeedForward(2, 3) of a (1, 3, 2)", y, {1, 3, 3});
  for (const float value : y.values()) {
    expect(value >= 0.0f, "FeedForward: an output is negative: ReLU is missing, or something comes after it");
  }
  expect_close("FeedForward(2, 3)", y, {1.5f, 0.5f, 0, 0, 1.5f, 0, 2.5f, 0, 5});
}

TEST_CASE("FeedForward: every position thinks for itself", "[ch04][feed_forward][operator()]") {
  const FeedForward feed_forward = two_to_three();
  const Tensor before = feed_forward(Tensor::from({1, 3, 2}, {1, 2, -1, 1, 2, 0}));
  const Tensor after = feed_forward(Tensor::from({1, 3, 2}, {1, 2, 4, 9, 2, 0}));
  expect_close("FeedForward: position 0, when position 1 changed", slice(after, 1, 0, 1),
               slice(before, 1, 0, 1));
  expect_close("FeedForward: position 2, when position 1 changed", slice(after, 1, 2, 3),
               slice(before, 1, 2, 3));
}

TEST_CASE("FeedForward: the same answer however the batch is cut", "[ch04][feed_forward][operator()]") {
  const FeedForward feed_forward = two_to_three();
  const Tensor x = Tensor::from({3, 2, 2}, uneven(12));
  const Tensor split = concatenate({feed_forward(slice(x, 0, 0, 1)), feed_forward(slice(x, 0, 1, 3))}, 0);
  expect_close("FeedForward: sequences one by one", split, feed_forward(x));
}

TEST_CASE("FeedForward: its gradient is that of central differences", "[ch04][feed_forward][operator()]") {
  const FeedForward feed_forward = two_to_three();
  const Tensor x = Tensor::from({1, 3, 2}, {1, 2, -1, 1, 2, 0}).require_grad();
  Parameters inputs = feed_forward.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "FeedForward(2, 3)", [&] { return feed_forward(x); }, inputs);
}

TEST_CASE("FeedForward: says what does not fit", "[ch04][feed_forward]") {
  Rng rng(1);
  expect_error(
      "FeedForward(4, 6) of a (2, 3)",
      [&] {
        FeedForward(4, 6, rng)(Tensor::zeros({2, 3}));
      },
      "got (2, 3)");
  expect_error(
      "FeedForward(0, 6)", [&] { FeedForward(0, 6, rng); }, "must be positive");
  expect_error(
      "FeedForward(4, 0)", [&] { FeedForward(4, 0, rng); }, "must be positive");
}

TEST_CASE("FeedForward: of any size, with any numbers", "[ch04][feed_forward][operator()]") {
  Rng rng(1);
  for (const auto& [C, hidden] : {std::pair<size_t, size_t>{3, 7}, {11, 2}, {1, 5}, {8, 8}}) {
    const FeedForward feed_forward(C, hidden, rng);
    set_uneven(feed_forward.parameters(), 1e4f / float(C));
    const Tensor x = Tensor::from({2, 3, C}, uneven(6 * C));
    const std::string what = "FeedForward(" + std::to_string(C) + ", " + std::to_string(hidden) + ")";
    const Parameters p = feed_forward.parameters();
    expect_close(what, feed_forward(x),
                 relu(linear(x, weight(p, "hidden.weight"), weight(p, "hidden.bias"))));
    Parameters inputs = p;
    append(inputs, "x", x);
    expect_pure(
        what, [&] { return feed_forward(x); }, inputs);
  }
}
