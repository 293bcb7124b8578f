#include "05_blocks/stack.hpp"

#include <vector>

#include "02_self_attention/transformer_language_model.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/residual_block.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// A block that is known: factor * x + offset.
struct Line {
  Tensor operator()(const Tensor& x) const { return x * factor + offset; }
  Parameters parameters() const { return collect("offset", Tensor::full({1}, offset)); }
  float factor, offset;
};

}  // namespace

TEST_CASE("Stack: the published sizes have 41,921 and 42,369 parameters", "[ch05][stack]") {
  Rng rng(1);
  std::vector<ResidualBlock> residual;
  std::vector<Block> norm;
  for (int l = 0; l < 3; ++l) {
    residual.emplace_back(32, 4, rng);
    norm.emplace_back(32, 4, rng);
  }
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Stack(residual), rng).parameters()) == 41921);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Stack(norm, LayerNorm(32)), rng).parameters()) == 42369);
}

TEST_CASE("Stack: one block after the other, the first first", "[ch05][stack]") {
  // 2 x + 0, then 1 x + 1: 3 becomes 6, then 7; the other way round it would be 8.
  const Stack stack(std::vector<Line>{{2, 0}, {1, 1}});
  const Tensor y = stack(Tensor::from({1, 1, 2}, {3, -1}));
  expect_shape("Stack of a (1, 1, 2)", y, {1, 1, 2});
  expect_close("Stack of 2 x and x + 1", y, {7, -1});
}

TEST_CASE("Stack: the norm comes last", "[ch05][stack]") {
  // (3, -1) becomes (7, -1); normed, two numbers are always 1 and -1.
  const Stack stack(std::vector<Line>{{2, 0}, {1, 1}}, LayerNorm(2));
  expect_close("Stack with a norm", stack(Tensor::from({1, 1, 2}, {3, -1})), {1, -1});
}

TEST_CASE("Stack: without blocks and norm, x passes as it is", "[ch05][stack]") {
  const Tensor x = Tensor::from({1, 2, 2}, uneven(4));
  expect_close("Stack of no block", Stack(std::vector<Line>{})(x), x);
}

TEST_CASE("Stack: the blocks' weights under their numbers, then the norm's", "[ch05][stack]") {
  const Stack stack(std::vector<Line>{{2, 0}, {1, 1}}, LayerNorm(2));
  expect_parameters(
      "Stack of two blocks and a norm", stack.parameters(),
      {{"blocks.0.offset", {1}}, {"blocks.1.offset", {1}}, {"norm.gain", {2}}, {"norm.bias", {2}}});
}

TEST_CASE("Stack: a later token never changes an earlier output", "[ch05][stack]") {
  Rng rng(1);
  const Stack stack(std::vector<Block>{Block(4, 2, rng), Block(4, 2, rng)}, LayerNorm(4));
  set_uneven(stack.parameters());
  expect_causal(
      "Stack of two blocks", [&](const Tensor& x) { return stack(x); }, Tensor::from({2, 4, 4}, uneven(32)));
}

TEST_CASE("Stack: its gradient is that of central differences", "[ch05][stack]") {
  Rng rng(1);
  const Stack stack(std::vector<ResidualBlock>{ResidualBlock(2, 1, rng), ResidualBlock(2, 1, rng)},
                    LayerNorm(2));
  set_uneven(stack.parameters());
  const Tensor x = Tensor::from({1, 2, 2}, uneven(4)).require_grad();
  Parameters inputs = stack.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "Stack of two residual blocks", [&] { return stack(x); }, inputs);
}
