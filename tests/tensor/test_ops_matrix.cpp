/// @file test_ops_matrix.cpp
/// matmul and linear.
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

const Operation product = [](const Inputs& in) { return matmul(in[0], in[1]); };

TEST_CASE("matmul: two matrices, worked out by hand", "[ops][matmul]") {
  // (1 2 3)   (1 0)   (1 + 4 - 3   0 + 2 + 6)   (2   8)
  // (4 5 6) @ (2 1) = (4 + 10 - 6  0 + 5 + 12) = (8  17)
  //           (-1 2)
  check_operation("matmul", product,
                  {Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::from({3, 2}, {1, 0, 2, 1, -1, 2})},
                  Tensor::from({2, 2}, {2, 8, 8, 17}));
}

TEST_CASE("matmul: a batch of pairs, worked out by hand", "[ops][matmul]") {
  // 1 * 3 + 2 * 4 = 11 and 5 * 7 + 6 * 8 = 83
  check_operation("matmul", product,
                  {Tensor::from({2, 1, 2}, {1, 2, 5, 6}), Tensor::from({2, 2, 1}, {3, 4, 7, 8})},
                  Tensor::from({2, 1, 1}, {11, 83}));
}

TEST_CASE("matmul: one right-hand matrix serves a whole batch", "[ops][matmul]") {
  check_operation("matmul", product,
                  {Tensor::from({2, 1, 2}, {1, 2, 5, 6}), Tensor::from({2, 2}, {1, 10, 100, 0})},
                  Tensor::from({2, 1, 2}, {201, 10, 605, 50}));
}

// The plain sum of products, in double
Tensor by_definition(const Tensor& a, const Tensor& b) {
  const std::size_t M = a.size(-2), K = a.size(-1), N = b.size(-1);
  const std::size_t batch =
      M * K == 0 ? element_count(Shape(a.shape().begin(), a.shape().end() - 2)) : a.size() / (M * K);
  Shape shape = a.shape();
  shape.back() = N;
  std::vector<float> values;
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t of_b = b.dim() == 2 ? 0 : i * K * N;
    for (std::size_t m = 0; m < M; ++m) {
      for (std::size_t n = 0; n < N; ++n) {
        double total = 0;
        for (std::size_t k = 0; k < K; ++k) {
          total += static_cast<double>(a.values()[(i * M + m) * K + k]) * b.values()[of_b + k * N + n];
        }
        values.push_back(static_cast<float>(total));
      }
    }
  }
  return Tensor::from(shape, values);
}

TEST_CASE("matmul: every kind of shapes against the definition, with gradients", "[ops][matmul]") {
  Rng rng(30);
  for (const Shape& leading : {Shape{}, Shape{1}, Shape{3}, Shape{2, 2}, Shape{2, 1, 2}}) {
    for (const Shape& sizes :
         {Shape{1, 1, 1}, Shape{1, 3, 2}, Shape{2, 1, 3}, Shape{3, 2, 1}, Shape{4, 3, 2}}) {
      Shape a = leading, b = leading;
      a.insert(a.end(), {sizes[0], sizes[1]});
      b.insert(b.end(), {sizes[1], sizes[2]});
      const Tensor x = Tensor::normal(a, 1, rng), y = Tensor::normal(b, 1, rng);
      check_operation("matmul " + to_string(a) + " @ " + to_string(b), product, {x, y}, by_definition(x, y));
      const Tensor shared = Tensor::normal({sizes[1], sizes[2]}, 1, rng);
      check_operation("matmul " + to_string(a) + " @ shared", product, {x, shared}, by_definition(x, shared));
    }
  }
}

TEST_CASE("matmul: either side transposed", "[ops][matmul]") {
  Rng rng(31);
  const Inputs in{Tensor::normal({2, 3, 4}, 1, rng), Tensor::normal({2, 3, 4}, 1, rng)};
  check_gradient(
      "a b^T", [](const Inputs& in) { return matmul(in[0], transpose(in[1])); }, in);
  check_gradient(
      "a^T b", [](const Inputs& in) { return matmul(transpose(in[0]), in[1]); }, in);
  check_values("a b^T", matmul(in[0], transpose(in[1])), by_definition(in[0], transpose(in[1])));
  check_values("a^T b", matmul(transpose(in[0]), in[1]), by_definition(transpose(in[0]), in[1]));
}

TEST_CASE("matmul: one tensor on both sides", "[ops][matmul]") {
  check_operation(
      "x @ x", [](const Inputs& in) { return matmul(in[0], in[0]); }, {Tensor::from({2, 2}, {1, 2, 3, 4})},
      Tensor::from({2, 2}, {7, 10, 15, 22}));
  Rng rng(32);
  check_gradient("x @ x^T", [](const Inputs& in) { return matmul(in[0], transpose(in[0])); },
                 {Tensor::normal({2, 3, 2}, 1, rng)});
}

TEST_CASE("matmul: large and odd sizes against the definition", "[ops][matmul]") {
  Rng rng(33);
  const Tensor a = Tensor::normal({3, 67, 129}, 1, rng), b = Tensor::normal({3, 129, 33}, 1, rng);
  check_values("batch", matmul(a, b), by_definition(a, b), 2e-5);
  const Tensor shared = Tensor::normal({129, 257}, 1, rng);
  check_values("shared", matmul(a, shared), by_definition(a, shared), 2e-5);
}

