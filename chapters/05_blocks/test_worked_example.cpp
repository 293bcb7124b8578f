/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "03_multi_head_attention/batched_attention.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/dropout.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/projected.hpp"
#include "05_blocks/residual_block.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 5's text: one number through three parts, replaced and added to", "[ch05][docs]") {
  const auto part = [](const Tensor& x) { return 0.25f * x; };
  const Tensor x = Tensor::from({1}, {1}).require_grad();

  Tensor plain = x, residual = x;
  for (int i = 0; i < 3; ++i) plain = part(plain);
  for (int i = 0; i < 3; ++i) residual = residual + part(residual);
  CHECK(plain.item() == 1 / 64.0f);
  CHECK(residual.item() == 125 / 64.0f);

  sum(plain).backward();
  CHECK(x.grad()[0] == 1 / 64.0f);
  x.zero_grad();
  sum(residual).backward();
  CHECK(x.grad()[0] == 125 / 64.0f);
}

TEST_CASE("chapter 5's text: layer norm of a row, step by step", "[ch05][docs]") {
  const Tensor x = Tensor::from({1, 4}, {1, 2, 3, 6});
  const Tensor centred = x - mean(x, -1);
  expect_close("centred", centred, {-2, -1, 0, 3});
  const Tensor variance = mean(centred * centred, -1);
  expect_close("variance", variance, {3.5f});
  expect_close("its root", sqrt(variance), {1.871f}, 1e-3f);
  expect_close("normal", centred / sqrt(variance + 1e-5f), {-1.069f, -.535f, 0, 1.604f}, 1e-3f);
  const Tensor gain = Tensor::from({4}, {1, 2, 1, .5f}), bias = Tensor::from({4}, {0, 0, 1, 0});
  expect_close("y", layer_norm_by_hand(x, gain, bias), {-1.069f, -1.069f, 1, .802f}, 1e-3f);

  const Tensor larger = Tensor::from({1, 4}, {110, 120, 130, 160});
  expect_close("the same row, ten times as far apart and moved by 100",
               layer_norm_by_hand(larger, gain, bias), layer_norm_by_hand(x, gain, bias), 1e-3f);
}

TEST_CASE("chapter 5's text: dropout keeps what to expect", "[ch05][docs]") {
  Rng rng(1);
  const Tensor x = Tensor::full({10000}, 3);
  const Tensor y = dropout_by_hand(x, 0.25f, rng);
  const auto zeros = std::ranges::count(y.values(), 0.0f), fours = std::ranges::count(y.values(), 4.0f);
  CHECK(zeros + fours == 10000);
  expect_close("share that is dropped", static_cast<float>(zeros) / 10000, 0.25f, 0.05f);
  expect_close("mean", mean(y).item(), 3, 0.05f);
}

// What a stack of blocks does before any training, averaged over ten seeds.
struct Fresh {
  std::vector<float> differences;  // from position to position, before the first block and after each
  std::vector<float> sizes;        // root mean square of the stream's numbers, likewise
  std::vector<float> gradients;    // norm of that of each block's hidden.weight
  float x_gradient = 0;            // norm of that of what goes into the first block
  float loss = 0;
};

float norm(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return static_cast<float>(std::sqrt(squares));
}

// The standard deviation of a channel over all 256 positions, as a root mean square over the channels.
float difference(const Tensor& x) {
  const Tensor rows = reshape(x.detach(), {256, x.size(2)});
  const Tensor centred = rows - mean(rows, 0);
  return std::sqrt(mean(centred * centred).item());
}

float size(const Tensor& x) { return std::sqrt(mean(x.detach() * x.detach()).item()); }

// To within a tenth, however small the numbers are.
void expect_about(const std::string& what, float got, float expected) {
  expect(std::abs(got / expected - 1) < 0.1f,
         what + ": expected about " + std::to_string(expected) + ", got " + std::to_string(got));
}

