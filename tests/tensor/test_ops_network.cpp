/// @file test_ops_network.cpp
/// embedding, layer_norm, dropout.
#include <cmath>
#include <stdexcept>

#include "common/kernels/parallel.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

// ---- embedding

TEST_CASE("embedding: a row of the table for each token", "[ops][embedding]") {
  // Row 2 is used twice: it gets the sum of both gradients; row 1 never: it gets 0.
  check_operation(
      "embedding",
      [](const Inputs& in) {
        return embedding(in[0], Tokens{2, 2, {2, 0, 2, 3}});
      },
      {Tensor::from({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}, Tensor::from({2, 2, 2}, {5, 6, 1, 2, 5, 6, 7, 8}));
}

TEST_CASE("embedding: refuses ids outside the table, and anything but a table", "[ops][embedding]") {
  const Tensor table = Tensor::zeros({4, 2});
  CHECK(message_of<std::invalid_argument>([&] {
          embedding(table, Tokens{1, 1, {4}});
        }) == "embedding: ids must be in [0, 4), got 4");
  CHECK(message_of<std::invalid_argument>([&] {
          embedding(table, Tokens{1, 1, {-1}});
        }) == "embedding: ids must be in [0, 4), got -1");
  CHECK(message_of<std::invalid_argument>([&] {
          embedding(table, Tokens{2, 3, {0}});
        }) == "embedding: tokens (2, 3) must hold that many ids, got 1");
  CHECK(message_of<std::invalid_argument>([&] {
          embedding(Tensor::zeros({4}), Tokens{1, 1, {0}});
        }) == "embedding: table must be (*, *), got (4,)");
}

// ---- layer_norm

// Each row to mean 0 and variance 1, from the smaller operations.
Tensor composed_layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias, float epsilon) {
  const Tensor centred = x - mean(x, -1);
  const Tensor variance = mean(centred * centred, -1);
  return centred / sqrt(variance + epsilon) * gain + bias;
}

TEST_CASE("layer_norm: worked out by hand", "[ops][layer_norm]") {
  // 1, 3: mean 2, variance 1, so -1, 1 (epsilon 0). 2, 8: mean 5, variance 9, so -1, 1. Times 2 and 3, plus
  // 10 and 20.
  check_values(
      "layer_norm",
      layer_norm(Tensor::from({2, 2}, {1, 3, 2, 8}), Tensor::from({2}, {2, 3}), Tensor::from({2}, {10, 20}),
                 /*epsilon=*/0.0f),
      Tensor::from({2, 2}, {8, 23, 8, 23}));
  // With epsilon 3 the divisor of the first row is sqrt(1 + 3) = 2.
  check_values(
      "layer_norm",
      layer_norm(Tensor::from({1, 2}, {1, 3}), Tensor::full({2}, 1), Tensor::zeros({2}), /*epsilon=*/3.0f),
      Tensor::from({1, 2}, {-0.5f, 0.5f}));
}

TEST_CASE("layer_norm: gradients of all three inputs", "[ops][layer_norm]") {
  Rng rng(10);
  for (const Shape& shape : {Shape{4}, Shape{3, 4}, Shape{2, 3, 5}, Shape{2, 1, 2, 9}}) {
    const std::size_t C = shape.back();
    check_gradient("layer_norm " + to_string(shape),
                   [](const Inputs& in) { return layer_norm(in[0], in[1], in[2]); },
                   {Tensor::normal(shape, 2, rng), Tensor::normal({C}, 1, rng), Tensor::normal({C}, 1, rng)});
  }
}

TEST_CASE("layer_norm: equals its composition, with gradients", "[ops][layer_norm]") {
  Rng rng(11);
  for (const std::size_t C : {1, 2, 7, 8, 32, 33, 384}) {
    check_same(
        "layer_norm with C " + std::to_string(C),
        [](const Inputs& in) { return layer_norm(in[0], in[1], in[2], 1e-3f); },
        [](const Inputs& in) { return composed_layer_norm(in[0], in[1], in[2], 1e-3f); },
        {Tensor::normal({2, 5, C}, 3, rng), Tensor::normal({C}, 1, rng), Tensor::normal({C}, 1, rng)}, 2e-5);
  }
}

TEST_CASE("layer_norm: equals its composition where several threads share the rows", "[ops][layer_norm]") {
  Rng rng(12);
  const std::size_t rows = 3000, C = 16;
  const WithThreads three(3);
  check_same(
      "layer_norm", [](const Inputs& in) { return layer_norm(in[0], in[1], in[2]); },
      [](const Inputs& in) { return composed_layer_norm(in[0], in[1], in[2], 1e-5f); },
      {Tensor::normal({rows, C}, 1, rng), Tensor::normal({C}, 1, rng), Tensor::normal({C}, 1, rng)}, 5e-5);
}

TEST_CASE("layer_norm: one tensor as all three inputs", "[ops][layer_norm]") {
  check_gradient("layer_norm(x, x, x)", [](const Inputs& in) { return layer_norm(in[0], in[0], in[0]); },
                 {Tensor::from({4}, {1, -2, 3, 0.5f})});
}

TEST_CASE("layer_norm: rows have mean 0 and variance 1, however far off and wide they were",
          "[ops][layer_norm]") {
  Rng rng(13);
  const std::size_t C = 384;
  for (const float scale : {0.1f, 1.0f, 1000.0f}) {
    const Tensor x = Tensor::normal({5, C}, scale, rng) + 10.0f * scale;
    const Tensor y = layer_norm(x, Tensor::full({C}, 1), Tensor::zeros({C}));
    for (std::size_t row = 0; row < 5; ++row) {
      double total = 0, squares = 0;
      for (std::size_t i = 0; i < C; ++i) {
        total += y.at({row, i});
        squares += static_cast<double>(y.at({row, i})) * y.at({row, i});
      }
      CHECK_THAT(total / C, Catch::Matchers::WithinAbs(0.0, 1e-5));
      CHECK_THAT(squares / C,
                 Catch::Matchers::WithinAbs(1.0, 2e-3));  // epsilon takes a thousandth at scale 0.1
    }
  }
}

TEST_CASE("layer_norm: a constant row becomes the bias", "[ops][layer_norm]") {
  const Tensor bias = Tensor::from({3}, {1, 2, 3});
  check_values("layer_norm", layer_norm(Tensor::full({1, 3}, 5), Tensor::full({3}, 7), bias),
               Tensor::from({1, 3}, {1, 2, 3}));
}

TEST_CASE("layer_norm: of one channel gives the bias, and x has no share in the loss: exact zeros",
          "[ops][layer_norm]") {
  Rng rng(5);
  const Tensor x = Tensor::normal({50, 1}, 1000, rng).require_grad();
  const Tensor gain = Tensor::full({1}, 1.7f).require_grad(), bias = Tensor::full({1}, 0.3f).require_grad();
  const Tensor y = layer_norm(x, gain, bias);
  const Tensor dy = Tensor::normal({50, 1}, 1000, rng);
  sum(y * dy).backward();
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(y.values()[i] == 0.3f);
    CHECK(x.grad()[i] == 0);
  }
  CHECK(gain.grad()[0] == 0);
  check_values("bias'", Tensor::from({1}, bias.grad()), reshape(sum(dy), {1}));
}

