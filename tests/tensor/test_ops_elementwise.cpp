/// @file test_ops_elementwise.cpp
/// Arithmetic with broadcasting, and functions of single elements.
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "common/kernels/vector_math.hpp"
#include "common/tensor/array.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
const float nan = std::numeric_limits<float>::quiet_NaN();

// ---- Two tensors

struct Arithmetic {
  const char* name;
  Operation operation;
  std::function<Tensor(const ArrayView&, const ArrayView&)> second_opinion;  // xtensor's
};

std::vector<Arithmetic> arithmetic() {
  using A = ArrayView;
  return {
      {"operator+", [](const Inputs& in) { return in[0] + in[1]; },
       [](const A& a, const A& b) { return tensor(a + b); }},
      {"operator-", [](const Inputs& in) { return in[0] - in[1]; },
       [](const A& a, const A& b) { return tensor(a - b); }},
      {"operator*", [](const Inputs& in) { return in[0] * in[1]; },
       [](const A& a, const A& b) { return tensor(a * b); }},
      {"operator/", [](const Inputs& in) { return in[0] / in[1]; },
       [](const A& a, const A& b) { return tensor(a / b); }},
  };
}

TEST_CASE("arithmetic: equal shapes, worked out by hand", "[ops][elementwise]") {
  const Inputs in{Tensor::from({2, 2}, {1, 2, -3, 4}), Tensor::from({2, 2}, {5, -4, 2, 0.5f})};
  const std::vector<Arithmetic> all = arithmetic();
  check_operation("operator+", all[0].operation, in, Tensor::from({2, 2}, {6, -2, -1, 4.5f}));
  check_operation("operator-", all[1].operation, in, Tensor::from({2, 2}, {-4, 6, -5, 3.5f}));
  check_operation("operator*", all[2].operation, in, Tensor::from({2, 2}, {5, -8, -6, 2}));
  check_operation("operator/", all[3].operation, in, Tensor::from({2, 2}, {0.2f, -0.5f, -1.5f, 8}));
}

TEST_CASE("arithmetic: a row, a column and a scalar are repeated", "[ops][elementwise]") {
  const Tensor x = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor row = Tensor::from({3}, {10, 20, 30}), column = Tensor::from({2, 1}, {100, 200});
  check_values("row", x + row, Tensor::from({2, 3}, {11, 22, 33, 14, 25, 36}));
  check_values("column", x + column, Tensor::from({2, 3}, {101, 102, 103, 204, 205, 206}));
  check_values("column and row", column + row, Tensor::from({2, 3}, {110, 120, 130, 210, 220, 230}));
  check_values("scalar", Tensor::full({}, 7) - x, Tensor::from({2, 3}, {6, 5, 4, 3, 2, 1}));
}

TEST_CASE(
    "arithmetic: every pair of shapes up to four axes broadcasts as xtensor does, or is refused as there",
    "[ops][elementwise]") {
  const std::vector<Shape> shapes{{},        {1},       {3},       {1, 1},    {1, 3},       {2, 1},
                                  {2, 3},    {3, 2},    {1, 1, 1}, {1, 1, 3}, {1, 2, 1},    {2, 1, 1},
                                  {2, 1, 3}, {2, 2, 1}, {1, 2, 3}, {2, 2, 3}, {2, 1, 2, 1}, {1, 2, 1, 3}};
  Rng rng(1);
  int fitting = 0, refused = 0;
  for (const Shape& a : shapes) {
    for (const Shape& b : shapes) {
      const Tensor x = Tensor::uniform(a, 0.5f, 1.5f, rng), y = Tensor::uniform(b, 0.5f, 1.5f, rng);
      for (const Arithmetic& op : arithmetic()) {
        const std::string what = std::string(op.name) + ": shapes " + to_string(a) + " and " + to_string(b);
        try {
          const Tensor expected = op.second_opinion(array(x), array(y));
          check_operation(what, op.operation, {x, y}, expected);
          ++fitting;
        } catch (const std::invalid_argument&) {
          CHECK(message_of<std::invalid_argument>([&] {
                  op.operation({x, y});
                }) == what + " don't fit: aligned at the last axis, sizes must be equal or 1");
          ++refused;
        }
      }
    }
  }
  CHECK(fitting == 4 * 300);
  CHECK(fitting + refused == 4 * 18 * 18);
}

TEST_CASE("arithmetic: tensors without elements give tensors without elements", "[ops][elementwise]") {
  for (const Arithmetic& op : arithmetic()) {
    check_operation(op.name, op.operation, {Tensor::zeros({2, 0}), Tensor::zeros({2, 0})},
                    Tensor::zeros({2, 0}));
    check_operation(op.name, op.operation, {Tensor::full({2, 1}, 1), Tensor::zeros({2, 0})},
                    Tensor::zeros({2, 0}));
    check_operation(op.name, op.operation, {Tensor::zeros({0, 3}), Tensor::full({3}, 1)},
                    Tensor::zeros({0, 3}));
  }
}

