#include "04_feed_forward/matmul_by_hand.hpp"

#include <array>
#include <string>
#include <vector>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;

/// The loss is the sum of y times dy, so that dy is what comes back.
void go_back(const Tensor& y, const Numbers& dy) {
  expect(y.requires_grad(), "matmul_by_hand: its result is off the tape: return Tensor::with_backward(...)");
  sum(y * Tensor::from(y.shape(), dy)).backward();
}

/// @param mistakes of its numbers
void expect_gradient_of(const std::string& name, const Tensor& x, const Numbers& expected,
                        const std::vector<Mistake>& mistakes) {
  expect(!x.grad().empty(), "matmul_by_hand: no gradient reached " + name);
  expect_close("matmul_by_hand: d" + name, Tensor::from(x.shape(), x.grad()), expected, mistakes);
}

Tensor leaf(const Shape& shape, const Numbers& values) {
  Tensor x = Tensor::from(shape, values);
  x.require_grad();
  return x;
}

}  // namespace

TEST_CASE("matmul_by_hand: rows times columns", "[ch04][matmul_by_hand]") {
  const Tensor y = matmul_by_hand(Tensor::from({1, 2}, {2, -1}), Tensor::from({2, 3}, {1, 0, 3, 5, 4, 1}));
  expect_shape("matmul_by_hand of a (1, 2) and a (2, 3)", y, {1, 3});
  // Columns (1, 5), (0, 4), (3, 1). Read as rows of two: (1, 0), (3, 5), (4, 1).
  expect_close("matmul_by_hand of (2, -1) and the matrix of the task", y, {-3, -4, 5},
               {{{2, 1, 7}, "b is read as if its rows were its columns: b[k, n] is values()[k * N + n]"},
                {{-5, -4, -1}, "each y holds its last term only: they are summed, with +="}});
}

TEST_CASE("matmul_by_hand: the gradients of both sides", "[ch04][matmul_by_hand]") {
  const Tensor a = leaf({1, 2}, {2, -1}), b = leaf({2, 3}, {1, 0, 3, 5, 4, 1});
  const Tensor y = matmul_by_hand(a, b);
  go_back(y, {1, 10, 100});
  expect_gradient_of("a", a, {301, 145},
                     {{{4, 10}, "the chain rule multiplies by dy, what comes back to each y"},
                      {{1, 5}, "it has only the first column of dy; every column of row m brings its share"},
                      {{431, 150}, "b is not turned round: da[m, k] takes row k of b"},
                      {{300, 100}, "it is assigned where it must be added: only the last share is left"},
                      {{222, -111}, "each factor's slope is the other factor, and not itself"}});
  expect_gradient_of("b", b, {2, 20, 200, -1, -10, -100},
                     {{{2, 2, 2, -1, -1, -1}, "the chain rule multiplies by dy, what comes back to each y"}});
}

TEST_CASE("matmul_by_hand: several rows share one b, and their gradients are added",
          "[ch04][matmul_by_hand]") {
  // a (2, 1) = (2, 3), b (1, 2) = (5, 7), dy = (1, 10; 100, 1000): da = (75, 7500), db = (2 + 300, 20 + 3000).
  const Tensor a = leaf({2, 1}, {2, 3}), b = leaf({1, 2}, {5, 7});
  go_back(matmul_by_hand(a, b), {1, 10, 100, 1000});
  expect_gradient_of("a", a, {75, 7500},
                     {{{70, 7000}, "it is assigned where it must be added: only the last share is left"}});
  expect_gradient_of("b", b, {302, 3020},
                     {{{300, 3000}, "it is assigned where it must be added: only the last share is left"}});
}

TEST_CASE("matmul_by_hand: gradients are added to what is there", "[ch04][matmul_by_hand]") {
  const Tensor a = leaf({2, 2}, {1, 2, 3, 4});
  // The same matrix on both sides, and once more beside the product: with dy = 1 everywhere, a @ a gives each a[i, j] the
  // sum of row j and the sum of column i; the other use gives 1.
  const Tensor y = matmul_by_hand(a, a) + a;
  go_back(y, {1, 1, 1, 1});
  expect_gradient_of("a where y = a @ a + a", a, {3 + 4 + 1, 7 + 4 + 1, 3 + 6 + 1, 7 + 6 + 1},
                     {{{1, 1, 1, 1}, "a product of a matrix with itself passes nothing back"}});
}