TEST_CASE("matmul: nothing summed is zero, and nothing multiplied is nothing", "[ops][matmul]") {
  check_operation("K = 0", product, {Tensor::zeros({2, 0}), Tensor::zeros({0, 3})}, Tensor::zeros({2, 3}));
  check_operation("M = 0", product, {Tensor::zeros({0, 2}), Tensor::full({2, 3}, 1)}, Tensor::zeros({0, 3}));
  check_operation("N = 0", product, {Tensor::full({3, 2}, 1), Tensor::zeros({2, 0})}, Tensor::zeros({3, 0}));
  check_operation("batch of 0", product, {Tensor::zeros({0, 2, 3}), Tensor::zeros({0, 3, 2})},
                  Tensor::zeros({0, 2, 2}));
}

TEST_CASE("matmul: refuses shapes that don't fit", "[ops][matmul]") {
  const std::string wanted =
      "matmul: needs (..., M, K) @ (..., K, N) with equal leading axes, or none on the right, got ";
  const auto message = [](const Shape& a, const Shape& b) {
    return message_of<std::invalid_argument>([&] { matmul(Tensor::zeros(a), Tensor::zeros(b)); });
  };
  CHECK(message({2, 3}, {2, 3}) == wanted + "(2, 3) @ (2, 3)");
  CHECK(message({3}, {3, 2}) == wanted + "(3,) @ (3, 2)");
  CHECK(message({2, 3}, {3}) == wanted + "(2, 3) @ (3,)");
  CHECK(message({2, 2, 3}, {3, 3, 2}) == wanted + "(2, 2, 3) @ (3, 3, 2)");
  CHECK(message({2, 3}, {1, 3, 2}) == wanted + "(2, 3) @ (1, 3, 2)");
  CHECK(message({2, 4, 2, 3}, {4, 3, 2}) == wanted + "(2, 4, 2, 3) @ (4, 3, 2)");
}

// ---- linear

const Operation with_bias = [](const Inputs& in) { return linear(in[0], in[1], in[2]); };
const Operation without_bias = [](const Inputs& in) { return linear(in[0], in[1]); };

TEST_CASE("linear: worked out by hand", "[ops][linear]") {
  // (1 2) @ (1 0 2; 0 1 3) = (1 2 8); plus (10 20 30).
  const Inputs in{Tensor::from({1, 2}, {1, 2}), Tensor::from({2, 3}, {1, 0, 2, 0, 1, 3}),
                  Tensor::from({3}, {10, 20, 30})};
  check_operation("linear", with_bias, in, Tensor::from({1, 3}, {11, 22, 38}));
  check_operation("linear without bias", without_bias, {in[0], in[1]}, Tensor::from({1, 3}, {1, 2, 8}));
}

TEST_CASE("linear: equals matmul plus bias for any number of leading axes, with gradients", "[ops][linear]") {
  Rng rng(34);
  for (const Shape& shape :
       {Shape{5}, Shape{1, 5}, Shape{3, 5}, Shape{2, 3, 5}, Shape{2, 1, 3, 5}, Shape{0, 5}}) {
    const Inputs in{Tensor::normal(shape, 1, rng), Tensor::normal({5, 4}, 1, rng),
                    Tensor::normal({4}, 1, rng)};
    const auto composed = [&](const Inputs& in) {
      Shape result = shape;
      result.back() = 4;
      return reshape(matmul(reshape(in[0], {in[0].size() / 5, 5}), in[1]), result);
    };
    check_same(
        "linear " + to_string(shape), with_bias, [&](const Inputs& in) { return composed(in) + in[2]; }, in);
    check_same("linear without bias " + to_string(shape), without_bias, composed, {in[0], in[1]});
    check_gradient("linear " + to_string(shape), with_bias, in);
  }
}

TEST_CASE("linear: equals matmul plus bias where several threads share the work", "[ops][linear]") {
  Rng rng(35);
  check_same(
      "linear", with_bias, [](const Inputs& in) { return matmul(in[0], in[1]) + in[2]; },
      {Tensor::normal({3, 700, 40}, 1, rng), Tensor::normal({40, 130}, 0.2f, rng),
       Tensor::normal({130}, 1, rng)},
      1e-4);
}

TEST_CASE("linear: one tensor as input and weight", "[ops][linear]") {
  check_gradient("linear(x, x, b)", [](const Inputs& in) { return linear(in[0], in[0], in[1]); },
                 {Tensor::from({2, 2}, {1, 2, -3, 0.5f}), Tensor::from({2}, {1, 2})});
}

TEST_CASE("linear: refuses shapes that don't fit", "[ops][linear]") {
  const auto message = [](const Shape& x, const Shape& weight, const Shape& bias) {
    return message_of<std::invalid_argument>(
        [&] { linear(Tensor::zeros(x), Tensor::zeros(weight), Tensor::zeros(bias)); });
  };
  CHECK(message({2, 3}, {4, 5}, {5}) == "linear: x must be (..., 4) for weight (4, 5), got (2, 3)");
  CHECK(message({}, {4, 5}, {5}) == "linear: x must be (..., 4) for weight (4, 5), got ()");
  CHECK(message({2, 4}, {4, 5}, {4}) == "linear: bias must be (5,), got (4,)");
  CHECK(message({2, 4}, {4}, {4}) == "linear: weight must be (*, *), got (4,)");
  CHECK(message({2, 4}, {4, 0}, {0}) == "linear: weight must be (*, *), got (4, 0)");
  CHECK(message_of<std::invalid_argument>([] {
          linear(Tensor::zeros({3}), Tensor::zeros({4, 5}));
        }) == "linear: x must be (..., 4) for weight (4, 5), got (3,)");
}

}  // namespace
}  // namespace gpt
