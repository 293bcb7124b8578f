#include "07_since_the_paper/rms_norm.hpp"

#include <cmath>
#include <string>

#include "05_blocks/layer_norm.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

Tensor ones(std::size_t C) { return Tensor::full({C}, 1); }
bool near(float a, float b) { return std::abs(a - b) < 1e-4f; }

}  // namespace

TEST_CASE("rms_norm_by_hand: the shape stays", "[ch07][rms_norm]") {
  expect_shape("rms_norm_by_hand of a (2, 3, 5)", rms_norm_by_hand(Tensor::full({2, 3, 5}, 1), ones(5)),
               {2, 3, 5});
  expect_shape("rms_norm_by_hand of a (7, 4)", rms_norm_by_hand(Tensor::full({7, 4}, 1), ones(4)), {7, 4});
}

TEST_CASE("rms_norm_by_hand: every position is normed by itself", "[ch07][rms_norm]") {
  const Tensor before = rms_norm_by_hand(Tensor::from({1, 2, 3}, {1, 2, 3, 4, 0, -1}), ones(3));
  const Tensor after = rms_norm_by_hand(Tensor::from({1, 2, 3}, {1, 2, 3, 9, 5, 10}), ones(3));
  for (std::size_t i = 0; i < 3; ++i) {
    expect(before.values()[i] == after.values()[i],
           "rms_norm_by_hand: position 0 changed when position 1 did: the mean square runs over the channels "
           "of one "
           "position, the last axis");
  }
}

TEST_CASE("rms_norm_by_hand: numbers worked out by hand", "[ch07][rms_norm]") {
  // (1, 1, 5, 3): squares 1 + 1 + 25 + 9 = 36, mean 9. With epsilon 7 the root is that of 16: (1, 1, 5, 3) / 4.
  const Tensor y = rms_norm_by_hand(Tensor::from({1, 4}, {1, 1, 5, 3}), ones(4), /*epsilon=*/7.0f);
  const float third = y.values()[2];
  expect(!near(third, 2.5f / std::sqrt(2.75f + 7)),
         "rms_norm_by_hand: the mean was taken off first; that is layer norm, here nothing is moved");
  expect(!near(third, 5 / std::sqrt(43.0f)),
         "rms_norm_by_hand: the squares are added up; divide by their mean");
  expect(!near(third, 5 / 16.0f),
         "rms_norm_by_hand: the root is missing: divide by the root of the mean square");
  expect(!near(third, 5 / 10.0f), "rms_norm_by_hand: epsilon is added to the root; it belongs under it");
  expect(!near(third, 5 / 3.0f), "rms_norm_by_hand: epsilon is not used");
  expect(!near(third, 5 / std::sqrt(2.5f * 2.5f + 7)),
         "rms_norm_by_hand: the mean is squared; it is the squares that are averaged");
  expect_close("rms_norm_by_hand of (1, 1, 5, 3), epsilon 7", y, {0.25f, 0.25f, 1.25f, 0.75f});
}

TEST_CASE("rms_norm_by_hand: a gain for each channel", "[ch07][rms_norm]") {
  const Tensor y = rms_norm_by_hand(Tensor::from({1, 4}, {1, 1, 5, 3}), Tensor::from({4}, {4, 8, -4, 0}),
                                    /*epsilon=*/7.0f);
  expect(!near(y.values()[1], 0.25f), "rms_norm_by_hand: the gain is not multiplied in");
  expect_close("rms_norm_by_hand with gain (4, 8, -4, 0)", y, {1, 2, -5, 0});
}

TEST_CASE("rms_norm_by_hand: rows of mean square 1, whatever came in", "[ch07][rms_norm]") {
  for (const std::size_t C : {3, 8, 65}) {
    const Tensor y = rms_norm_by_hand(Tensor::from({2, 2, C}, uneven(4 * C, 20.0f)) + 50.0f, ones(C));
    for (std::size_t row = 0; row < 4; ++row) {
      double squares = 0;
      for (std::size_t c = 0; c < C; ++c) squares += y.values()[row * C + c] * y.values()[row * C + c];
      expect_close("rms_norm_by_hand: mean square of row " + std::to_string(row),
                   static_cast<float>(squares) / static_cast<float>(C), 1, 1e-3f);
    }
  }
}

TEST_CASE("rms_norm_by_hand: zeros stay zeros, not NaN", "[ch07][rms_norm]") {
  expect_close("rms_norm_by_hand of zeros", rms_norm_by_hand(Tensor::zeros({1, 3}), ones(3)), {0, 0, 0});
}

TEST_CASE("rms_norm_by_hand: its gradient is that of central differences", "[ch07][rms_norm]") {
  const Tensor x = Tensor::from({2, 4}, {1, 2, 3, 6, 0.5f, -1, 2, 0}).require_grad();
  const Tensor gain = Tensor::from({4}, {1, -2, 0.5f, 3}).require_grad();
  expect_gradient(
      "rms_norm_by_hand", [&] { return rms_norm_by_hand(x, gain); }, Parameters{{"x", x}, {"gain", gain}});
}

TEST_CASE("rms_norm_by_hand: equals the library's rms_norm", "[ch07][rms_norm]") {
  for (const Shape& shape : {Shape{2, 3, 5}, Shape{4, 7}, Shape{1, 2, 3, 11}, Shape{13}}) {
    const std::size_t C = shape.back(), n = Tensor::zeros(shape).size();
    const Tensor gain = Tensor::from({C}, uneven(C, 3.0f, 0.6f));
    for (const float size : {0.01f, 2.0f, 1e4f}) {
      const Tensor x = Tensor::from(shape, uneven(n, size));
      const std::string what =
          "rms_norm_by_hand of a " + to_string(shape) + " with numbers near " + std::to_string(size);
      expect_close(what + ", against rms_norm", rms_norm_by_hand(x, gain), rms_norm(x, gain), 1e-4f);
      expect_pure(what, [&] { return rms_norm_by_hand(x, gain); }, {{"x", x}, {"gain", gain}});
    }
  }
}

TEST_CASE("RMSNorm: its gain starts at 1, and is used", "[ch07][rms_norm]") {
  const RMSNorm norm(4);
  expect_parameters("RMSNorm(4)", norm.parameters(), {{"gain", {4}}});
  expect_close("RMSNorm(4): gain at the start", norm.parameters()[0].tensor, {1, 1, 1, 1});
  const Tensor x = Tensor::from({1, 4}, {1, 1, 5, 3});
  expect_close("RMSNorm(4) of (1, 1, 5, 3)", norm(x), {1 / 3.0f, 1 / 3.0f, 5 / 3.0f, 1});
  set_weight(norm.parameters(), "gain", {3, 6, -3, 0});
  expect_close("RMSNorm(4) with gain (3, 6, -3, 0)", norm(x), {1, 2, -5, 0}, 1e-4f);
  expect_gradient(
      "RMSNorm(4)", [&] { return norm(x); }, norm.parameters());
}

TEST_CASE("RMSNorm: says what does not fit", "[ch07][rms_norm]") {
  expect_error(
      "RMSNorm(0)", [] { RMSNorm norm(0); }, "must be positive");
  expect_error(
      "RMSNorm(4) of a (2, 3)",
      [] {
        RMSNorm(4)(Tensor::zeros({2, 3}));
      },
      "(4,)");
}
