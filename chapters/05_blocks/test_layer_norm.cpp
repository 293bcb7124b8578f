#include "05_blocks/layer_norm.hpp"

#include <cmath>
#include <string>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

Tensor ones() { return Tensor::full({4}, 1); }
Tensor zeros() { return Tensor::zeros({4}); }

}  // namespace

TEST_CASE("layer_norm_by_hand: the shape stays", "[ch05][layer_norm]") {
  expect_shape("layer_norm_by_hand of a (2, 3, 4)",
               layer_norm_by_hand(Tensor::zeros({2, 3, 4}), ones(), zeros()), {2, 3, 4});
  expect_shape("layer_norm_by_hand of a (5, 4)", layer_norm_by_hand(Tensor::zeros({5, 4}), ones(), zeros()),
               {5, 4});
}

TEST_CASE("layer_norm_by_hand: every position is normed by itself", "[ch05][layer_norm]") {
  const Tensor before = layer_norm_by_hand(Tensor::from({2, 4}, {1, 2, 3, 6, 4, 0, -1, 1}), ones(), zeros());
  const Tensor after = layer_norm_by_hand(Tensor::from({2, 4}, {1, 2, 3, 6, 9, 3, 10, 1}), ones(), zeros());
  for (std::size_t i = 0; i < 4; ++i) {
    expect(before.values()[i] == after.values()[i],
           "layer_norm_by_hand: position 0 changed when position 1 did: mean and variance must run over the "
           "channels of one position, the last axis");
  }
}

TEST_CASE("layer_norm_by_hand: numbers worked out by hand", "[ch05][layer_norm]") {
  // (1, 2, 3, 6): mean 3, centred (-2, -1, 0, 3), variance (4 + 1 + 0 + 9) / 4 = 3.5.
  // With epsilon 0.5 the root is that of 4, and the result (-1, -0.5, 0, 1.5).
  const Tensor y = layer_norm_by_hand(Tensor::from({1, 4}, {1, 2, 3, 6}), ones(), zeros(), 0.5f);
  const auto centred_by = [](float divisor) {
    return std::vector<float>{-2 / divisor, -1 / divisor, 0, 3 / divisor};
  };
  const auto as_it_came_by = [](float divisor) {
    return std::vector<float>{1 / divisor, 2 / divisor, 3 / divisor, 6 / divisor};
  };
  const std::string not_centred = "the mean is not taken off";
  expect_close("layer_norm_by_hand of (1, 2, 3, 6), epsilon 0.5", y, {-1, -0.5f, 0, 1.5f},
               {{centred_by(1), "the numbers are centred but not divided by their spread"},
                {centred_by(std::sqrt(14.0f / 3.0f + 0.5f)),
                 "the variance is divided by n - 1; here it is the mean of the squares, over all n"},
                {centred_by(std::sqrt(3.5f) + 0.5f),
                 "epsilon is added to the root; it belongs under it, to the variance"},
                {centred_by(std::sqrt(3.5f)), "epsilon is not used"},
                {centred_by(4), "the root is missing: divide by the standard deviation, not by the variance"},
                {as_it_came_by(2), not_centred},
                {as_it_came_by(std::sqrt(12.5f + 0.5f)), not_centred},  // (1 + 4 + 9 + 36) / 4 = 12.5
                {centred_by(std::sqrt(12.5f + 0.5f)),
                 "the variance is that of the numbers as they came, not centred"}});
}

TEST_CASE("layer_norm_by_hand: gain and bias, one of each for a channel", "[ch05][layer_norm]") {
  // The same row: (-1, -0.5, 0, 1.5) times (2, 1, 1, 10) = (-2, -0.5, 0, 15), plus (0, 1, 0, -1).
  const Tensor gain = Tensor::from({4}, {2, 1, 1, 10}), bias = Tensor::from({4}, {0, 1, 0, -1});
  const Tensor y = layer_norm_by_hand(Tensor::from({1, 4}, {1, 2, 3, 6}), gain, bias, 0.5f);
  expect_close("layer_norm_by_hand with gain (2, 1, 1, 10) and bias (0, 1, 0, -1)", y, {-2, 0.5f, 0, 14},
               {{{-1, -0.5f, 0, 1.5f}, "gain and bias are not used"},
                {{-2, -0.5f, 0, 15}, "the bias is not added"},
                {{-1, 0.5f, 0, 0.5f}, "the gain is not multiplied in"},
                {{-2, 0.5f, 0, 5}, "the bias is added before the gain; it comes after"}});
}

TEST_CASE("layer_norm_by_hand: rows of mean 0 and variance 1, whatever came in", "[ch05][layer_norm]") {
  const std::size_t C = 8;
  const Tensor x = Tensor::from({3, 2, C}, uneven(48, 20.0f)) + 100.0f;
  const Tensor y = layer_norm_by_hand(x, Tensor::full({C}, 1), Tensor::zeros({C}));
  for (std::size_t row = 0; row < 6; ++row) {
    double total = 0, squares = 0;
    for (std::size_t c = 0; c < C; ++c) total += y.values()[row * C + c];
    for (std::size_t c = 0; c < C; ++c) squares += y.values()[row * C + c] * y.values()[row * C + c];
    const std::string what = "layer_norm_by_hand: row " + std::to_string(row);
    expect(std::abs(total / C) < 1e-4, what + "'s mean: expected 0, got " + std::to_string(total / C) +
                                           ": from each number goes the mean of its own row, mean(x, -1)");
    expect_close(what + "'s variance", static_cast<float>(squares / C), 1, 1e-3f);
  }
}