TEST_CASE("matmul_by_hand: a side that wants no gradient is left alone", "[ch04][matmul_by_hand]") {
  const Tensor a = leaf({1, 2}, {2, -1}), fixed = Tensor::from({2, 1}, {3, 4});
  try {
    go_back(matmul_by_hand(a, fixed), {1});
  } catch (const std::logic_error& error) {
    expect(dynamic_cast<const Unmet*>(&error) != nullptr ||
               std::string(error.what()).find("wants no gradient") == std::string::npos,
           "matmul_by_hand: b wants no gradient, and was asked for one: if (b.requires_grad())");
    throw;
  }
  expect_gradient_of("a", a, {3, 4}, {});
  const Tensor b = leaf({2, 1}, {3, 4});
  const Tensor x = Tensor::from({1, 2}, {2, -1});
  go_back(matmul_by_hand(x, b), {1});
  expect_gradient_of("b", b, {2, -1}, {});
  expect(!matmul_by_hand(x, fixed).requires_grad(),
         "matmul_by_hand: neither side wants a gradient, so the result must not either");
}

TEST_CASE("matmul_by_hand: its backward function holds the tensors, and not the variables",
          "[ch04][matmul_by_hand]") {
  Tensor a = leaf({1, 1}, {2}), b = leaf({1, 1}, {5});
  const Tensor first = a, second = b, y = matmul_by_hand(a, b);
  a = leaf({1, 1}, {7});
  b = leaf({1, 1}, {11});
  go_back(y, {1});
  const bool kept = !first.grad().empty() && !second.grad().empty();
  expect(kept && first.grad()[0] == 5 && second.grad()[0] == 2,
         "matmul_by_hand: a and b were given other tensors before backward(), and it went there: capture the "
         "handles "
         "themselves, [a, b], and no reference to them");
}

TEST_CASE("matmul_by_hand: equals the library's matmul, for sizes that share no factor",
          "[ch04][matmul_by_hand]") {
  for (const auto& [M, K, N] :
       {std::array<size_t, 3>{2, 3, 5}, {7, 4, 3}, {1, 11, 6}, {5, 1, 9}, {13, 8, 1}}) {
    for (const float size : {1.0f, 1e4f}) {
      const Tensor a = leaf({M, K}, uneven(M * K, size)), b = leaf({K, N}, uneven(K * N, 2.0f, 0.7f));
      const Tensor c = leaf({M, K}, uneven(M * K, size)), d = leaf({K, N}, uneven(K * N, 2.0f, 0.7f));
      const std::string what = "matmul_by_hand of " + to_string(a.shape()) + " and " + to_string(b.shape());
      const Tensor y = matmul_by_hand(a, b), expected = matmul(c, d);
      const Numbers dy = uneven(M * N, 3.0f, 1.9f);
      expect_close(what, y, expected, 1e-4f * size);
      expect_pure(what, [&] { return matmul_by_hand(a, b); }, {{"a", a}, {"b", b}});
      go_back(y, dy);
      go_back(expected, dy);
      expect_close(what + ", da", Tensor::from(a.shape(), a.grad()), Tensor::from(c.shape(), c.grad()),
                   1e-4f);
      expect_close(what + ", db", Tensor::from(b.shape(), b.grad()), Tensor::from(d.shape(), d.grad()),
                   1e-4f * size);
    }
  }
}

TEST_CASE("matmul_by_hand: its gradient is that of central differences", "[ch04][matmul_by_hand]") {
  const Tensor a = leaf({3, 2}, uneven(6)), b = leaf({2, 4}, uneven(8, 1.0f, 0.7f));
  expect_gradient(
      "matmul_by_hand", [&] { return matmul_by_hand(a, b); }, Parameters{{"a", a}, {"b", b}});
}

TEST_CASE("matmul_by_hand: says what does not fit", "[ch04][matmul_by_hand]") {
  expect_error(
      "matmul_by_hand of a (2, 3) and a (2, 3)",
      [] {
        matmul_by_hand(Tensor::zeros({2, 3}), Tensor::zeros({2, 3}));
      },
      "expected (M, K) and (K, N), got (2, 3) and (2, 3)");
  expect_error(
      "matmul_by_hand of a (2, 3) and a (3)",
      [] {
        matmul_by_hand(Tensor::zeros({2, 3}), Tensor::zeros({3}));
      },
      "got (2, 3) and (3,)");
  expect_error(
      "matmul_by_hand of a (3) and a (3, 2)",
      [] {
        matmul_by_hand(Tensor::zeros({3}), Tensor::zeros({3, 2}));
      },
      "got (3,) and (3, 2)");
}
