/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <cmath>
#include <utility>

#include "05_blocks/layer_norm.hpp"
#include "07_since_the_paper/grouped_query_attention.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "07_since_the_paper/norm_place.hpp"
#include "07_since_the_paper/rms_norm.hpp"
#include "07_since_the_paper/rotate.hpp"
#include "07_since_the_paper/swiglu.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 7's text: one row, two norms", "[ch07][docs]") {
  // Mean square of 1, 2, 3, 4: 7.5, its root 2.739. Mean 2.5, variance 1.25.
  const Tensor x = Tensor::from({1, 1, 4}, {1, 2, 3, 4});
  expect_close("mean square", mean(x * x, -1), {7.5f});
  expect_close("its root", sqrt(mean(x * x, -1)), {2.739f}, 1e-3f);
  expect_close("RMSNorm", RMSNorm(4)(x), {.365f, .730f, 1.095f, 1.461f}, 1e-3f);
  expect_close("LayerNorm", LayerNorm(4)(x), {-1.342f, -.447f, .447f, 1.342f}, 1e-3f);
  const Tensor around_0 = Tensor::from({1, 4}, {-3, -1, 1, 3});
  expect_close("where the mean is 0 already", RMSNorm(4)(around_0), LayerNorm(4)(around_0), 1e-5f);
}

TEST_CASE("chapter 7's text: a score that knows the distance", "[ch07][docs]") {
  // hs = 2, one pair, one radian a place. Query (1, 0) at place 2 and key (1, 0) at place 0: cos 2.
  const Rotation rotation(10, 2);
  const Tensor x = Tensor::from({1, 2}, {1, 0});
  expect_close("place 1", rotation(x, 1), {.540f, .841f}, 1e-3f);
  expect_close("place 2", rotation(x, 2), {-.416f, .909f}, 1e-3f);
  expect_close("place 7", rotation(x, 7), {.754f, .657f}, 1e-3f);
  expect_close("place 9", rotation(x, 9), {-.911f, .412f}, 1e-3f);
  const auto score = [&](std::size_t a, std::size_t b) {
    return matmul(rotation(x, a), transpose(rotation(x, b))).item();
  };
  expect_close("2 and 0", score(2, 0), -.416f, 1e-3f);
  expect_close("9 and 7", score(9, 7), -.416f, 1e-3f);
  expect_close("9 and 8", score(9, 8), .540f, 1e-3f);
}

TEST_CASE("chapter 7's text: a gate opens and shuts what passes", "[ch07][docs]") {
  expect_close("silu", silu(Tensor::from({5}, {-20, -1, 0, 1, 20})), {0, -.269f, 0, .731f, 20}, 1e-3f);
  expect_close("gates -1, 1, 4 and a value of 2",
               silu_gate_by_hand(Tensor::from({3}, {-1, 1, 4}), Tensor::full({3}, 2)),
               {-.538f, 1.462f, 7.856f}, 1e-3f);
}

TEST_CASE("chapter 7's text: what a cache holds", "[ch07][docs]") {
  const auto numbers = [](std::size_t L, std::size_t T, std::size_t G, std::size_t hs) {
    return 2 * L * T * G * hs;
  };
  CHECK(numbers(4, 32, 4, 16) == 16384);                  // chapter 6's small
  CHECK(numbers(4, 32, 2, 16) == 8192);                   // with two groups
  CHECK(numbers(6, 256, 6, 64) == 1179648);               // the lecture's
  CHECK(numbers(80, 4096, 64, 128) * 2 == 10737418240u);  // bytes at 16 bit: Llama 2 70B without groups
  CHECK(numbers(80, 4096, 8, 128) * 2 == 1342177280u);    // with its 8
}

TEST_CASE("chapter 7's text: gradients of 24 blocks at the first step, with GPT-2's initial weights",
          "[ch07][docs]") {
  const auto lengths = [](Place place, NormKind norm) {
    Design design = chapter_6_design(4);
    design.place = place;
    design.norm = norm;
    Rng rng(1);
    const ModernGPT model({.V = 65, .block_size = 32, .C = 32, .H = 4, .L = 24, .hidden = 128}, design, rng);
    Tokens text{8, 32, {}}, next{8, 32, {}};
    for (int i = 0; i < 256; ++i) {
      text.ids.push_back((i * i * 7 + i) % 65);
      next.ids.push_back(((i + 1) * (i + 1) * 7 + i + 1) % 65);
    }
    cross_entropy(model(text), next).backward();
    const auto length = [&](const char* name) {
      const Tensor w = weight(model.parameters(), name);
      double squares = 0;
      for (const float g : w.grad()) squares += static_cast<double>(g) * g;
      return static_cast<float>(std::sqrt(squares));
    };
    return std::pair{length("blocks.0.feed_forward.hidden.weight"),
                     length("blocks.23.feed_forward.hidden.weight")};
  };
  const auto [pre_lowest, pre_highest] = lengths(Place::pre, NormKind::layer);
  expect_close("pre-norm, lowest block", pre_lowest, 0.044f, 1e-3f);
  expect_close("pre-norm, highest block", pre_highest, 0.042f, 1e-3f);
  const auto [post_lowest, post_highest] = lengths(Place::post, NormKind::layer);
  expect_close("post-norm, lowest block", post_lowest, 0.0012f, 1e-4f);
  expect_close("post-norm, highest block", post_highest, 0.0012f, 1e-4f);
  const auto [none_lowest, none_highest] = lengths(Place::pre, NormKind::none);
  expect_close("no norm, lowest block against post-norm's", post_lowest / none_lowest, 33.0f, 0.1f);
  expect_close("no norm, highest block against its lowest", none_highest / none_lowest, 1.0f, 0.1f);
}

}  // namespace
}  // namespace gpt
