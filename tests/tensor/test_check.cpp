/// @file test_check.cpp
/// What all public functions use to look at their arguments.
#include <cmath>
#include <stdexcept>

#include "common/tensor/check.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("to_string: shapes as Python writes tuples", "[check]") {
  CHECK(to_string(Shape{}) == "()");
  CHECK(to_string(Shape{3}) == "(3,)");
  CHECK(to_string(Shape{2, 3}) == "(2, 3)");
  CHECK(to_string(Shape{any, 0, 4}) == "(*, 0, 4)");
}

TEST_CASE("element_count: the product of all sizes", "[check]") {
  CHECK(element_count({}) == 1);
  CHECK(element_count({7}) == 7);
  CHECK(element_count({2, 3, 4}) == 24);
  CHECK(element_count({2, 0, 4}) == 0);
  CHECK(element_count({any, 0}) == 0);
  CHECK(message_of<std::invalid_argument>([] {
          element_count({std::size_t{1} << 32, std::size_t{1} << 32});  // 2^64, which wraps round to 0
        }) == "shape (4294967296, 4294967296) has more numbers than any memory can hold");
}

TEST_CASE("require_positive: gives the value back, or refuses 0", "[check]") {
  CHECK(require_positive("Head: C", 5) == 5);
  CHECK(message_of<std::invalid_argument>([] { require_positive("Head: C", 0); }) ==
        "Head: C must be positive, got 0");
}

TEST_CASE("require_multiple: heads share the channels out evenly", "[check]") {
  CHECK_NOTHROW(require_multiple("Heads", 12, 4));
  for (const auto& [C, H] : {std::pair<size_t, size_t>{5, 2}, {0, 2}, {4, 0}, {2, 4}}) {
    CHECK(message_of<std::invalid_argument>([C = C, H = H] { require_multiple("Heads", C, H); }) ==
          "Heads: C must be a positive multiple of H, got C = " + std::to_string(C) +
              " and H = " + std::to_string(H));
  }
}

TEST_CASE("require_context: no text longer than the model can look back", "[check]") {
  CHECK_NOTHROW(require_context("GPT", 8, 8));
  CHECK_NOTHROW(require_context("GPT", 1000, no_limit));
  CHECK(message_of<std::invalid_argument>([] { require_context("GPT", 9, 8); }) ==
        "GPT: T must be at most block_size = 8, got 9");
}

TEST_CASE("require_between: includes both ends, refuses NaN", "[check]") {
  CHECK(require_between("p", 0.0f, 0, 1) == 0.0f);
  CHECK(require_between("p", 1.0f, 0, 1) == 1.0f);
  CHECK(message_of<std::invalid_argument>([] { require_between("p", 1.5f, 0, 1); }) ==
        "p must be in [0, 1], got 1.5");
  CHECK(message_of<std::invalid_argument>([] { require_between("p", -0.25f, 0, 1); }) ==
        "p must be in [0, 1], got -0.25");
  CHECK(message_of<std::invalid_argument>([] { require_between("p", std::nanf(""), 0, 1); }) ==
        "p must be in [0, 1], got nan");
}

TEST_CASE("require_fraction: includes 0, refuses 1 and NaN", "[check]") {
  CHECK(require_fraction("p", 0.0f) == 0.0f);
  CHECK(require_fraction("p", 0.9999f) == 0.9999f);
  for (const float value : {1.0f, 1.5f, -0.25f, std::nanf("")}) {
    CHECK(message_of<std::invalid_argument>([&] {
            require_fraction("p", value);
          }).find("p must be in [0, 1), got ") == 0);
  }
}

TEST_CASE("require_shape: every size, or any size of at least 1", "[check]") {
  const Tensor x = Tensor::zeros({4, 8, 64});
  CHECK_NOTHROW(require_shape("Head: x", x, {4, 8, 64}));
  CHECK_NOTHROW(require_shape("Head: x", x, {any, any, 64}));
  CHECK(message_of<std::invalid_argument>([&] {
          require_shape("Head: x", x, {any, any, 32});
        }) == "Head: x must be (*, *, 32), got (4, 8, 64)");
  CHECK(message_of<std::invalid_argument>([&] {
          require_shape("Head: x", x, {any, 64});
        }) == "Head: x must be (*, 64), got (4, 8, 64)");
  CHECK(message_of<std::invalid_argument>([] {
          require_shape("Head: x", Tensor::zeros({0, 2}), {any, 2});
        }) == "Head: x must be (*, 2), got (0, 2)");
}

}  // namespace
}  // namespace gpt
