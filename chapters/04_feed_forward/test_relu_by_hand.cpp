#include "04_feed_forward/relu_by_hand.hpp"

#include <string>
#include <vector>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

std::vector<float> gradient(const Tensor& x) { return {x.grad().begin(), x.grad().end()}; }

void expect_gradient_of(const std::string& what, const Tensor& x, const std::vector<float>& expected) {
  expect(!x.grad().empty(), what + ": no gradient reached x");
  expect_close(what, Tensor::from(x.shape(), x.grad()), expected);
}

}  // namespace

TEST_CASE("relu_by_hand: negative numbers become 0, all others pass", "[ch04][relu_by_hand]") {
  const Tensor y = relu_by_hand(Tensor::from({2, 3}, {-2, -0.5f, 0, 0.5f, 3, -7}));
  expect_shape("relu_by_hand of a (2, 3)", y, {2, 3});
  expect_close("relu_by_hand", y, {0, 0, 0, 0.5f, 3, 0});
}

TEST_CASE("relu_by_hand: any number of numbers, small beside large", "[ch04][relu_by_hand]") {
  for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 11, 13}}) {
    Tensor x = Tensor::zeros(shape);
    for (std::size_t i = 0; i < x.size(); ++i)
      x.mutable_values()[i] = (i % 2 == 0 ? 1e4f : 1.0f) * uneven(i + 1, 3.0f).back();
    x.require_grad();
    const std::string what = "relu_by_hand of a " + to_string(shape);
    expect_pure(what, [&] { return relu_by_hand(x); }, {{"x", x}});
    expect_close(what, relu_by_hand(x), relu(x));
  }
}

TEST_CASE("relu_by_hand: the gradient passes where x was let through", "[ch04][relu_by_hand]") {
  // loss = 10 y0 + 20 y1 - 30 y2 + 40 y3, so dy = (10, 20, -30, 40); x0 and x1 were
  // cut off: dx = (0, 0, -30, 40).
  const Tensor x = Tensor::from({4}, {-2, -0.5f, 0.5f, 3}).require_grad();
  const Tensor y = relu_by_hand(x);
  expect(y.requires_grad(), "relu_by_hand: its result is off the tape: return Tensor::with_backward(...)");
  sum(y * Tensor::from({4}, {10, 20, -30, 40})).backward();
  expect(gradient(x) != std::vector<float>{10, 20, 0, 40},
         "relu_by_hand: the gradient passes where dy is positive; it must pass where x was");
  expect(gradient(x) != std::vector<float>{0, 0, 1, 1},
         "relu_by_hand: dx is the derivative alone; the chain rule multiplies it by the gradient that comes "
         "in, dy");
  expect(gradient(x) != std::vector<float>{10, 20, -30, 40},
         "relu_by_hand: the gradient passes everywhere; where x was negative y does not depend on it, so it "
         "is 0");
  expect_gradient_of("relu_by_hand: dx for dy = (10, 20, -30, 40) and x = (-2, -0.5, 0.5, 3)", x,
                     {0, 0, -30, 40});
}

TEST_CASE("relu_by_hand: at 0 the slope is 0", "[ch04][relu_by_hand]") {
  const Tensor x = Tensor::from({5}, {2, 0, 0, 3, 0}).require_grad();
  sum(relu_by_hand(x) * Tensor::from({5}, {7, 5, -4, 2, 1})).backward();
  expect(gradient(x) != std::vector<float>{7, 5, -4, 2, 1},
         "relu_by_hand: at x = 0 the slope is taken as 1; either would do, but the task says 0");
  expect_gradient_of("relu_by_hand: dx for dy = (7, 5, -4, 2, 1) and x = (2, 0, 0, 3, 0)", x,
                     {7, 0, 0, 2, 0});
}

TEST_CASE("relu_by_hand: its gradient is added to what x has from elsewhere", "[ch04][relu_by_hand]") {
  // loss = 10 (relu(x) + x) + ...: through relu 0 and 20, past it 10 and 20.
  const Tensor x = Tensor::from({2}, {-1, 2}).require_grad();
  sum((relu_by_hand(x) + x) * Tensor::from({2}, {10, 20})).backward();
  expect(gradient(x) != std::vector<float>{0, 20},
         "relu_by_hand: the gradient is assigned where it must be added: x + relu(x) uses x twice, and one "
         "use is lost");
  expect_gradient_of("relu_by_hand: dx of relu(x) + x", x, {10, 40});
}

TEST_CASE("relu_by_hand: two uses, two gradients", "[ch04][relu_by_hand]") {
  const Tensor x = Tensor::from({2}, {-1, 2}).require_grad();
  sum(relu_by_hand(x) + relu_by_hand(x)).backward();
  expect_gradient_of("relu_by_hand: dx of relu(x) + relu(x)", x, {0, 2});
}

TEST_CASE("relu_by_hand: its backward function holds the tensor, and not the variable",
          "[ch04][relu_by_hand]") {
  Tensor x = Tensor::from({1}, {2}).require_grad();
  const Tensor first = x, y = relu_by_hand(x);
  x = Tensor::zeros({1}).require_grad();
  sum(y).backward();
  expect(
      !first.grad().empty(),
      "relu_by_hand: x was given another tensor before backward(), and the gradient went there: capture the "
      "handle itself, [x], and no reference to it");
}

TEST_CASE("relu_by_hand: its gradient is that of central differences", "[ch04][relu_by_hand]") {
  const Tensor x = Tensor::from({2, 3}, {-2, -0.5f, 0.3f, 0.5f, 3, -7}).require_grad();
  expect_gradient(
      "relu_by_hand", [&] { return relu_by_hand(x); }, x);
}

TEST_CASE("relu_by_hand: off the tape it is a function like any other", "[ch04][relu_by_hand]") {
  expect(!relu_by_hand(Tensor::from({1}, {1})).requires_grad(),
         "relu_by_hand: x wants no gradient, so the result must not either");
}

TEST_CASE("relu_by_hand: equals the library's relu", "[ch04][relu_by_hand]") {
  const Tensor x = Tensor::from({3, 2, 5}, uneven(30, 3.0f));
  expect_close("relu_by_hand against relu", relu_by_hand(x), relu(x));
}
