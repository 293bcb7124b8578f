/// @file test_worked_arrays.cpp
/// The arrays of docs/tensors.md, and what usually goes wrong with them.
#include <sstream>

#include "common/tensor/array.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("worked example: arrays have shapes, broadcast, sum and show parts of themselves",
          "[array][worked]") {
  //! [arrays]
  const xt::xarray<float> x{{1, 2, 3}, {4, 5, 6}};  // (2, 3)
  const xt::xarray<float> offset{10, 20, 30};       // (3)
  const xt::xarray<float> shifted = x + offset;     // (2, 3) + (3)

  const xt::xarray<float> sums = xt::sum(x, {1}, xt::keep_dims);  // (2, 1)
  const xt::xarray<float> shares = x / sums;                      // (2, 3) / (2, 1)

  const xt::xarray<float> middle = xt::view(x, xt::all(), 1);  // (2)
  //! [arrays]
  check_values("shifted", tensor(shifted), Tensor::from({2, 3}, {11, 22, 33, 14, 25, 36}));
  check_values("sums", tensor(sums), Tensor::from({2, 1}, {6, 15}));
  check_values("shares", tensor(shares),
               Tensor::from({2, 3}, {1 / 6.0f, 2 / 6.0f, 3 / 6.0f, 4 / 15.0f, 5 / 15.0f, 6 / 15.0f}));
  check_values("middle", tensor(middle), Tensor::from({2}, {2, 5}));

  std::ostringstream out;
  //! [between]
  const Tensor squares = tensor(x * x);    // computed now
  const ArrayView again = array(squares);  // no number is copied
  out << squares;                          // std::cout prints it
  //! [between]
  CHECK(out.str() == "{{  1.,   4.,   9.},\n { 16.,  25.,  36.}}");
  CHECK(again(1, 2) == 36);
}

TEST_CASE("worked example: a reduction gets a container of its own", "[array][worked]") {
  const xt::xarray<float> x{{1, 2, 3, 6}};
  //! [own_container]
  const xt::xarray<float> means = xt::mean(x, {1}, xt::keep_dims);
  const xt::xarray<float> centred = x - means;
  //! [own_container]
  check_values("centred", tensor(centred), Tensor::from({1, 4}, {-2, -1, 0, 3}));
}

TEST_CASE("worked example: braces hold numbers, from_shape takes sizes", "[array][worked]") {
  //! [from_shape]
  const xt::xarray<float> two_numbers({2, 3});
  const xt::xarray<float> two_rows = xt::xarray<float>::from_shape({2, 3});
  const xt::xarray<float> two_rows_of_0 = xt::zeros<float>({2, 3});
  //! [from_shape]
  CHECK(two_numbers.size() == 2);
  CHECK(two_rows.size() == 6);
  CHECK(two_rows_of_0(1, 2) == 0);
}

TEST_CASE("worked example: long sums are asked for in double", "[array][worked]") {
  const xt::xarray<float> tenths = xt::ones<float>({std::size_t{1000000}}) * 0.1f;
  //! [in_double]
  const xt::xarray<float> in_float = xt::sum(tenths);            // 100958
  const xt::xarray<double> in_double = xt::sum<double>(tenths);  // 100000
  //! [in_double]
  CHECK_THAT(in_double(), Catch::Matchers::WithinRel(100000.0, 1e-6));
  CHECK_THAT(in_float(), Catch::Matchers::WithinRel(100958.0f, 1e-3f));
}

}  // namespace
}  // namespace gpt
