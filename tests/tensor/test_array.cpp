/// @file test_array.cpp
/// Tensors as xtensor's arrays, and back.
#include <limits>
#include <sstream>
#include <stdexcept>

#include "common/tensor/array.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

const Tensor six = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});

std::string printed(const Tensor& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

// ---- array()

TEST_CASE("array: has the tensor's shape and its numbers, and copies none", "[array]") {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{5}, Shape{2, 3}, Shape{2, 1, 3, 1}, Shape{7, 0, 2}}) {
    const Tensor x = Tensor::full(shape, 2);
    const ArrayView view = array(x);
    CHECK(Shape(view.shape().begin(), view.shape().end()) == shape);
    CHECK(view.size() == x.size());
    CHECK(view.data() == x.values().data());
  }
  const ArrayView view = array(six);
  CHECK(view(0, 2) == 3);
  CHECK(view(1, 0) == 4);
}

TEST_CASE("array: of a transposed tensor has the rows that the tensor has", "[array]") {
  const ArrayView view = array(transpose(six));  // 1 4, 2 5, 3 6
  CHECK(view.shape()[0] == 3);
  CHECK(view(0, 1) == 4);
  CHECK(view(2, 0) == 3);
}

TEST_CASE("array: keeps a passing result's numbers alive", "[array]") {
  const ArrayView view = array(six * 2.0f);
  const Tensor others = six * 3.0f;  // would get the same memory, had it been given back
  CHECK(view(1, 2) == 12);
  const xt::xarray<float> total = xt::sum(array(six * 2.0f), {0, 1});
  CHECK(total() == 42);
  CHECK(others.at({0, 0}) == 3);
}

TEST_CASE("array: sees what is written to the tensor later, as another handle does", "[array]") {
  const Tensor x = Tensor::from({2}, {1, 2});
  const ArrayView view = array(x);
  x.mutable_values()[1] = 7;
  CHECK(view(1) == 7);
}

TEST_CASE("array: of a reshaped passing result keeps its numbers alive, whatever is written to the tensor",
          "[array]") {
  const Tensor x = reshape(six * 2.0f, {6});
  const ArrayView view = array(x);
  x.mutable_values()[0] = 1;         // x has numbers of its own from now on
  const Tensor others = six * 3.0f;  // would get the memory, had it been given back
  CHECK(view(5) == 12);
  CHECK(others.at({0, 0}) == 3);
}

TEST_CASE("array: of a tensor on the tape leads off the tape", "[array]") {
  const Tensor w = Tensor::from({2}, {1, 2}).require_grad();
  CHECK_FALSE(tensor(array(w) * 2.0f).requires_grad());
}

// ---- tensor()

TEST_CASE("tensor: computes an expression, whatever its numbers are", "[array]") {
  check_values("sum", tensor(array(six) + array(six)), Tensor::from({2, 3}, {2, 4, 6, 8, 10, 12}));
  check_values("broadcast", tensor(array(six) * xt::xarray<float>({1, 10, 100})),
               Tensor::from({2, 3}, {1, 20, 300, 4, 50, 600}));
  check_values("int", tensor(xt::xarray<int>{{1, 2}, {3, 4}}), Tensor::from({2, 2}, {1, 2, 3, 4}));
  check_values("double", tensor(xt::xarray<double>{0.1, 1e300}),
               Tensor::from({2}, {0.1f, std::numeric_limits<float>::infinity()}));
  check_values("bool", tensor(array(six) > 3.0f), Tensor::from({2, 3}, {0, 0, 0, 1, 1, 1}));
  check_values("transposed", tensor(xt::transpose(array(six))), transpose(six));
}

TEST_CASE("tensor: of an array gives the tensor back, whatever its shape", "[array]") {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{0}, Shape{2, 3}, Shape{2, 1, 3, 1}, Shape{7, 0, 2}}) {
    const Tensor x = Tensor::full(shape, 2);
    const Tensor back = tensor(array(x));
    check_values("x", back, x);
    CHECK((x.size() == 0 || back.values().data() != x.values().data()));
    check_values("2 x", tensor(array(x) + array(x)), Tensor::full(shape, 4));
  }
}

TEST_CASE("tensor: the result has nothing more to do with what it was computed from", "[array]") {
  xt::xarray<float> a{1, 2};
  const Tensor x = tensor(a + 1.0f);
  a(0) = 100;
  check_values("x", x, Tensor::from({2}, {2, 3}));
}

TEST_CASE("tensor: shapes that don't fit are an invalid argument, as everywhere in the library", "[array]") {
  const std::string message = message_of<std::invalid_argument>([] {
    tensor(array(six) + xt::xarray<float>({1, 2}));
  });
  CHECK(message.starts_with("tensor: shapes inside the expression don't fit: "));
}

// ---- operator<<

TEST_CASE("a tensor can be printed, row by row", "[array]") {
  CHECK(printed(six) == "{{ 1.,  2.,  3.},\n { 4.,  5.,  6.}}");
  CHECK(printed(transpose(six)) == "{{ 1.,  4.},\n { 2.,  5.},\n { 3.,  6.}}");
  CHECK(printed(Tensor::from({3}, {0.5f, -1, 2})) == "{ 0.5, -1. ,  2. }");
}

TEST_CASE("a tensor can be printed, with or without elements, and whatever they are", "[array]") {
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(printed(Tensor::full({}, 2.5f)) == " 2.5");
  CHECK(printed(Tensor::zeros({0})) == "{}");
  CHECK(printed(Tensor::zeros({2, 0})).starts_with("{"));
  CHECK(printed(Tensor::from({2}, {-inf, inf})) == "{-inf, inf}");
}

TEST_CASE("a large tensor is printed in a few lines", "[array]") {
  const std::string text = printed(Tensor::zeros({100, 200}));
  CHECK(text.find("...") != std::string::npos);
  CHECK(text.size() < 1000);
}

}  // namespace
}  // namespace gpt
