#include "04_feed_forward/softmax_by_hand.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;

const float ln3 = std::log(3.0f);
constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor leaf(const Shape& shape, const Numbers& values) {
  Tensor x = Tensor::from(shape, values);
  x.require_grad();
  return x;
}

/// The loss is the sum of y times dy, so that dy is what comes back.
void go_back(const Tensor& y, const Numbers& dy) {
  expect(y.requires_grad(), "softmax_by_hand: its result is off the tape: return Tensor::with_backward(...)");
  sum(y * Tensor::from(y.shape(), dy)).backward();
}

void expect_gradient_of(const std::string& what, const Tensor& x, const Numbers& expected,
                        const std::vector<Mistake>& mistakes = {}) {
  expect(!x.grad().empty(), what + ": no gradient reached x");
  expect_close(what, Tensor::from(x.shape(), x.grad()), expected, mistakes);
}

}  // namespace

TEST_CASE("softmax_by_hand: exponentials, divided by their sum", "[ch04][softmax_by_hand]") {
  const Tensor y = softmax_by_hand(Tensor::from({2}, {0, ln3}));
  expect_shape("softmax_by_hand of a (2)", y, {2});
  // Without the division: exp(0 - ln 3) = 1/3 and 1, or 1 and 3.
  expect_close("softmax_by_hand of (0, ln 3)", y, {0.25f, 0.75f},
               {{{1.0f / 3, 1}, "the exponentials are not divided by their sum"},
                {{1, 3}, "the exponentials are not divided by their sum"}});
}

TEST_CASE("softmax_by_hand: every row by itself", "[ch04][softmax_by_hand]") {
  const Tensor y = softmax_by_hand(Tensor::from({2, 2}, {0, ln3, 0, 0}));
  expect_close(
      "softmax_by_hand of (0, ln 3) and (0, 0)", y, {0.25f, 0.75f, 0.5f, 0.5f},
      {{{1.0f / 6, 0.5f, 1.0f / 6, 1.0f / 6}, "one softmax over all rows; it runs along the last axis"}});
  expect_rows_sum_to_1("softmax_by_hand of a (2, 3, 5)",
                       softmax_by_hand(Tensor::from({2, 3, 5}, uneven(30, 4.0f))));
}

TEST_CASE("softmax_by_hand: large numbers do not overflow, and minus infinity has no share",
          "[ch04][softmax_by_hand]") {
  const Tensor y = softmax_by_hand(Tensor::from({2, 2}, {1000, 1000 + ln3, -1000, -1000}));
  expect(std::isfinite(y.values()[0]) && std::isfinite(y.values()[2]),
         "softmax_by_hand of (1000, 1000 + ln 3) and (-1000, -1000) is no number: take off the row's largest "
         "number first");
  expect_close("softmax_by_hand of (1000, 1000 + ln 3) and (-1000, -1000)", y, {0.25f, 0.75f, 0.5f, 0.5f},
               1e-4f);
  expect_close("softmax_by_hand of (0, -inf, ln 3)", softmax_by_hand(Tensor::from({3}, {0, -infinity, ln3})),
               {0.25f, 0, 0.75f});
}

TEST_CASE("softmax_by_hand: the gradient, worked out by hand", "[ch04][softmax_by_hand]") {
  // p = (1/4, 3/4), dp = (8, 4): the row shares 8/4 + 3 = 5, so dx = (1/4 * 3, 3/4 * -1).
  const Tensor x = leaf({2}, {0, ln3});
  go_back(softmax_by_hand(x), {8, 4});
  expect_gradient_of(
      "softmax_by_hand: dx for x = (0, ln 3) and dp = (8, 4)", x, {0.75f, -0.75f},
      {{{1.5f, 0.75f}, "it has only the way from each number to its own share; it changes the others, too"},
       {{0.1875f, 0.1875f}, "the chain rule multiplies by dp, what comes back to each share"},
       {{2, 3}, "what the row shares is missing: dx = p * (dp - sum of p * dp)"},
       {{-1, -6}, "the sum is that of p times dp, and not of dp alone"}});
}

