/// @file relu_by_hand.hpp
/// Chapter 4. How an operation gets its derivative: ReLU, forward and backward written out.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// relu(x) = max(x, 0), as common/ has it, from a loop each way. Shapes: any -> the same.
//! [relu]
inline Tensor relu_by_hand(const Tensor& x) {
  std::vector<float> y;
  y.reserve(x.size());
  for (const float value : x.values()) y.push_back(value > 0.0f ? value : 0.0f);

  const auto backward = [x](std::span<const float> dy) {
    const std::span<float> dx = x.mutable_grad();
    // d relu / dx is 1 where x was let through, else 0. Added, not assigned:
    // x may be used elsewhere too.
    for (size_t i = 0; i < dx.size(); ++i) {
      dx[i] += x.values()[i] > 0.0f ? dy[i] : 0.0f;
    }
  };
  return Tensor::with_backward(x.shape(), y, {x}, backward);
}
//! [relu]

}  // namespace gpt
