#include "05_blocks/residual_block.hpp"

#include <string>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("ResidualBlock: the weights of its two parts", "[ch05][residual_block]") {
  Rng rng(1);
  expect_parameters("ResidualBlock(4, 2)", ResidualBlock(4, 2, rng).parameters(),
                    {{"attention.query.weight", {4, 4}},
                     {"attention.key.weight", {4, 4}},
                     {"attention.value.weight", {4, 4}},
                     {"attention.projection.weight", {4, 4}},
                     {"attention.projection.bias", {4}},
                     {"feed_forward.hidden.weight", {4, 16}},
                     {"feed_forward.hidden.bias", {16}},
                     {"feed_forward.projection.weight", {16, 4}},
                     {"feed_forward.projection.bias", {4}}});
}

TEST_CASE("ResidualBlock: with nothing to add, x and its gradient pass as they are",
          "[ch05][residual_block]") {
  Rng rng(1);
  const ResidualBlock block(4, 2, rng);
  for (const char* part : {"attention", "feed_forward"}) {
    fill_weight(block.parameters(), std::string(part) + ".projection.weight", 0);
    fill_weight(block.parameters(), std::string(part) + ".projection.bias", 0);
  }
  const Tensor x = Tensor::from({2, 3, 4}, uneven(24)).require_grad();
  const Tensor y = block(x);
  expect_close("ResidualBlock with all projections at 0", y, x);
  sum(y).backward();
  expect_close("ResidualBlock with all projections at 0: the gradient of x",
               Tensor::from(x.shape(), x.grad()), Tensor::full(x.shape(), 1));
}

TEST_CASE("ResidualBlock: x + attention(x), then that + feed_forward of that", "[ch05][residual_block]") {
  Rng rng(1);
  const ResidualBlock block(4, 1, rng);
  const Parameters p = block.parameters();
  set_uneven(p);
  const Tensor x = Tensor::from({2, 3, 4}, uneven(24));
  const Tensor attended = causal_attention(linear(x, weight(p, "attention.query.weight")),
                                           linear(x, weight(p, "attention.key.weight")),
                                           linear(x, weight(p, "attention.value.weight")));
  const Tensor read =
      x + linear(attended, weight(p, "attention.projection.weight"), weight(p, "attention.projection.bias"));
  const Tensor hidden =
      relu(linear(read, weight(p, "feed_forward.hidden.weight"), weight(p, "feed_forward.hidden.bias")));
  const Tensor thought =
      linear(hidden, weight(p, "feed_forward.projection.weight"), weight(p, "feed_forward.projection.bias"));
  expect_close("ResidualBlock against its two halves", block(x), read + thought, 1e-4f);
}

TEST_CASE("ResidualBlock: a later token never changes an earlier output", "[ch05][residual_block]") {
  Rng rng(1);
  const ResidualBlock block(4, 2, rng);
  set_uneven(block.parameters());
  expect_causal(
      "ResidualBlock(4, 2)", [&](const Tensor& x) { return block(x); }, Tensor::from({2, 4, 4}, uneven(32)));
}

TEST_CASE("ResidualBlock: its gradient is that of central differences", "[ch05][residual_block]") {
  Rng rng(1);
  const ResidualBlock block(2, 1, rng);
  set_uneven(block.parameters());
  const Tensor x = Tensor::from({1, 3, 2}, uneven(6)).require_grad();
  Parameters inputs = block.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "ResidualBlock(2, 1)", [&] { return block(x); }, inputs);
}

TEST_CASE("ResidualBlock: says when the channels cannot be shared out among the heads",
          "[ch05][residual_block]") {
  Rng rng(1);
  expect_error(
      "ResidualBlock(6, 4)", [&] { ResidualBlock(6, 4, rng); }, "C = 6 and H = 4");
}