TEST_CASE("softmax_by_hand: what has no share has no gradient", "[ch04][softmax_by_hand]") {
  const Tensor x = leaf({3}, {0, -infinity, ln3});
  go_back(softmax_by_hand(x), {8, 5, 4});
  expect_gradient_of("softmax_by_hand: dx for x = (0, -inf, ln 3) and dp = (8, 5, 4)", x, {0.75f, 0, -0.75f});
}

TEST_CASE("softmax_by_hand: the gradient of every row by itself", "[ch04][softmax_by_hand]") {
  const Tensor x = leaf({2, 2}, {0, ln3, 0, ln3});
  go_back(softmax_by_hand(x), {8, 4, 8, 4});
  expect_gradient_of("softmax_by_hand: dx for two equal rows", x, {0.75f, -0.75f, 0.75f, -0.75f},
                     {{{0.75f, -0.75f, -0.5f, -4.5f},
                       "one row's gradient depends on another's: the sum begins anew in each row"}});
}

TEST_CASE("softmax_by_hand: its gradient is added to what x has from elsewhere", "[ch04][softmax_by_hand]") {
  const Tensor x = leaf({2}, {0, ln3});
  go_back(softmax_by_hand(x) + x, {8, 4});
  expect_gradient_of(
      "softmax_by_hand: dx of softmax(x) + x", x, {8.75f, 3.25f},
      {{{0.75f, -0.75f}, "the gradient is assigned where it must be added: one use of x is lost"}});
  const Tensor z = leaf({2}, {0, ln3});
  go_back(softmax_by_hand(z) + softmax_by_hand(z), {8, 4});
  expect_gradient_of(
      "softmax_by_hand: dx of softmax(x) + softmax(x)", z, {1.5f, -1.5f},
      {{{0.75f, -0.75f}, "the gradient is assigned where it must be added: one use of x is lost"}});
}

TEST_CASE("softmax_by_hand: its backward function holds the tensor, and not the variable",
          "[ch04][softmax_by_hand]") {
  Tensor x = leaf({2}, {0, ln3});
  const Tensor first = x, y = softmax_by_hand(x);
  x = leaf({2}, {5, 5});
  go_back(y, {8, 4});
  expect(!first.grad().empty() && std::abs(first.grad()[0] - 0.75f) < 1e-5f,
         "softmax_by_hand: x was given another tensor before backward(), and the gradient went there: "
         "capture the handle itself, "
         "[x, ...], and no reference to it");
}

TEST_CASE("softmax_by_hand: equals the library's, for sizes that share no factor",
          "[ch04][softmax_by_hand]") {
  for (const Shape& shape : {Shape{7}, Shape{3, 5}, Shape{2, 3, 11}, Shape{5, 1}, Shape{2, 1, 4, 9}}) {
    for (const float size : {1.0f, 30.0f, 1e4f}) {
      const size_t n = Tensor::zeros(shape).size();
      const Tensor x = leaf(shape, uneven(n, size)), z = leaf(shape, uneven(n, size));
      const Numbers dy = uneven(n, 3.0f, 1.9f);
      const Tensor got = softmax_by_hand(x), expected = softmax(z);
      expect_close("softmax_by_hand of " + to_string(shape), got, expected);
      expect_pure("softmax_by_hand of " + to_string(shape), [&] { return softmax_by_hand(x); }, {{"x", x}});
      go_back(got, dy);
      go_back(expected, dy);
      expect_close("softmax_by_hand of " + to_string(shape) + ", dx", Tensor::from(shape, x.grad()),
                   Tensor::from(shape, z.grad()), 1e-4f);
    }
  }
  expect(!softmax_by_hand(Tensor::zeros({2, 3})).requires_grad(),
         "softmax_by_hand: x wants no gradient, so the result must not either");
}

TEST_CASE("softmax_by_hand: its gradient is that of central differences", "[ch04][softmax_by_hand]") {
  const Tensor x = leaf({2, 3, 5}, uneven(30, 1.5f));
  expect_gradient(
      "softmax_by_hand", [&] { return softmax_by_hand(x); }, x);
}
