/// @file array.hpp
/// Between tensors and xtensor: what xtensor calls an array is a tensor without a tape, and all that one may
/// want to do with numbers is written for it already. This is how everybody outside common/tensor includes
/// xtensor.
///
/// \code
/// const xt::xarray<float> means = xt::mean(array(x), {0});  // in: no number is copied
/// const Tensor weights = tensor(xt::tril(xt::ones<float>({T, T})));  // out: computed here and now
/// std::cout << x << '\n';
/// \endcode
///
/// What xtensor calls an expression computes nothing before it is asked to, and holds references to what it is
/// made of. So name the type of each result, `xt::xarray<float> y = a + b;`, and never write `auto y = a + b;`.
/// More such traps stand in docs/tensors.md.
#pragma once

#include <iosfwd>
#include <memory>
#include <stdexcept>
#include <string>

#include "common/tensor/shape.hpp"    // Shape
#include "common/tensor/tensor.hpp"   // Tensor
#include "common/tensor/xtensor.hpp"  // xt

namespace gpt {

/// A tensor's numbers with the face of an xtensor array that can't be written to.
using ArrayView =
    xt::xarray_adaptor<xt::xbuffer_adaptor<const float*, xt::smart_ownership, std::shared_ptr<const void>>,
                       xt::layout_type::row_major, Shape>;

/// A tensor as an array of xtensor's, without a copy. The view keeps the numbers alive, also where x was a
/// passing result; and it sees what an optimiser writes to them later, as every handle does. (Of a reshaped tensor, take
/// the view anew after a write: tensors that share memory part then, and the view stays with one of them.)
///
/// What is computed from it is off the tape: no gradient finds its way back through an array.
ArrayView array(const Tensor& x);

/// The numbers of a as a tensor, off the tape.
Tensor to_tensor(const xt::xarray<float>& a);

/// Any expression of xtensor's as a tensor: computed now, in float32, and off the tape.
/// @throws std::invalid_argument if shapes inside the expression don't fit each other
template <class E>
Tensor tensor(const xt::xexpression<E>& expression) {
  try {
    return to_tensor(expression);
  } catch (const xt::broadcast_error& error) {  // to all others a std::runtime_error
    throw std::invalid_argument(std::string("tensor: shapes inside the expression don't fit: ") +
                                error.what());
  }
}

/// Prints the numbers in rows, in braces; of more than a thousand, only those at the ends of each axis.
std::ostream& operator<<(std::ostream& out, const Tensor& x);

}  // namespace gpt