TEST_CASE("layer_norm: refuses other shapes", "[ops][layer_norm]") {
  const Tensor x = Tensor::zeros({2, 3}), three = Tensor::zeros({3}), two = Tensor::zeros({2});
  CHECK(message_of<std::invalid_argument>([&] { layer_norm(x, two, three); }) ==
        "layer_norm: gain must be (3,), got (2,)");
  CHECK(message_of<std::invalid_argument>([&] { layer_norm(x, three, two); }) ==
        "layer_norm: bias must be (3,), got (2,)");
  CHECK(message_of<std::invalid_argument>([&] { layer_norm(Tensor::full({}, 1), three, three); }) ==
        "layer_norm: x must be (..., C), got ()");
  CHECK(message_of<std::invalid_argument>([&] {
          layer_norm(Tensor::zeros({2, 0}), three, three);
        }) == "layer_norm: x must be (..., C), got (2, 0)");
}

// ---- dropout

TEST_CASE("dropout: drops a share p and scales up the rest, so that the mean stays", "[ops][dropout]") {
  constexpr std::size_t n = 200000;
  for (const float p : {0.1f, 0.2f, 0.5f, 0.9f}) {
    Rng rng(14);
    const Tensor y = dropout(Tensor::full({n}, 2), p, rng);
    std::size_t dropped = 0;
    double total = 0;
    const float kept = 2 / (1 - p);
    bool right = true;
    for (const float v : y.values()) {
      if (v == 0) ++dropped;
      right = right && (v == 0 || std::abs(v - kept) < 1e-5f * kept);
      total += v;
    }
    CHECK(right);
    // Five standard deviations of a binomial share: sqrt(p (1 - p) / n).
    const double deviation = std::sqrt(p * (1.0 - p) / n);
    CHECK_THAT(static_cast<double>(dropped) / n, Catch::Matchers::WithinAbs(p, 5 * deviation));
    CHECK_THAT(total / n, Catch::Matchers::WithinAbs(2.0, 5 * deviation * kept));
  }
}

