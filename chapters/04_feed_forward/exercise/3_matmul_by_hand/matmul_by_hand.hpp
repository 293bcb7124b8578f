/// @file matmul_by_hand.hpp
/// Chapter 4. The operation that a network spends its time with, forward and backward written out.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// a @ b for two matrices, as common/ has it for any number of leading axes.
///
/// Shapes: a (M, K), b (K, N) -> (M, N).
/// @throws std::invalid_argument unless a and b are matrices that fit
inline Tensor matmul_by_hand(const Tensor& a, const Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(0)) {
    throw std::invalid_argument("matmul_by_hand: expected (M, K) and (K, N), got " + to_string(a.shape()) +
                                " and " + to_string(b.shape()));
  }
  todo("matmul_by_hand");  // TODO: the product, and a gradient for each side
}

}  // namespace gpt
