/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "01_bigram/sample.hpp"
#include "01_bigram/top_k.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/stack.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/initialise.hpp"
#include "06_gpt/schedule.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 6's text: where a block's parameters are", "[ch06][docs]") {
  Rng rng(1);
  for (const std::size_t C : {64, 128, 384}) {
    CHECK(count(Block(C, 4, rng).parameters()) == 12 * C * C + 10 * C);
  }
  CHECK(count(Block(64, 4, rng).parameters()) == 49792);
}

Tokens random_tokens(std::size_t B, std::size_t T, std::size_t V, Rng& rng) {
  Tokens tokens{B, T, {}};
  for (std::size_t i = 0; i < B * T; ++i)
    tokens.ids.push_back(static_cast<int>(rng.uniform() * static_cast<float>(V)));
  return tokens;
}

// The first loss of ten models.
template <class Make>
float first_loss(std::size_t T, Make make) {
  const NoGrad no_grad;
  float total = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Rng rng(seed);
    const auto model = make(rng);
    total += cross_entropy(model(random_tokens(16, T, 65, rng)), random_tokens(16, T, 65, rng)).item();
  }
  return total / 10;
}

TEST_CASE("chapter 6's text: the first loss is ln V and half the logits' variance", "[ch06][docs]") {
  const float undecided = std::log(65.0f);
  expect_close("ln 65", undecided, 4.174f, 1e-4f);

  const float small = first_loss(32, [](Rng& rng) {
    return GPTLanguageModel({/*V=*/65, /*block_size=*/32, /*C=*/64, /*H=*/4, /*L=*/4, 0.0f}, rng);
  });
  const float sigma = 0.02f * std::sqrt(64.0f);
  expect_close("a logit's standard deviation", sigma, 0.16f);
  expect_close("GPT, small", small, undecided + sigma * sigma / 2, 0.003f);

  const float chapter_5 = first_loss(8, [](Rng& rng) {
    std::vector<Block> blocks;
    for (int l = 0; l < 3; ++l) blocks.emplace_back(32, 4, rng);
    return TransformerLanguageModel(65, 8, 32, Stack(blocks, LayerNorm(32)), rng);
  });
  expect_close("chapter 5's model", chapter_5, undecided + 1 / 6.0f, 0.01f);
}

// How much larger the stream is after L fresh blocks than before them.
float growth(std::size_t L, bool scaled) {
  constexpr std::size_t C = 64;
  const NoGrad no_grad;
  Rng rng(1);
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < L; ++l) blocks.emplace_back(C, 4, rng);
  const Stack stack(blocks);
  initialise(stack.parameters(), L, rng);
  for (const Parameter& p : stack.parameters()) {
    if (scaled || !p.name.ends_with("projection.weight")) continue;
    for (float& w : p.tensor.mutable_values()) w *= std::sqrt(2.0f * static_cast<float>(L));
  }
  const Tensor x = Tensor::normal({4, 16, C}, 0.02f * std::sqrt(2.0f), rng), y = stack(x);
  return std::sqrt(mean(y * y).item() / mean(x * x).item());
}

TEST_CASE("chapter 6's text: smaller projections keep a deep stream level", "[ch06][docs]") {
  expect_close("4 blocks", growth(4, true), 1.34f, 0.05f);
  expect_close("16 blocks", growth(16, true), 1.42f, 0.05f);
  expect_close("4 blocks, not scaled", growth(4, false), 2.7f, 0.1f);
  expect_close("16 blocks, not scaled", growth(16, false), 6.1f, 0.1f);
}

TEST_CASE("chapter 6's text: warm-up and cosine of the laptop's run", "[ch06][docs]") {
  const auto rate = [](std::size_t step) { return 1000 * cosine_schedule(step, 2000, 1e-3f, 100); };
  expect_close("step 0", rate(0), 0.0099f, 1e-4f);
  expect_close("step 49", rate(49), 0.495f, 1e-3f);
  expect_close("step 100", rate(100), 1);
  expect_close("step 575", rate(575), 0.868f, 1e-3f);
  expect_close("step 1050", rate(1050), 0.55f, 1e-3f);
  expect_close("step 1525", rate(1525), 0.232f, 1e-3f);
  expect_close("step 2000", rate(2000), 0.1f);

  double left = 1;  // of a weight that only decays
  for (std::size_t step = 0; step < 2000; ++step) left *= 1 - 0.1 * cosine_schedule(step, 2000, 1e-3f, 100);
  expect_close("a weight that nobody needs", static_cast<float>(left), 0.9f, 0.01f);
}

TEST_CASE("chapter 6's text: four characters at three temperatures, and the two likeliest", "[ch06][docs]") {
  const std::vector<float> logits{std::log(8.0f), std::log(4.0f), std::log(2.0f), 0};
  const auto shares = [&](float temperature) {
    return Tensor::from({4}, probabilities(logits, temperature));
  };
  expect_close("at 1", shares(1), {8 / 15.0f, 4 / 15.0f, 2 / 15.0f, 1 / 15.0f});
  expect_close("at 1/2", shares(0.5f), {64 / 85.0f, 16 / 85.0f, 4 / 85.0f, 1 / 85.0f});
  expect_close("at 2", shares(2), {.391f, .276f, .195f, .138f}, 1e-3f);
  expect_close("top 2", Tensor::from({4}, probabilities(keep_top_k(logits, 2), 1)),
               {2 / 3.0f, 1 / 3.0f, 0, 0});
}

}  // namespace
}  // namespace gpt
