/// The checks that all other tests rest on must themselves find what is wrong.
#include <cmath>
#include <limits>

#include "common/tensor/ops.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

// x * x with a derivative of factor * x, where it should be 2 x
Tensor square(const Tensor& x, float factor) {
  std::vector<float> y;
  for (const float v : x.values()) y.push_back(v * v);
  return Tensor::with_backward(x.shape(), y, {x}, [x = x, factor](std::span<const float> dy) mutable {
    if (!x.requires_grad()) return;
    for (std::size_t i = 0; i < dy.size(); ++i) x.mutable_grad()[i] += dy[i] * factor * x.values()[i];
  });
}

TEST_CASE("gradient check: a right derivative passes", "[gradient_check]") {
  const Tensor x = Tensor::from({2}, {1.5f, -2});
  CHECK(gradient_mismatch("square", [](const Inputs& in) { return square(in[0], 2); }, {x}) == "");
}

TEST_CASE("gradient check: a wrong factor is found, and the message says where", "[gradient_check]") {
  const Tensor x =
      Tensor::from({1, 2}, {0, 3});  // at 0 both derivatives are 0: the first mismatch is at (0, 1)
  const std::string message =
      gradient_mismatch("square", [](const Inputs& in) { return square(in[0], 1); }, {x});
  CHECK(message.find("square: the gradient of input 0 (1, 2) at (0, 1) is ") == 0);
  CHECK(message.find(" by central differences") != std::string::npos);
}

TEST_CASE("gradient check: gradients that are wrong but add up are found", "[gradient_check]") {
  // y = x with the two gradients exchanged: summed with equal weights, nothing would show.
  const Operation exchanged = [](const Inputs& in) {
    return Tensor::with_backward({2}, in[0].values(), {in[0]},
                                 [x = in[0]](std::span<const float> dy) mutable {
                                   x.mutable_grad()[0] += dy[1];
                                   x.mutable_grad()[1] += dy[0];
                                 });
  };
  CHECK(gradient_mismatch("exchanged", exchanged, {Tensor::from({2}, {1, 2})}) != "");
}

TEST_CASE("gradient check: a backward that overwrites instead of adding is found", "[gradient_check]") {
  const Operation overwrites = [](const Inputs& in) {
    return Tensor::with_backward(
        {1}, in[0].values(), {in[0]},
        [x = in[0]](std::span<const float> dy) mutable { x.mutable_grad()[0] = dy[0]; });
  };
  const std::string message = gradient_mismatch("overwrites", overwrites, {Tensor::from({1}, {1})});
  CHECK(message.find("overwrites after two passes: ") == 0);
}

TEST_CASE("gradient check: a forgotten input is found", "[gradient_check]") {
  const Operation forgets = [](const Inputs& in) { return in[0] * in[1].detach(); };
  const std::string message =
      gradient_mismatch("forgets", forgets, {Tensor::from({1}, {2}), Tensor::from({1}, {3})});
  CHECK(message.find("forgets: the gradient of input 1 (1,) at (0,) is 0 by backward()") == 0);
}

TEST_CASE("value check: shapes, numbers, infinities and NaN are compared", "[gradient_check]") {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from({2}, {1, inf});
  CHECK(value_mismatch("x", x, Tensor::from({2}, {1, inf})) == "");
  CHECK(value_mismatch("x", x, Tensor::from({2, 1}, {1, inf})) == "x: the shape is (2,), expected (2, 1)");
  CHECK(value_mismatch("x", x, Tensor::from({2}, {1.5f, inf})) == "x: the value at (0,) is 1, expected 1.5");
  CHECK(value_mismatch("x", x, Tensor::from({2}, {1, -inf})) == "x: the value at (1,) is inf, expected -inf");
  CHECK(value_mismatch("x", x, Tensor::from({2}, {1, std::nanf("")})) != "");
  CHECK(value_mismatch("x", Tensor::from({1}, {std::nanf("")}), Tensor::from({1}, {std::nanf("")})) == "");
}

TEST_CASE("difference check: equal numbers with different gradients are found", "[gradient_check]") {
  const Operation right = [](const Inputs& in) { return in[0] * in[0]; };
  const Operation wrong = [](const Inputs& in) { return square(in[0], 3); };
  const Inputs x{Tensor::from({1}, {2})};
  CHECK(difference("square", right, right, x) == "");
  CHECK(difference("square", right, wrong, x).find("by the other way") != std::string::npos);
}

}  // namespace
}  // namespace gpt
