// expect: lacks the product rule's second term
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "common/tensor.hpp"

namespace gpt {

inline Tensor gelu_by_hand(const Tensor& x) {
  constexpr float s = 0.7978845608f, k = 0.044715f;
  const auto tanh_u = [](float value) { return std::tanh(s * (value + k * value * value * value)); };
  std::vector<float> y;
  y.reserve(x.size());
  for (const float value : x.values()) y.push_back(0.5f * value * (1.0f + tanh_u(value)));

  const auto backward = [x, tanh_u](std::span<const float> dy) {
    const std::span<float> dx = x.mutable_grad();
    for (std::size_t i = 0; i < dx.size(); ++i) {
      const float value = x.values()[i], t = tanh_u(value);

      dx[i] += dy[i] * (0.5f * (1.0f + t));
    }
  };
  return Tensor::with_backward(x.shape(), y, {x}, backward);
}

}  // namespace gpt
