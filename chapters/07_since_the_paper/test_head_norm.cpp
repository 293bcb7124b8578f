#include "07_since_the_paper/head_norm.hpp"

#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("HeadNorm: every head by itself, with one gain for all", "[ch07][head_norm]") {
  // Two heads of size 2: (1, 7) has mean square 25, (-3, -3) has 9.
  const HeadNorm norm(2);
  expect_parameters("HeadNorm(2)", norm.parameters(), {{"gain", {2}}});
  const Tensor x = Tensor::from({1, 1, 4}, {1, 7, -3, -3});
  expect_close("HeadNorm(2) of (1, 7, -3, -3)", norm(x), {0.2f, 1.4f, -1, -1}, 1e-4f);
  set_weight(norm.parameters(), "gain", {10, 20});
  expect_close("with gain (10, 20)", norm(x), {2, 28, -10, -20}, 1e-4f);
}

TEST_CASE("HeadNorm: scores of normed queries and keys are at most the root of hs", "[ch07][head_norm]") {
  const std::size_t hs = 8;
  const HeadNorm norm(hs);
  const Tensor q = norm(Tensor::from({1, 5, 3 * hs}, uneven(120, 100.0f)));
  const Tensor k = norm(Tensor::from({1, 5, 3 * hs}, uneven(120, 1000.0f, 0.4f)));
  for (std::size_t row = 0; row < 15; ++row) {
    double score = 0;
    for (std::size_t c = 0; c < hs; ++c) score += q.values()[row * hs + c] * k.values()[row * hs + c];
    CHECK(std::abs(score) / std::sqrt(8.0) <= std::sqrt(8.0) * 1.0001);
  }
  expect_close("a query and itself", sum(slice(q * q, -1, 0, hs), -1), Tensor::full({1, 5, 1}, 8), 1e-3f);
}

TEST_CASE("HeadNorm: gradients", "[ch07][head_norm]") {
  const HeadNorm norm(3);
  set_uneven(norm.parameters());
  const Tensor x = Tensor::from({2, 1, 6}, uneven(12)).require_grad();
  expect_gradient(
      "HeadNorm(3)", [&] { return norm(x); }, collect("x", x, "norm", norm));
}
