/// @file test_ops_reduce.cpp
/// sum, mean, max.
#include <array>
#include <cmath>
#include <stdexcept>

#include "common/tensor/array.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("sum: along each axis, which stays with size 1", "[ops][reduce]") {
  const Inputs x{Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})};
  check_operation(
      "sum axis 0", [](const Inputs& in) { return sum(in[0], 0); }, x, Tensor::from({1, 3}, {5, 7, 9}));
  check_operation(
      "sum axis 1", [](const Inputs& in) { return sum(in[0], 1); }, x, Tensor::from({2, 1}, {6, 15}));
  check_operation(
      "sum axis -2", [](const Inputs& in) { return sum(in[0], -2); }, x, Tensor::from({1, 3}, {5, 7, 9}));
  // x[i][j][k] = 4 i + 2 j + k: over j it is 8 i + 2 + 2 k.
  check_operation(
      "sum of the middle", [](const Inputs& in) { return sum(in[0], 1); },
      {Tensor::from({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})}, Tensor::from({2, 1, 2}, {2, 4, 10, 12}));
}

TEST_CASE("mean: along each axis, which stays with size 1", "[ops][reduce]") {
  const Inputs x{Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})};
  check_operation(
      "mean axis 0", [](const Inputs& in) { return mean(in[0], 0); }, x,
      Tensor::from({1, 3}, {2.5f, 3.5f, 4.5f}));
  check_operation(
      "mean axis -1", [](const Inputs& in) { return mean(in[0], -1); }, x, Tensor::from({2, 1}, {2, 5}));
}

TEST_CASE("sum and mean: of everything are scalars", "[ops][reduce]") {
  const Inputs x{Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})};
  check_operation(
      "sum", [](const Inputs& in) { return sum(in[0]); }, x, Tensor::full({}, 21));
  check_operation(
      "mean", [](const Inputs& in) { return mean(in[0]); }, x, Tensor::full({}, 3.5f));
  check_operation(
      "sum of a scalar", [](const Inputs& in) { return sum(in[0]); }, {Tensor::full({}, 2)},
      Tensor::full({}, 2));
  CHECK(sum(Tensor::zeros({0})).item() == 0);
}

TEST_CASE("max: along each axis", "[ops][reduce]") {
  // No two within a step of each other, so that central differences see one winner.
  const Inputs x{Tensor::from({2, 3}, {1, 5, -3, 4, 2, -6})};
  check_operation(
      "max axis 0", [](const Inputs& in) { return max(in[0], 0); }, x, Tensor::from({1, 3}, {4, 5, -3}));
  check_operation(
      "max axis 1", [](const Inputs& in) { return max(in[0], 1); }, x, Tensor::from({2, 1}, {5, 4}));
  check_operation(
      "max of the middle", [](const Inputs& in) { return max(in[0], -2); },
      {Tensor::from({2, 2, 2}, {0, 9, 2, 3, -4, -5, -6, -2})}, Tensor::from({2, 1, 2}, {2, 9, -4, -2}));
}

TEST_CASE("reductions: along every axis of many shapes, as xtensor has them", "[ops][reduce]") {
  Rng rng(1);
  for (const Shape& shape :
       {Shape{1}, Shape{7}, Shape{3, 5}, Shape{5, 1, 3}, Shape{2, 3, 5}, Shape{2, 1, 3, 7}}) {
    const Tensor x = Tensor::normal(shape, 1, rng);
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
      const std::array<std::size_t, 1> axes{static_cast<std::size_t>(axis)};
      INFO("axis " << axis << " of " << to_string(shape));
      check_values("sum", sum(x, axis), tensor(xt::sum<double>(array(x), axes, xt::keep_dims)));
      check_values("max", max(x, axis), tensor(xt::amax(array(x), axes, xt::keep_dims)));
      check_values("mean", mean(x, axis) * static_cast<float>(x.size(axis)), sum(x, axis), 1e-5);
      check_gradient("sum", [&](const Inputs& in) { return sum(in[0], axis); }, {x});
    }
    check_values("sum of all", sum(x), tensor(xt::sum<double>(array(x))));
  }
}

