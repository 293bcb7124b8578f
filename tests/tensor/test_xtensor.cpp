/// @file test_xtensor.cpp
/// What common/ and the chapters take for granted about xtensor. A failure here after an upgrade says which file to look at.
#include <cstdint>
#include <utility>
#include <vector>

#include "common/tensor/array.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

using Shape = std::vector<std::size_t>;

Array counting(const Shape& shape) {
  Array a = Array::from_shape(shape);
  for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<float>(i);
  return a;
}

std::vector<float> numbers(const Array& a) { return std::vector<float>(a.data(), a.data() + a.size()); }

Shape shape_of(const Array& a) { return Shape(a.shape().begin(), a.shape().end()); }

// node.hpp: Storage and Node

TEST_CASE("xtensor: from_shape takes a vector of sizes and makes room for their product", "[xtensor]") {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{5}, Shape{2, 3}, Shape{2, 1, 3, 1}, Shape{7, 0, 2}}) {
    const Array a = Array::from_shape(shape);
    std::size_t n = 1;
    for (const std::size_t size : shape) n *= size;
    CHECK(a.size() == n);
    CHECK(a.dimension() == shape.size());
    CHECK(shape_of(a) == shape);
  }
}

TEST_CASE("xtensor: data is row-major without gaps, from the allocator's 64-byte boundary", "[xtensor]") {
  const Array a = counting({2, 3});
  CHECK(a(0, 0) == 0);
  CHECK(a(0, 2) == 2);
  CHECK(a(1, 0) == 3);
  CHECK(a(1, 2) == 5);
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
}

TEST_CASE("xtensor: an array by default is a scalar with room for its number", "[xtensor]") {
  Array a;  // a Node's gradient before its first use, and resize({}) leaves it as it is
  CHECK(a.dimension() == 0);
  CHECK(a.size() == 1);
  REQUIRE(a.data() != nullptr);
  a.resize(Shape{});
  CHECK(a.size() == 1);
  a.data()[0] = 5;
  CHECK(a() == 5);
}

TEST_CASE("xtensor: resize takes the shape, and keeps the memory if it has that shape already", "[xtensor]") {
  Array a;
  a.resize(Shape{3, 4});
  CHECK(shape_of(a) == Shape{3, 4});
  CHECK(a.size() == 12);
  const float* before = a.data();
  a.resize(Shape{3, 4});  // zero_grad() and the next gradient
  CHECK(a.data() == before);
}

TEST_CASE("xtensor: assigning an array by default lets the memory go", "[xtensor]") {
  Array a = counting({100});
  a = Array();
  CHECK(a.size() == 1);
  CHECK(a.dimension() == 0);
}

TEST_CASE("xtensor: a copy has numbers of its own, a move takes them along", "[xtensor]") {
  Array a = counting({2, 2});
  Array copy = a;
  copy.data()[0] = 9;
  CHECK(a.data()[0] == 0);
  const float* before = a.data();
  const Array moved = std::move(a);
  CHECK(moved.data() == before);
}

TEST_CASE("xtensor: a gradient handed on keeps its memory under another shape", "[xtensor]") {
  Array a = counting({2, 3});
  const float* before = a.data();
  Array b;
  b = std::move(a);
  b.reshape(Shape{3, 2});
  CHECK(b.data() == before);
  CHECK(shape_of(b) == Shape{3, 2});
  CHECK(numbers(b) == std::vector<float>{0, 1, 2, 3, 4, 5});
  a = Array();  // what was moved from can be used again
  CHECK(a.size() == 1);
}

// ops_elementwise.cpp: the gradient of what was repeated

