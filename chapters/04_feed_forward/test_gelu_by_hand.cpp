#include "04_feed_forward/gelu_by_hand.hpp"

#include <cmath>
#include <string>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// dx for a single x and dy.
float slope(float at, float dy = 1.0f) {
  const Tensor x = Tensor::from({1}, {at}).require_grad();
  const Tensor y = gelu_by_hand(x);
  expect(y.requires_grad(), "gelu_by_hand: its result is off the tape: return Tensor::with_backward(...)");
  sum(y * dy).backward();
  expect(!x.grad().empty(), "gelu_by_hand: no gradient reached x");
  return x.grad()[0];
}

bool near(float a, float b) { return std::abs(a - b) < 2e-5f; }

}  // namespace

TEST_CASE("gelu_by_hand: numbers worked out by hand", "[ch04][gelu_by_hand]") {
  // x = 1: u = 0.7978846 * 1.044715 = 0.8335620, tanh u = 0.6823840, y = 0.5 * 1 * 1.6823840 = 0.8411920
  // x = -1: the same u with the other sign, y = -0.5 * (1 - 0.6823840) = -0.1588080
  // x = 2: u = 0.7978846 * 2.35772 = 1.8811885, tanh u = 0.9545977, y = 1.9545977
  const Tensor y = gelu_by_hand(Tensor::from({2, 2}, {1, -1, 0, 2}));
  expect_shape("gelu_by_hand of a (2, 2)", y, {2, 2});
  expect(!near(y.values()[0], 0.8413447f),
         "gelu_by_hand(1) is 0.84134, the exact form of GELU with erf; GPT-2's form with tanh gives 0.84119");
  expect(
      y.values()[0] != 0.0f,
      "gelu_by_hand(1) is 0: if that comes from 1 / 2, in whole numbers it is 0; 0.5f * x and x / 2 are not");
  expect_close("gelu_by_hand of (1, -1, 0, 2)", y, {0.8411920f, -0.1588080f, 0, 1.9545977f});
}

TEST_CASE("gelu_by_hand: far from 0 it is ReLU", "[ch04][gelu_by_hand]") {
  expect_close("gelu_by_hand of (-20, 20)", gelu_by_hand(Tensor::from({2}, {-20, 20})), {0, 20});
}

TEST_CASE("gelu_by_hand: its slope has both terms of the product rule", "[ch04][gelu_by_hand]") {
  // x = 1: (1 + tanh u) / 2 = 0.8411920. 1 - tanh^2 u = 0.5343521, du/dx = 0.7978846 * 1.134145 = 0.9049168,
  // and half the product of the two is 0.2417721. Together 1.0829641.
  const float at_1 = slope(1);
  expect(!near(at_1, 0.8411920f),
         "gelu_by_hand: the slope at 1 lacks the product rule's second term, x / 2 times the derivative of "
         "tanh u");
  expect(!near(at_1, 0.2417721f),
         "gelu_by_hand: the slope at 1 lacks the product rule's first term, (1 + tanh u) / 2");
  expect(!near(at_1, 0.8411920f + 0.5f * 0.5343521f),
         "gelu_by_hand: the slope at 1 lacks the inner derivative, du/dx: the chain rule multiplies by it");
  expect_close("gelu_by_hand: its slope at 0", slope(0), 0.5f);
  expect_close("gelu_by_hand: its slope at 1", at_1, 1.0829641f);
  expect_close("gelu_by_hand: its slope at -0.5", slope(-0.5f), 0.1326301f);
  expect_close("gelu_by_hand: its slope at 2", slope(2), 1.0860993f);
}

TEST_CASE("gelu_by_hand: the slope is multiplied by the gradient that comes in", "[ch04][gelu_by_hand]") {
  expect_close("gelu_by_hand: dx at 0 for dy = -6", slope(0, -6), -3);
}

TEST_CASE("gelu_by_hand: its gradient is added to what x has from elsewhere", "[ch04][gelu_by_hand]") {
  // At 0: 0.5 through GELU and 1 past it.
  const Tensor x = Tensor::from({1}, {0}).require_grad();
  sum(gelu_by_hand(x) + x).backward();
  expect(!near(x.grad()[0], 0.5f),
         "gelu_by_hand: the gradient is assigned where it must be added: x + gelu(x) uses x twice, and one "
         "use is lost");
  expect_close("gelu_by_hand: dx of gelu(x) + x at 0", x.grad()[0], 1.5f);
}

TEST_CASE("gelu_by_hand: its backward function holds the tensor, and not the variable",
          "[ch04][gelu_by_hand]") {
  Tensor x = Tensor::from({1}, {0}).require_grad();
  const Tensor first = x, y = gelu_by_hand(x);
  x = Tensor::zeros({1}).require_grad();
  sum(y).backward();
  expect(
      !first.grad().empty(),
      "gelu_by_hand: x was given another tensor before backward(), and the gradient went there: capture the "
      "handle itself, [x], and no reference to it");
}

TEST_CASE("gelu_by_hand: its gradient is that of central differences", "[ch04][gelu_by_hand]") {
  const Tensor x = Tensor::from({2, 3}, {-3, -1, -0.2f, 0.4f, 1.5f, 2.5f}).require_grad();
  expect_gradient(
      "gelu_by_hand", [&] { return gelu_by_hand(x); }, x);
}

TEST_CASE("gelu_by_hand: equals the library's gelu", "[ch04][gelu_by_hand]") {
  for (const Shape& shape : {Shape{3, 2, 5}, Shape{7}, Shape{1, 11}, Shape{13, 1}}) {
    for (const float size : {0.01f, 3.0f, 1e4f}) {
      const std::size_t n = Tensor::zeros(shape).size();
      const Tensor x = Tensor::from(shape, uneven(n, size)).require_grad();
      const Tensor z = Tensor::from(shape, uneven(n, size)).require_grad();
      const std::string what =
          "gelu_by_hand of a " + to_string(shape) + " with numbers near " + std::to_string(size);
      const Tensor y = gelu_by_hand(x), expected = gelu(z), dy = Tensor::from(shape, uneven(n, 2.0f, 0.8f));
      expect_close(what + ", against gelu", y, expected);
      sum(y * dy).backward();
      sum(expected * dy).backward();
      expect_close(what + ", dx", Tensor::from(shape, x.grad()), Tensor::from(shape, z.grad()), 1e-4f);
      expect_pure(what, [&] { return gelu_by_hand(x); }, {{"x", x}});
    }
  }
}