TEST_CASE("max: the first of equal maxima gets the gradient", "[ops][reduce]") {
  const Tensor x = Tensor::from({4}, {1, 7, 7, 0}).require_grad();
  max(x, 0).backward();
  check_values("max'", Tensor::from({4}, x.grad()), Tensor::from({4}, {0, 1, 0, 0}));
}

TEST_CASE("max: NaN anywhere is the largest, so that a run that went wrong shows", "[ops][reduce]") {
  const float nan = std::nanf("");
  for (const auto& [a, b, c] : {std::array{nan, 1.0f, 2.0f}, {1.0f, nan, 2.0f}, {1.0f, 2.0f, nan}}) {
    CHECK(std::isnan(max(Tensor::from({3}, {a, b, c}), 0).item()));
  }
}

TEST_CASE("max: of infinities", "[ops][reduce]") {
  const float inf = std::numeric_limits<float>::infinity();
  check_values("max", max(Tensor::from({2, 2}, {-inf, -inf, inf, 1}), 1), Tensor::from({2, 1}, {-inf, inf}));
}

TEST_CASE("reductions: an axis of size 1 changes nothing, whatever the shape", "[ops][reduce]") {
  const Tensor x = Tensor::from({2, 1, 2}, {1, 2, 3, 4});
  check_values("sum", sum(x, 1), x);
  check_values("mean", mean(x, 1), x);
  check_values("max", max(x, 1), x);
}

TEST_CASE("reductions: broadcast back against what they came from", "[ops][reduce]") {
  // The softmax of a beginner, in pieces.
  check_gradient("x / sum(x)", [](const Inputs& in) { return in[0] / sum(in[0], -1); },
                 {Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})});
  check_gradient("x - mean(x)", [](const Inputs& in) { return in[0] - mean(in[0], 0); },
                 {Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})});
  check_gradient("x - max(x)", [](const Inputs& in) { return in[0] - max(in[0], 1); },
                 {Tensor::from({2, 3}, {1, 2, 3, 4, 6, 5})});
}

TEST_CASE("sum: a million equal numbers lose no digits", "[ops][reduce]") {
  // In float32, adding 0.1 a million times gives 100958.
  constexpr std::size_t n = 1000000;
  const Tensor x = Tensor::full({n}, 0.1f);
  CHECK_THAT(sum(x).item(), Catch::Matchers::WithinRel(100000.0f, 1e-6f));
  CHECK_THAT(sum(x, 0).item(), Catch::Matchers::WithinRel(100000.0f, 1e-6f));
  CHECK_THAT(mean(x).item(), Catch::Matchers::WithinRel(0.1f, 1e-6f));
}

TEST_CASE("reductions: refuse axes that are not there and axes without elements", "[ops][reduce]") {
  const Tensor x = Tensor::zeros({2, 3}), hollow = Tensor::zeros({2, 0}), scalar = Tensor::full({}, 1);
  CHECK(message_of<std::invalid_argument>([&] { sum(x, 2); }) ==
        "sum: axis must be in [-2, 1] for shape (2, 3), got 2");
  CHECK(message_of<std::invalid_argument>([&] { mean(x, -3); }) ==
        "mean: axis must be in [-2, 1] for shape (2, 3), got -3");
  CHECK(message_of<std::invalid_argument>([&] { max(x, 2); }) ==
        "max: axis must be in [-2, 1] for shape (2, 3), got 2");
  CHECK(message_of<std::invalid_argument>([&] { sum(hollow, 1); }) == "sum: axis is empty in shape (2, 0)");
  CHECK(message_of<std::invalid_argument>([&] { mean(hollow, -1); }) ==
        "mean: axis is empty in shape (2, 0)");
  CHECK(message_of<std::invalid_argument>([&] { max(hollow, 1); }) == "max: axis is empty in shape (2, 0)");
  CHECK(message_of<std::invalid_argument>([&] { mean(hollow); }) ==
        "mean: needs at least one element, got shape (2, 0)");
  CHECK(message_of<std::invalid_argument>([&] { max(scalar, 0); }) ==
        "max: shape () has no axes, got axis 0");
}

}  // namespace
}  // namespace gpt
