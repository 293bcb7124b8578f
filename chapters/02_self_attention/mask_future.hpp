/// @file mask_future.hpp
/// Chapter 2. Nobody may read ahead: a model that sees the answer learns nothing but to copy it.
#pragma once

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/tensor/check.hpp"   // to_string
#include "common/tensor/ops.hpp"     // causal_mask, operator+
#include "common/tensor/tensor.hpp"  // Tensor

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
  const std::size_t T = scores.size(-1);
  std::vector<float> mask(T * T, 0.0f);
  for (std::size_t row = 0; row < T; ++row) {
    for (std::size_t column = row + 1; column < T; ++column)
      mask[row * T + column] = -std::numeric_limits<float>::infinity();
  }
  return scores + Tensor::from({T, T}, mask);  // (..., T, T) + (T, T): one mask for every matrix of scores
}

/// The same in one pass and without the matrix, which is what trains.
inline Tensor mask_future(const Tensor& scores) { return causal_mask(scores); }

}  // namespace gpt
