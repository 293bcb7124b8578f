/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "02_self_attention/averages.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/mask_future.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 2's text: a table for the last eight letters has 319 million million rows",
          "[ch02][docs]") {
  CHECK(std::llround(std::pow(65.0, 8) / 1e12) == 319);
}

TEST_CASE("chapter 2's text: a look-up is a product with a one-hot row", "[ch02][docs]") {
  const Tensor table = Tensor::from({3, 2}, {1, 2, 3, 4, 5, 6});
  expect_close("row 1", matmul(Tensor::from({1, 3}, {0, 1, 0}), table),
               reshape(embedding(table, {1, 1, {1}}), {1, 2}), 0);
}

TEST_CASE("chapter 2's text: four positions and their averages", "[ch02][docs]") {
  const Tensor x = Tensor::from({1, 4, 2}, {2, 8, 4, 0, 0, 4, 2, 4});
  expect_close("averages", average_by_product(x), {2, 8, 3, 4, 2, 4, 2, 4});
  expect_close("averages by softmax", average_by_softmax(x), {2, 8, 3, 4, 2, 4, 2, 4});
}

TEST_CASE("chapter 2's text: attention over thou, one multiplication at a time", "[ch02][docs]") {
  const Tensor q = Tensor::from({4, 2}, {1, .5f, -.5f, 1, .5f, 1.5f, 2, -1});
  const Tensor k = Tensor::from({4, 2}, {1, 1, .5f, -1, -1, 1, 1.5f, .5f});
  const Tensor v = Tensor::from({4, 2}, {1, 0, 0, 2, -1, 1, .5f, .5f});

  const Tensor scores = matmul(q, transpose(k));
  CHECK(scores.at({1, 0}) == 0.5f);
  CHECK(scores.at({1, 1}) == -1.25f);
  const Tensor scaled = scores / std::sqrt(2.0f);
  expect_close("score of h and t", scaled.at({1, 0}), 0.3536f, 1e-4f);
  expect_close("score of h and h", scaled.at({1, 1}), -0.8839f, 1e-4f);
  expect_close("exponential of the one", std::exp(scaled.at({1, 0})), 1.4241f, 1e-4f);
  expect_close("exponential of the other", std::exp(scaled.at({1, 1})), 0.4132f, 1e-4f);

  const Tensor weights = softmax(mask_future(scaled));
  expect_close("weights", weights,
               {1, 0, 0, 0, .7751f, .2249f, 0, 0, .6275f, .0630f, .3094f, 0, .1674f, .3394f, .0099f, .4834f},
               1e-4f);
  expect_close("what each letter reads", matmul(weights, v),
               {1, 0, .7751f, .4498f, .3181f, .4355f, .3991f, .9304f}, 1e-4f);
}

// The mean of the largest of 8 weights, over many draws of queries and keys with hs numbers of size 1.
float largest_weight(std::size_t hs, float scale) {
  Rng rng(1);
  const Tensor q = Tensor::normal({2000, 1, hs}, 1.0f, rng), k = Tensor::normal({2000, 8, hs}, 1.0f, rng);
  return mean(max(softmax(matmul(q, transpose(k)) * scale), -1)).item();
}

TEST_CASE("chapter 2's text: unscaled scores make a softmax that has decided already", "[ch02][docs]") {
  expect_close("largest weight, scaled", largest_weight(32, 1 / std::sqrt(32.0f)), 0.36f, 0.02f);
  expect_close("largest weight, unscaled", largest_weight(32, 1.0f), 0.83f, 0.02f);
}

}  // namespace
}  // namespace gpt