TEST_CASE("dropout: whether an element is dropped tells nothing about its neighbours", "[ops][dropout]") {
  constexpr std::size_t n = 100000;
  Rng rng(15);
  const Tensor y = dropout(Tensor::full({n}, 1), 0.5f, rng);
  for (const std::size_t distance : {1, 2, 3, 4, 8, 16, 64, 128, 1024, 4096}) {
    std::size_t both = 0;
    for (std::size_t i = 0; i + distance < n; ++i)
      both += y.values()[i] == 0 && y.values()[i + distance] == 0;
    INFO("distance " << distance);
    CHECK_THAT(static_cast<double>(both) / static_cast<double>(n - distance),
               Catch::Matchers::WithinAbs(0.25, 0.008));
  }
}

TEST_CASE("dropout: every call draws another mask, and calls don't resemble each other", "[ops][dropout]") {
  constexpr std::size_t n = 20000;
  Rng rng(16);
  const Tensor first = dropout(Tensor::full({n}, 1), 0.5f, rng);
  for (int call = 0; call < 20; ++call) {
    const Tensor next = dropout(Tensor::full({n}, 1), 0.5f, rng);
    std::size_t both = 0;
    for (std::size_t i = 0; i < n; ++i) both += first.values()[i] == 0 && next.values()[i] == 0;
    CHECK_THAT(static_cast<double>(both) / n, Catch::Matchers::WithinAbs(0.25, 0.02));
  }
}

TEST_CASE("dropout: the backward pass uses the forward pass's mask", "[ops][dropout]") {
  Rng rng(17);
  const Tensor x = Tensor::full({1000}, 1).require_grad();
  const Tensor y = dropout(x, 0.3f, rng);
  sum(y).backward();
  bool same = true;
  for (std::size_t i = 0; i < x.size(); ++i) same = same && x.grad()[i] == y.values()[i];
  CHECK(same);
  const Operation seeded = [](const Inputs& in) {
    Rng again(18);
    return dropout(in[0], 0.4f, again);
  };
  check_gradient("dropout", seeded, {Tensor::normal({4, 5}, 1, rng)});
}

TEST_CASE("dropout: the same seed gives the same mask, however many threads work", "[ops][dropout]") {
  const auto masked = [](std::size_t threads) {
    const WithThreads with(threads);
    Rng rng(19);
    return dropout(Tensor::full({100001}, 1), 0.5f, rng);
  };
  const Tensor one = masked(1);
  check_values("two threads", masked(2), one, 0);
  check_values("three threads", masked(3), one, 0);
}

TEST_CASE("dropout: is the identity under NoGrad and for p = 0, and draws nothing then", "[ops][dropout]") {
  Rng rng(20), untouched(20);
  const Tensor x = Tensor::from({3}, {1, 2, 3});
  check_values("p = 0", dropout(x, 0.0f, rng), x, 0);
  {
    const NoGrad no_grad;
    check_values("NoGrad", dropout(x, 0.9f, rng), x, 0);
  }
  CHECK(rng.state() == untouched.state());
  const Tensor leaf = Tensor::from({3}, {1, 2, 3}).require_grad();
  sum(dropout(leaf, 0.0f, rng)).backward();
  check_values("gradient", Tensor::from({3}, leaf.grad()), Tensor::full({3}, 1), 0);
}

TEST_CASE("dropout: drops whether or not its input wants a gradient", "[ops][dropout]") {
  Rng one(21), same(21);
  Tensor leaf = Tensor::full({100}, 1);
  const Tensor plain = dropout(leaf, 0.5f, one);
  check_values("with gradient", dropout(leaf.require_grad(), 0.5f, same), plain, 0);
}

TEST_CASE("dropout: p below 0 or from 1 on is refused", "[ops][dropout]") {
  Rng rng(22);
  const Tensor x = Tensor::zeros({2});
  CHECK(message_of<std::invalid_argument>([&] { dropout(x, 1.0f, rng); }) ==
        "dropout: p must be in [0, 1), got 1");
  CHECK(message_of<std::invalid_argument>([&] { dropout(x, -0.5f, rng); }) ==
        "dropout: p must be in [0, 1), got -0.5");
  CHECK_THROWS_AS(dropout(x, std::nanf(""), rng), std::invalid_argument);
  const NoGrad no_grad;
  CHECK_THROWS_AS(dropout(x, 1.5f, rng), std::invalid_argument);
}

}  // namespace
}  // namespace gpt