TEST_CASE("xtensor: a sum over a vector of axes, assigned to a named array, drops these axes", "[xtensor]") {
  const Array a = counting({2, 3, 2});  // a[i][j][k] = 6 i + 2 j + k
  const std::vector<std::size_t> outer{0}, inner{2}, ends{0, 2}, all{0, 1, 2};
  const Array over_outer = xt::sum(a, outer);
  CHECK(shape_of(over_outer) == Shape{3, 2});
  CHECK(numbers(over_outer) == std::vector<float>{6, 8, 10, 12, 14, 16});
  const Array over_inner = xt::sum(a, inner);
  CHECK(numbers(over_inner) == std::vector<float>{1, 5, 9, 13, 17, 21});
  const Array over_ends = xt::sum(a, ends);
  CHECK(shape_of(over_ends) == Shape{3});
  CHECK(numbers(over_ends) == std::vector<float>{14, 22, 30});
  const Array over_all = xt::sum(a, all);
  CHECK(over_all.dimension() == 0);
  CHECK(over_all.data()[0] == 66);
}

// ops_reduce.cpp

TEST_CASE("xtensor: sum<double> adds floats in double", "[xtensor]") {
  const xt::xarray<float> a = xt::ones<float>({std::size_t{300000}}) * 0.1f;  // in float32 it would be 29913
  const xt::xarray<double> total = xt::sum<double>(a);
  CHECK_THAT(total(), Catch::Matchers::WithinRel(30000.0, 1e-6));
  const xt::xarray<double> along = xt::sum<double>(a, {0});
  CHECK_THAT(along(), Catch::Matchers::WithinRel(30000.0, 1e-6));
}

// Chapters 1 and 2, and the page on tensors

TEST_CASE("xtensor: sum and mean along an axis are right in a container of their own", "[xtensor]") {
  const xt::xarray<float> a{{1, 2, 6}, {3, 4, 8}};
  const xt::xarray<float> sums = xt::sum(a, {1}, xt::keep_dims);
  REQUIRE(sums.dimension() == 2);
  CHECK(sums(0, 0) == 9);
  CHECK(sums(1, 0) == 15);
  const xt::xarray<float> means = xt::mean(a, {0});
  CHECK(means == xt::xarray<float>({2, 3, 7}));
  const xt::xarray<float> shares = a / sums;
  CHECK_THAT(shares(1, 2), Catch::Matchers::WithinAbs(8 / 15.0f, 1e-6f));
}

TEST_CASE("xtensor: a view copied to a container holds the rows that were asked for", "[xtensor]") {
  const Array a = counting({2, 3, 2});  // a[i][j][k] = 6 i + 2 j + k
  for (std::size_t t = 0; t < 3; ++t) {
    const xt::xarray<float> rows = xt::view(a, 1, xt::range(0, t + 1));
    REQUIRE(rows.dimension() == 2);
    REQUIRE(rows.shape()[0] == t + 1);
    CHECK(rows(0, 0) == 6);
    CHECK(rows(t, 1) == 7 + 2 * static_cast<float>(t));
  }
  const xt::xarray<float> row = xt::row(xt::xarray<float>{{1, 2}, {3, 4}}, 1);
  CHECK(row == xt::xarray<float>({3, 4}));
}

TEST_CASE("xtensor: tril keeps what is up to the diagonal, and where chooses", "[xtensor]") {
  const xt::xarray<float> lower = xt::tril(xt::ones<float>({2, 2}));
  CHECK(lower == xt::xarray<float>({{1, 0}, {1, 1}}));
  const xt::xarray<float> chosen = xt::where(xt::tril(xt::ones<bool>({2, 2})), 5.0f, -7.0f);
  CHECK(chosen == xt::xarray<float>({{5, -7}, {5, 5}}));
}

TEST_CASE("xtensor: braces are numbers, from_shape takes sizes", "[xtensor]") {
  const xt::xarray<float> numbers_2_and_3({2, 3});
  CHECK(numbers_2_and_3.dimension() == 1);
  CHECK(xt::xarray<float>::from_shape({2, 3}).dimension() == 2);
}

}  // namespace
}  // namespace gpt