template <class B>
Fresh look(std::size_t L, bool last_norm) {
  constexpr std::size_t C = 32, H = 4, V = 65;
  constexpr float seeds = 10;
  Fresh fresh{std::vector<float>(L + 1), std::vector<float>(L + 1), std::vector<float>(L)};
  for (int seed = 1; seed <= static_cast<int>(seeds); ++seed) {
    Rng rng(static_cast<std::uint64_t>(seed));
    // The sum of two embeddings, whose numbers start with standard deviation 1.
    const Tensor x = Tensor::normal({32, 8, C}, std::sqrt(2.0f), rng).require_grad();
    Tokens targets{32, 8, {}};
    for (int i = 0; i < 256; ++i) targets.ids.push_back(static_cast<int>(rng.uniform() * V));
    std::vector<B> blocks;
    for (std::size_t l = 0; l < L; ++l) blocks.emplace_back(C, H, rng);
    const Linear output(C, V, Bias::on, rng);

    Tensor stream = x;
    fresh.differences[0] += difference(stream) / seeds;
    fresh.sizes[0] += size(stream) / seeds;
    for (std::size_t l = 0; l < L; ++l) {
      stream = blocks[l](stream);
      fresh.differences[l + 1] += difference(stream) / seeds;
      fresh.sizes[l + 1] += size(stream) / seeds;
    }
    const Tensor loss = cross_entropy(output(last_norm ? LayerNorm(C)(stream) : stream), targets);
    loss.backward();
    fresh.loss += loss.item() / seeds;
    fresh.x_gradient += norm(x.grad()) / seeds;
    for (std::size_t l = 0; l < L; ++l) {
      for (const Parameter& p : blocks[l].parameters()) {
        if (p.name == "feed_forward.hidden.weight") fresh.gradients[l] += norm(p.tensor.grad()) / seeds;
      }
    }
  }
  return fresh;
}

TEST_CASE("chapter 5's text: what plain blocks lose on the way up and on the way back", "[ch05][docs]") {
  const Fresh plain = look<PlainBlock>(6, /*last_norm=*/false);
  const Fresh residual = look<ResidualBlock>(6, /*last_norm=*/false);
  for (std::size_t l = 0; l <= 6; ++l) {
    constexpr float in_plain[]{1.42f, .18f, .042f, .011f, .0029f, .0007f, .0002f};
    constexpr float in_residual[]{1.42f, 1.47f, 1.53f, 1.60f, 1.67f, 1.76f, 1.85f};
    expect_about("differences, plain", plain.differences[l], in_plain[l]);
    expect_about("differences, residual", residual.differences[l], in_residual[l]);
  }
  for (std::size_t l = 0; l < 6; ++l) {
    constexpr float in_plain[]{.00009f, .00009f, .00014f, .00036f, .0013f, .0065f};
    expect_about("gradients, plain", plain.gradients[l], in_plain[l]);
    expect_about("gradients, residual", residual.gradients[l], 0.205f);
  }
}

TEST_CASE("chapter 5's text: the gradient below three blocks, with and without residual paths",
          "[ch05][docs]") {
  const float plain = look<PlainBlock>(3, /*last_norm=*/false).x_gradient;
  const float residual = look<ResidualBlock>(3, /*last_norm=*/false).x_gradient;
  const float normed = look<Block>(3, /*last_norm=*/true).x_gradient;
  expect_about("plain", plain, 0.00036f);
  expect_about("residual", residual, 0.044f);
  expect_about("residual and norm", normed, 0.026f);
}

TEST_CASE("chapter 5's text: attention on a stream four times as large adds more than four times as much",
          "[ch05][docs]") {
  float once = 0, four_times = 0;
  for (int seed = 1; seed <= 10; ++seed) {
    Rng rng(static_cast<std::uint64_t>(seed));
    const Projected<BatchedAttention> attention(BatchedAttention(32, 4, rng), 32, 32, /*dropout=*/0.0f, rng);
    const Tensor x = Tensor::normal({32, 8, 32}, std::sqrt(2.0f), rng);
    once += size(attention(x));
    four_times += size(attention(4.0f * x));
  }
  expect_about("growth of what is added", four_times / once, 6.0f);
}

TEST_CASE("chapter 5's text: without a norm, 24 blocks begin far from undecided", "[ch05][docs]") {
  const Fresh residual = look<ResidualBlock>(24, /*last_norm=*/false);
  const std::vector<float>& sizes = residual.sizes;
  expect_about("growth of the stream in 6 blocks", sizes[6] / sizes[0], 1.4f);
  expect_about("growth of the stream in 24", sizes[24] / sizes[0], 5.9f);
  expect_about("first loss", residual.loss, 11.0f);
  expect_about("first loss with norms", look<Block>(24, /*last_norm=*/true).loss, 4.34f);
}

}  // namespace
}  // namespace gpt
