#include "07_since_the_paper/sprint.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("straight_to_zero: two straight lines, up to the highest rate and down to 0", "[ch07][sprint]") {
  // 3 steps up, and 10 in all: down goes 10/10, 9/10, ... 1/10, up 1/4, 2/4, 3/4, 4/4.
  const std::vector<float> shares{0.25f, 0.5f, 0.75f, 0.7f, 0.6f, 0.5f, 0.4f, 0.3f, 0.2f, 0.1f, 0.0f, 0.0f};
  for (size_t step = 0; step < shares.size(); ++step) {
    INFO("step " << step);
    CHECK_THAT(straight_to_zero(step, 10, /*highest=*/2.0f, /*warm_up=*/3),
               Catch::Matchers::WithinAbs(2.0f * shares[step], 1e-6));
  }
  CHECK(straight_to_zero(0, 10, 2.0f, /*warm_up=*/0) == 2.0f);
}

TEST_CASE("ModernGPT: with projections of 0 it begins by finding all tokens equally likely",
          "[ch07][sprint]") {
  const ModernSizes sizes{.V = 11, .block_size = 7, .C = 12, .H = 3, .L = 2, .hidden = 10};
  const Tokens tokens{1, 4, {3, 1, 4, 1}};
  Design design{
      .feed_forward = FeedForwardKind::relu_squared, .G = 3, .tied = false, .zero_projections = true};
  Rng rng(1);
  const ModernGPT model(sizes, design, rng);
  expect_close("logits", model(tokens), Tensor::zeros({1, 4, 11}), /*tolerance=*/0);
  size_t zeros = 0;
  for (const Parameter& p : model.parameters()) {
    bool all_zero = true;
    for (const float w : p.tensor.values()) all_zero = all_zero && w == 0.0f;
    zeros += all_zero;
  }
  CHECK(zeros == 2 * 2 + 1);  // two projections a block, and the output
  // And yet it learns: the output layer, whose inputs are not 0, gets a gradient.
  cross_entropy(model(tokens), Tokens{1, 4, {1, 4, 1, 5}}).backward();
  CHECK_FALSE(model.parameters().back().tensor.grad().empty());
}

TEST_CASE("sprint_sizes: between the small and the lecture's", "[ch07][sprint]") {
  Rng rng(1);
  const Design design{.feed_forward = FeedForwardKind::relu_squared, .G = 4, .tied = false};
  CHECK(count(ModernGPT(sprint_sizes(65), design, rng).parameters()) == 1'251'360);
}