TEST_CASE("arithmetic: one tensor on both sides", "[ops][elementwise]") {
  const Inputs x{Tensor::from({3}, {1, -2, 0.5f})};
  check_operation(
      "x + x", [](const Inputs& in) { return in[0] + in[0]; }, x, Tensor::from({3}, {2, -4, 1}));
  check_operation(
      "x - x", [](const Inputs& in) { return in[0] - in[0]; }, x, Tensor::from({3}, {0, 0, 0}));
  check_operation(
      "x * x", [](const Inputs& in) { return in[0] * in[0]; }, x, Tensor::from({3}, {1, 4, 0.25f}));
  check_operation(
      "x / x", [](const Inputs& in) { return in[0] / in[0]; }, x, Tensor::from({3}, {1, 1, 1}));
  // 2 x^2
  check_operation(
      "(x + x) * x", [](const Inputs& in) { return (in[0] + in[0]) * in[0]; }, x,
      Tensor::from({3}, {2, 8, 0.5f}));
}

TEST_CASE("arithmetic: with a number on either side", "[ops][elementwise]") {
  const Inputs x{Tensor::from({3}, {1, -2, 4})};
  check_operation(
      "x + 3", [](const Inputs& in) { return in[0] + 3.0f; }, x, Tensor::from({3}, {4, 1, 7}));
  check_operation(
      "x - 3", [](const Inputs& in) { return in[0] - 3.0f; }, x, Tensor::from({3}, {-2, -5, 1}));
  check_operation(
      "x * 3", [](const Inputs& in) { return in[0] * 3.0f; }, x, Tensor::from({3}, {3, -6, 12}));
  check_operation(
      "x / 4", [](const Inputs& in) { return in[0] / 4.0f; }, x, Tensor::from({3}, {0.25f, -0.5f, 1}));
  check_operation(
      "3 + x", [](const Inputs& in) { return 3.0f + in[0]; }, x, Tensor::from({3}, {4, 1, 7}));
  check_operation(
      "3 - x", [](const Inputs& in) { return 3.0f - in[0]; }, x, Tensor::from({3}, {2, 5, -1}));
  check_operation(
      "3 * x", [](const Inputs& in) { return 3.0f * in[0]; }, x, Tensor::from({3}, {3, -6, 12}));
  check_operation(
      "4 / x", [](const Inputs& in) { return 4.0f / in[0]; }, x, Tensor::from({3}, {4, -2, 1}));
  check_operation(
      "-x", [](const Inputs& in) { return -in[0]; }, x, Tensor::from({3}, {-1, 2, -4}));
}

TEST_CASE("arithmetic: a division by zero gives infinity or NaN, as IEEE 754 has it", "[ops][elementwise]") {
  check_values("x / 0", Tensor::from({3}, {1, -1, 0}) / Tensor::zeros({3}),
               Tensor::from({3}, {inf, -inf, nan}));
  check_values("1 / x", 1.0f / Tensor::from({1}, {0}), Tensor::from({1}, {inf}));
}

TEST_CASE("arithmetic: what is repeated no times has a gradient of zeros", "[ops][elementwise]") {
  const Tensor x = Tensor::from({2, 1}, {1, 2}).require_grad();
  sum(x * Tensor::zeros({2, 0})).backward();
  check_values("gradient", Tensor::from({2, 1}, x.grad()), Tensor::zeros({2, 1}));
}

// ---- One tensor

TEST_CASE("arithmetic: the gradient of what is repeated is summed in double", "[ops][elementwise]") {
  std::vector<float> numbers(1001, 1.0f);
  numbers[0] = 1e8f;  // to which 1 can't be added in float32
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{1, 1}}) {
    Tensor s = Tensor::zeros(shape);
    s.require_grad();
    sum(Tensor::from({7, 143}, numbers) * s).backward();
    INFO(to_string(shape));
    CHECK(s.grad()[0] == 100'001'000.0f);
  }
}

TEST_CASE("exp: values and gradient", "[ops][elementwise]") {
  check_operation(
      "exp", [](const Inputs& in) { return exp(in[0]); }, {Tensor::from({4}, {0, 1, -1, 0.5f})},
      Tensor::from({4}, {1, 2.718281828f, 0.367879441f, 1.648721271f}));
  check_values("exp at the ends", exp(Tensor::from({5}, {-inf, -1000, 1000, inf, nan})),
               Tensor::from({5}, {0, 0, inf, inf, nan}));
}

