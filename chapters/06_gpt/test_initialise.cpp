#include "06_gpt/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "02_self_attention/transformer_language_model.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// One weight of each kind, none of them where it should start.
Parameters one_of_each() {
  const auto large = [] { return Tensor::full({200, 200}, 7); };
  const auto small = [] { return Tensor::full({50}, 7); };
  return {{"token_embedding.weight", large()},
          {"blocks.0.norm_1.gain", small()},
          {"blocks.0.norm_1.bias", small()},
          {"blocks.0.attention.query.weight", large()},
          {"blocks.0.attention.projection.weight", large()},
          {"blocks.0.attention.projection.bias", small()},
          {"blocks.0.feed_forward.hidden.weight", large()},
          {"blocks.0.feed_forward.hidden.bias", small()},
          {"blocks.0.feed_forward.projection.weight", large()},
          {"output.weight", large()}};
}

double average(const Tensor& x) {
  double total = 0;
  for (const float value : x.values()) total += value;
  return total / static_cast<double>(x.size());
}

double deviation(const Tensor& x) {
  double squares = 0;
  for (const float value : x.values()) squares += static_cast<double>(value) * value;
  return std::sqrt(squares / static_cast<double>(x.size()));
}

std::string text(double x) { return std::to_string(x).substr(0, 6); }

/// 40,000 draws show a standard deviation to within about half a hundredth of itself.
bool near(double a, double b) { return std::abs(a - b) < 0.03 * b; }

}  // namespace

TEST_CASE("initialise: gains 1, biases 0", "[ch06][initialise]") {
  const Parameters parameters = one_of_each();
  Rng rng(1);
  initialise(parameters, 8, rng);
  for (const Parameter& p : parameters) {
    if (p.name.ends_with("gain")) {
      expect_close("initialise: " + p.name + ", which must start at 1", p.tensor, Tensor::full({50}, 1));
    }
    if (p.name.ends_with("bias")) {
      expect_close("initialise: " + p.name + ", which must start at 0", p.tensor, Tensor::zeros({50}));
    }
  }
}

TEST_CASE("initialise: weights are normal with standard deviation 0.02", "[ch06][initialise]") {
  const Parameters parameters = one_of_each();
  Rng rng(2);
  initialise(parameters, 8, rng);
  for (const Parameter& p : parameters) {
    if (!p.name.ends_with("weight") || p.name.ends_with("projection.weight")) continue;
    const std::string what = "initialise: " + p.name;
    expect(std::abs(average(p.tensor)) <= 0.05 * deviation(p.tensor),
           what + ": expected mean 0, got " + text(average(p.tensor)));
    expect(near(deviation(p.tensor), 0.02),
           what + ": expected standard deviation 0.02, got " + text(deviation(p.tensor)));
    double inside =
        0;  // a normal distribution has 68.3 % within one standard deviation, a uniform one 57.7 %
    for (const float value : p.tensor.values()) inside += std::abs(value) < 0.02f;
    expect(std::abs(inside / 40000 - 0.683) < 0.015,
           what +
               ": expected a normal distribution, with 68 % of all draws "
               "within 0.02, got " +
               text(100 * inside / 40000) + " %");
  }
}

TEST_CASE("initialise: projections start smaller by sqrt(2 L)", "[ch06][initialise]") {
  // L = 8 blocks add 16 results to the stream: 0.02 / sqrt(16) = 0.005. L = 2: 0.02 / sqrt(4) = 0.01.
  // Seen over all L before it is named: one L alone may fit a formula that is not there.
  struct Projection {
    std::string what;
    std::size_t L;
    double got, expected;
  };
  std::vector<Projection> all;
  for (const std::size_t L : {8, 2, 5}) {
    const Parameters parameters = one_of_each();
    Rng rng(3);
    initialise(parameters, L, rng);
    for (const Parameter& p : parameters) {
      if (!p.name.ends_with("projection.weight")) continue;
      const double expected = 0.02 / std::sqrt(2.0 * static_cast<double>(L));
      all.push_back({"initialise: " + p.name + ", L = " + std::to_string(L) +
                         ": expected standard deviation 0.02 / sqrt(2 L) = " + text(expected),
                     L, deviation(p.tensor), expected});
    }
  }
  const auto all_are = [&](auto wrong) {
    return std::all_of(all.begin(), all.end(), [&](const Projection& p) { return near(p.got, wrong(p)); });
  };
  expect(!all_are([](const Projection&) { return 0.02; }),
         all[0].what + ", got 0.02: the projections are not scaled, and 2 L of them add up");
  expect(!all_are([](const Projection& p) { return p.expected * std::sqrt(2.0); }),
         all[0].what + ", got 0.02 / sqrt(L): each block adds to the stream twice");
  expect(!all_are([&](const Projection&) { return all[0].got; }),
         all[0].what + ", got " + text(all[0].got) + " for L = 8 and for every other L: L is not used");
  for (const Projection& p : all) expect(near(p.got, p.expected), p.what + ", got " + text(p.got));
}

TEST_CASE("initialise: the dice are the ones that came in", "[ch06][initialise]") {
  const Parameters first = one_of_each(), second = one_of_each(), third = one_of_each();
  Rng rng(4), same(4);
  initialise(first, 8, rng);
  initialise(second, 8, same);
  initialise(third, 8, rng);
  expect_close("initialise: output.weight, from another Rng with the same seed", second.back().tensor,
               first.back().tensor);
  expect(third.back().tensor.values()[0] != first.back().tensor.values()[0],
         "initialise: two models from one Rng are the same: draw from the Rng that came in, not from a copy "
         "of it");
  expect(first[0].tensor.values()[0] != first[3].tensor.values()[0],
         "initialise: two weights of one model have the same numbers");
}

TEST_CASE("initialise: the first loss is ln 65", "[ch06][initialise]") {
  // 65 characters, none likelier than another: -ln(1 / 65) = 4.174.
  const std::size_t V = 65, T = 16, C = 32, L = 3;
  Rng rng(5);
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < L; ++l) blocks.emplace_back(C, /*H=*/4, rng);
  const TransformerLanguageModel model(V, T, C, Stack(blocks, LayerNorm(C)), rng);
  initialise(model.parameters(), L, rng);
  Tokens tokens{4, T, {}}, targets{4, T, {}};
  for (int i = 0; i < 64; ++i) {
    tokens.ids.push_back(i * 7 % 65);
    targets.ids.push_back(i * 11 % 65);
  }
  expect_close("initialise: the first loss of a model with 65 characters, ln 65",
               cross_entropy(model(tokens), targets).item(), std::log(65.0f), 0.1f / std::log(65.0f));
}
