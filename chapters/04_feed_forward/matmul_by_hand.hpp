/// @file matmul_by_hand.hpp
/// Chapter 4. The operation that a network spends its time with, forward and backward written out.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// a @ b for two matrices, as common/ has it for any number of leading axes.
///
/// With dY for the gradient of the result, that of a is dY @ b^T and that of b is a^T @ dY.
/// Shapes: a (M, K), b (K, N) -> (M, N).
/// @throws std::invalid_argument unless a and b are matrices that fit
inline Tensor matmul_by_hand(const Tensor& a, const Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(0)) {
    throw std::invalid_argument("matmul_by_hand: expected (M, K) and (K, N), got " + to_string(a.shape()) +
                                " and " + to_string(b.shape()));
  }
  //! [matmul]
  const size_t M = a.size(0), K = a.size(1), N = b.size(1);
  std::vector<float> y(M * N, 0.0f);
  for (size_t m = 0; m < M; ++m) {
    for (size_t n = 0; n < N; ++n) {
      for (size_t k = 0; k < K; ++k) {
        y[m * N + n] += a.values()[m * K + k] * b.values()[k * N + n];
      }
    }
  }

  const auto backward = [a, b, M, K, N](std::span<const float> dy) {  // dy (M, N)
    for (size_t m = 0; m < M; ++m) {
      for (size_t n = 0; n < N; ++n) {
        for (size_t k = 0; k < K; ++k) {
          // y[m, n] holds a[m, k] * b[k, n]: each is the other's slope
          const float to_a = dy[m * N + n] * b.values()[k * N + n];
          const float to_b = dy[m * N + n] * a.values()[m * K + k];
          if (a.requires_grad()) a.mutable_grad()[m * K + k] += to_a;
          if (b.requires_grad()) b.mutable_grad()[k * N + n] += to_b;
        }
      }
    }
  };
  return Tensor::with_backward({M, N}, y, {a, b}, backward);
  //! [matmul]
}

}  // namespace gpt