TEST_CASE("log: values and gradient", "[ops][elementwise]") {
  check_operation(
      "log", [](const Inputs& in) { return log(in[0]); }, {Tensor::from({4}, {1, 2.718281828f, 0.5f, 8})},
      Tensor::from({4}, {0, 1, -0.693147181f, 2.079441542f}));
  check_values("log at the ends", log(Tensor::from({4}, {0, -1, inf, nan})),
               Tensor::from({4}, {-inf, nan, inf, nan}));
}

TEST_CASE("tanh: values and gradient", "[ops][elementwise]") {
  check_operation(
      "tanh", [](const Inputs& in) { return tanh(in[0]); }, {Tensor::from({4}, {-1, 0, 0.5f, 2})},
      Tensor::from({4}, {-0.761594156f, 0, 0.462117157f, 0.964027580f}));
  check_values("tanh at the ends", tanh(Tensor::from({4}, {-inf, -100, 100, inf})),
               Tensor::from({4}, {-1, -1, 1, 1}));
}

TEST_CASE("sqrt: values and gradient", "[ops][elementwise]") {
  check_operation(
      "sqrt", [](const Inputs& in) { return sqrt(in[0]); }, {Tensor::from({4}, {1, 4, 2.25f, 100})},
      Tensor::from({4}, {1, 2, 1.5f, 10}));
  check_values("sqrt at the ends", sqrt(Tensor::from({3}, {0, -1, inf})), Tensor::from({3}, {0, nan, inf}));
}

TEST_CASE("relu: values and gradient, away from the kink", "[ops][elementwise]") {
  check_operation(
      "relu", [](const Inputs& in) { return relu(in[0]); }, {Tensor::from({4}, {-3, -0.1f, 0.1f, 2})},
      Tensor::from({4}, {0, 0, 0.1f, 2}));
}

TEST_CASE("relu: the derivative at 0 is 0", "[ops][elementwise]") {
  const Tensor x = Tensor::from({3}, {0, -0.0f, 1}).require_grad();
  sum(relu(x)).backward();
  check_values("relu'", Tensor::from({3}, x.grad()), Tensor::from({3}, {0, 0, 1}));
}

TEST_CASE("relu: NaN stays NaN, so that a run that went wrong shows", "[ops][elementwise]") {
  check_values("relu", relu(Tensor::from({3}, {nan, inf, -inf})), Tensor::from({3}, {nan, inf, 0}));
}

TEST_CASE("silu and squared relu: values and gradients", "[ops][elementwise]") {
  // e^(ln 3) = 3, so the logistic function of ln 3 is 3/4 and that of -ln 3 is 1/4.
  const float ln_3 = 1.098612289f;
  check_operation(
      "silu", [](const Inputs& in) { return silu(in[0]); }, {Tensor::from({3}, {-ln_3, 0, ln_3})},
      Tensor::from({3}, {-0.25f * ln_3, 0, 0.75f * ln_3}));
  check_values("silu far out", silu(Tensor::from({4}, {-1000, -50, 50, 1000})),
               Tensor::from({4}, {0, 0, 50, 1000}));
  check_operation(
      "relu_squared", [](const Inputs& in) { return relu_squared(in[0]); },
      {Tensor::from({4}, {-3, -0.5f, 0.5f, 2})}, Tensor::from({4}, {0, 0, 0.25f, 4}));
  CHECK(std::isnan(relu_squared(Tensor::from({1}, {NAN})).item()));
}

TEST_CASE("silu_gate: a gate's silu times a value in one pass", "[ops][elementwise]") {
  const float ln_3 = 1.098612289f;
  check_values("silu_gate", silu_gate(Tensor::from({3}, {-ln_3, 0, ln_3}), Tensor::from({3}, {4, 5, 8})),
               Tensor::from({3}, {-ln_3, 0, 6 * ln_3}));
  Rng rng(5);
  for (const Shape& shape : {Shape{1}, Shape{3, 7}, Shape{2, 5, 33}, Shape{70, 130}}) {
    check_same(
        "silu_gate " + to_string(shape), [](const Inputs& in) { return silu_gate(in[0], in[1]); },
        [](const Inputs& in) { return silu(in[0]) * in[1]; },
        {Tensor::normal(shape, 2, rng), Tensor::normal(shape, 1, rng)});
  }
  check_gradient("silu_gate", [](const Inputs& in) { return silu_gate(in[0], in[1]); },
                 {Tensor::normal({3, 4}, 2, rng), Tensor::normal({3, 4}, 1, rng)});
  check_gradient("silu_gate(x, x)", [](const Inputs& in) { return silu_gate(in[0], in[0]); },
                 {Tensor::normal({5}, 1, rng)});
  CHECK(message_of<std::invalid_argument>([] {
          silu_gate(Tensor::zeros({2, 3}), Tensor::zeros({2, 4}));
        }) ==
        "silu_gate: shapes (2, 3) and (2, 4) don't fit: aligned at the last axis, sizes must be equal or 1");
}

