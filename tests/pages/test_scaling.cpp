/// @file test_scaling.cpp
/// The numbers of docs/scaling.md: what stands there is what the code computes.
#include <cmath>
#include <vector>

#include "08_recurrent/rnn.hpp"
#include "common/gpt.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

namespace gpt {
namespace {

TEST_CASE("docs/scaling.md: what is left of a slope after 255 steps of a recurrent net", "[docs]") {
  Rng rng(1);
  const RNN layer(1, rng);
  set_weight(layer.parameters(), "input.weight", {1});
  set_weight(layer.parameters(), "input.bias", {0});
  set_weight(layer.parameters(), "hidden.weight", {0.9f});
  Tensor x = Tensor::zeros({1, 256, 1});
  x.require_grad();
  sum(slice(layer(x), 1, 255, 256)).backward();
  const double left = x.grad()[0];
  CHECK(left > 2.1e-12);
  CHECK(left < 2.2e-12);
  expect_shape("states", layer(Tensor::zeros({2, 3, 1})), {2, 3, 1});
  // Multiplications of a layer at the lecture's size: two (C, C) products a step; in attention four for all
  // of them, the scores and the mixture.
  CHECK(2 * 256 * 384 * 384 == 75497472);
  CHECK(4 * 256 * 384 * 384 + 2 * 256 * 256 * 384 == 201326592);
}

TEST_CASE("docs/scaling.md: scaling laws, with the papers' constants", "[docs]") {
  const auto hoffmann = [](double N, double D) {
    return 1.69 + 406.4 / std::pow(N, 0.34) + 410.7 / std::pow(D, 0.28);
  };
  expect_close("Gopher", static_cast<float>(hoffmann(280e9, 300e9)), 1.993f, 1e-3f);
  expect_close("Chinchilla", static_cast<float>(hoffmann(70e9, 1.4e12)), 1.937f, 1e-3f);
  expect_close("Gopher's operations", static_cast<float>(6 * 280e9 * 300e9 / 1e23), 5.04f, 1e-3f);
  expect_close("Chinchilla's", static_cast<float>(6 * 70e9 * 1.4e12 / 1e23), 5.88f, 1e-3f);
  expect_close("ten times the parameters (Kaplan)", static_cast<float>(std::pow(10.0, -0.076)), .839f, 1e-3f);
  // Characters seen: small 5,000 steps of (16, 32), lecture 5,000 of (64, 256).
  CHECK(5000 * 16 * 32 == 2560000);
  CHECK(5000 * 64 * 256 == 81920000);
  expect_close("small, characters a parameter", 2560000.0f / 209729, 12.2f, 1e-2f);
  expect_close("lecture, characters a parameter", 81920000.0f / 10788929, 7.6f, 1e-2f);
}

}  // namespace
}  // namespace gpt