TEST_CASE("layer_norm_by_hand: a small difference of large numbers counts", "[ch05][layer_norm]") {
  const Tensor y = layer_norm_by_hand(Tensor::from({1, 4}, {9999, 10001, 9999, 10001}), ones(), zeros());
  expect(std::abs(y.at({0, 1}) - 1) < 1e-2f,
         "layer_norm_by_hand of (9999, 10001, 9999, 10001): expected -1 and 1 by turns, got " +
             std::to_string(y.at({0, 0})) + " and " + std::to_string(y.at({0, 1})) +
             ": take the mean off first; the mean of the squares less the square of the mean is the "
             "difference of two "
             "numbers too large for a float");
  expect_close("layer_norm_by_hand of (9999, 10001, 9999, 10001)", y, {-1, 1, -1, 1}, 1e-4f);
}

TEST_CASE("layer_norm_by_hand: equal numbers become the bias, not NaN", "[ch05][layer_norm]") {
  expect_close("layer_norm_by_hand of (5, 5, 5, 5)",
               layer_norm_by_hand(Tensor::full({1, 4}, 5), ones(), ones()), {1, 1, 1, 1});
}

TEST_CASE("layer_norm_by_hand: its gradient is that of central differences", "[ch05][layer_norm]") {
  const Tensor x = Tensor::from({2, 4}, {1, 2, 3, 6, 0.5f, -1, 2, 0}).require_grad();
  const Tensor gain = Tensor::from({4}, {1, -2, 0.5f, 3}).require_grad();
  const Tensor bias = Tensor::from({4}, {0, 1, -1, 2}).require_grad();
  expect_gradient(
      "layer_norm_by_hand", [&] { return layer_norm_by_hand(x, gain, bias); },
      Parameters{{"x", x}, {"gain", gain}, {"bias", bias}});
}

TEST_CASE("layer_norm_by_hand: equals the library's layer_norm", "[ch05][layer_norm]") {
  for (const Shape& shape : {Shape{2, 3, 4}, Shape{5, 7}, Shape{1, 2, 3, 11}, Shape{3, 2}}) {
    const std::size_t C = shape.back();
    const Tensor gain = Tensor::from({C}, uneven(C, 3.0f)), bias = Tensor::from({C}, uneven(C, 2.0f, 0.4f));
    for (const float size : {0.01f, 1.0f, 1e4f}) {
      Tensor x = Tensor::zeros(shape);
      const std::vector<float> numbers = uneven(x.size(), 2.0f * size);
      std::copy(numbers.begin(), numbers.end(), x.mutable_values().begin());
      const std::string what =
          "layer_norm_by_hand of a " + to_string(shape) + " with numbers near " + std::to_string(size);
      expect_close(what + ", against layer_norm", layer_norm_by_hand(x, gain, bias),
                   layer_norm(x, gain, bias), 1e-4f);
      expect_pure(what, [&] { return layer_norm_by_hand(x, gain, bias); },
                  {{"x", x}, {"gain", gain}, {"bias", bias}});
    }
  }
}

TEST_CASE("LayerNorm: gain starts at 1 and bias at 0, and both are used", "[ch05][layer_norm]") {
  const LayerNorm norm(4);
  const Parameters parameters = norm.parameters();
  expect_parameters("LayerNorm(4)", parameters, {{"gain", {4}}, {"bias", {4}}});
  expect_close("LayerNorm(4): gain at the start", parameters[0].tensor, {1, 1, 1, 1});
  expect_close("LayerNorm(4): bias at the start", parameters[1].tensor, {0, 0, 0, 0});
  const Tensor x = Tensor::from({1, 4}, {1, 2, 3, 6});  // (-2, -1, 0, 3) / sqrt(3.5) = 1.870829
  expect_close("LayerNorm(4) of (1, 2, 3, 6)", norm(x), {-1.069045f, -0.534522f, 0, 1.603567f});
  set_weight(parameters, "gain", {2, 1, 1, 10});
  set_weight(parameters, "bias", {0, 1, 0, -1});
  expect_close("LayerNorm(4) with gain (2, 1, 1, 10) and bias (0, 1, 0, -1)", norm(x),
               {-2.138090f, 0.465478f, 0, 15.035675f});
  expect_gradient(
      "LayerNorm(4)", [&] { return norm(x); }, parameters);
}

TEST_CASE("LayerNorm: says what does not fit", "[ch05][layer_norm]") {
  expect_error(
      "LayerNorm(0)", [] { LayerNorm norm(0); }, "must be positive");
  expect_error(
      "LayerNorm(4) of a (2, 3)",
      [] {
        LayerNorm norm(4);
        norm(Tensor::zeros({2, 3}));
      },
      "(4,)");
}
