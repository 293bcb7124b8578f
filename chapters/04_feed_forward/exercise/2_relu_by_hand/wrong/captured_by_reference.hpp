// expect: no reference to it
/// @file relu_by_hand.hpp
/// Chapter 4. How an operation gets its derivative: ReLU, forward and backward written out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "common/tensor.hpp"  // Tensor
#include "common/todo.hpp"    // todo

namespace gpt {

/// relu(x) = max(x, 0), as common/ has it, from a loop each way. Shapes: any -> the same.
inline Tensor relu_by_hand(const Tensor& x) {
  std::vector<float> y;
  for (const float value : x.values()) y.push_back(value > 0 ? value : 0);
  const auto backward = [&x](std::span<const float> dy) {
    const std::span<float> dx = x.mutable_grad();
    for (std::size_t i = 0; i < dx.size(); ++i)
      if (x.values()[i] > 0) dx[i] += dy[i];
  };
  return Tensor::with_backward(x.shape(), y, {x}, backward);
}

}  // namespace gpt
