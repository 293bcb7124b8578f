/// @file mask_future.hpp
/// Chapter 2. Nobody may read ahead: a model that sees the answer learns nothing but to copy it.
#pragma once

#include <limits>
#include <stdexcept>

#include "common/gpt.hpp"
#include "common/tensor/array.hpp"  // tensor, xt

namespace gpt {

/// Forbids each position (a row: who asks) to look at later ones (columns: who is asked),
/// by adding a matrix that is 0 up to the diagonal and -inf after it. e^-inf is 0, so a
/// softmax then shares everything out among the past.
///
/// Shapes: scores (..., T, T) -> (..., T, T).
/// @throws std::invalid_argument unless the last two axes are equal
inline Tensor mask_future_by_hand(const Tensor& scores) {
  if (scores.dim() < 2 || scores.size(-1) != scores.size(-2)) {
    throw std::invalid_argument("mask_future_by_hand: scores must be (..., T, T), got " +
                                to_string(scores.shape()));
  }
  //! [by_hand]
  const std::size_t T = scores.size(-1);
  const float infinity = std::numeric_limits<float>::infinity();
  // (T, T): row t is who asks, and up to the diagonal stands the past
  const xt::xarray<bool> past = xt::tril(xt::ones<bool>({T, T}));
  const Tensor mask = tensor(xt::where(past, 0.0f, -infinity));
  return scores + mask;  // (..., T, T) + (T, T): one mask for all
  //! [by_hand]
}

/// The same in one pass and without the matrix, which is what trains.
inline Tensor mask_future(const Tensor& scores) { return causal_mask(scores); }

}  // namespace gpt