TEST_CASE("gelu: values and gradient", "[ops][elementwise]") {
  // By Python's math.tanh in the formula of ops.hpp.
  check_operation(
      "gelu", [](const Inputs& in) { return gelu(in[0]); }, {Tensor::from({5}, {-3, -1, 0, 0.5f, 2})},
      Tensor::from({5}, {-0.00363739f, -0.15880801f, 0, 0.34571401f, 1.95459769f}));
  check_values("gelu far out", gelu(Tensor::from({4}, {-100, -20, 20, 100})),
               Tensor::from({4}, {0, 0, 20, 100}));
}

TEST_CASE("functions of one element keep every shape", "[ops][elementwise]") {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{0}, Shape{2, 3}, Shape{2, 0, 3}, Shape{2, 1, 3, 1}}) {
    const Tensor x = Tensor::full(shape, 1);
    CHECK(exp(x).shape() == shape);
    CHECK(log(x).shape() == shape);
    CHECK(tanh(x).shape() == shape);
    CHECK(sqrt(x).shape() == shape);
    CHECK(relu(x).shape() == shape);
    CHECK(gelu(x).shape() == shape);
    CHECK((-x).shape() == shape);
  }
}

TEST_CASE("functions of one element treat long tensors like short ones", "[ops][elementwise]") {
  // Enough for several threads, and not a multiple of a vector register.
  constexpr std::size_t n = 70001;
  Rng rng(2);
  const Tensor x = Tensor::uniform({n}, 0.1f, 3.0f, rng).require_grad();
  const Tensor y = gelu(x) * exp(x) + relu(x) / x;
  sum(y).backward();
  for (std::size_t i = 0; i < n; i += 997) {
    const Tensor one = Tensor::from({1}, {x.values()[i]}).require_grad();
    const Tensor small = gelu(one) * exp(one) + relu(one) / one;
    small.backward();
    CHECK_THAT(y.values()[i], Catch::Matchers::WithinRel(small.item(), 1e-6f));
    CHECK_THAT(x.grad()[i], Catch::Matchers::WithinRel(one.grad()[0], 1e-5f));
  }
}

// ---- Their arithmetic (vector_math.hpp)

TEST_CASE("fast_exp: within two units in the last place wherever float32 has normal numbers",
          "[ops][vector_math]") {
  double worst = 0;
  for (double at = -87.3; at < 88.72; at += 1.7e-4) {
    const float x = static_cast<float>(at);
    const double exact = std::exp(static_cast<double>(x));
    const float nearest = static_cast<float>(exact);
    const double unit = static_cast<double>(std::nextafter(nearest, inf)) - nearest;
    const double error = std::abs(fast_exp(x) - exact) / unit;
    if (error > worst) worst = error;
  }
  CHECK(worst <= 2.0);
}

TEST_CASE("fast_exp: exactly 1 at 0, rises, and knows both ends", "[ops][vector_math]") {
  CHECK(fast_exp(0.0f) == 1.0f);
  CHECK(fast_exp(-0.0f) == 1.0f);
  CHECK(fast_exp(-87.4f) == 0.0f);
  CHECK(fast_exp(-std::numeric_limits<float>::max()) == 0.0f);
  CHECK(fast_exp(-inf) == 0.0f);
  CHECK(fast_exp(88.73f) == inf);
  CHECK(fast_exp(std::numeric_limits<float>::max()) == inf);
  CHECK(fast_exp(inf) == inf);
  CHECK(std::isnan(fast_exp(nan)));
  CHECK(std::isnan(fast_exp(-nan)));
  CHECK(std::isfinite(fast_exp(88.72f)));
}

TEST_CASE("fast_tanh: within 2e-7 everywhere, and never beyond 1", "[ops][vector_math]") {
  double worst = 0;
  bool inside = true;
  for (double at = -50; at < 50; at += 1.3e-4) {
    const float x = static_cast<float>(at);
    const float y = fast_tanh(x);
    worst = std::max(worst, std::abs(y - std::tanh(static_cast<double>(x))));
    inside = inside && y >= -1 && y <= 1;
  }
  CHECK(worst <= 2e-7);
  CHECK(inside);
  CHECK(fast_tanh(inf) == 1.0f);
  CHECK(fast_tanh(-inf) == -1.0f);
  CHECK(std::isnan(fast_tanh(nan)));
}

}  // namespace
}  // namespace gpt
