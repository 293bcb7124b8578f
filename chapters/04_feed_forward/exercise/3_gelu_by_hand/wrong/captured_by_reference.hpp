// expect: no reference to it
/// @file gelu_by_hand.hpp
/// Chapter 4. A smoother bend than ReLU's, and the chain and product rules at work in its derivative.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "common/tensor.hpp"  // Tensor
#include "common/todo.hpp"    // todo

namespace gpt {

/// GELU in GPT-2's form, u = s (x + k x^3) and y = x / 2 (1 + tanh u), with s = sqrt(2 / pi) and k = 0.044715
/// (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2). Shapes: any -> the same.
inline Tensor gelu_by_hand(const Tensor& x) {
  const float s = 0.7978845608f, k = 0.044715f;
  std::vector<float> y;
  for (const float v : x.values()) y.push_back(v / 2 * (1 + std::tanh(s * (v + k * v * v * v))));
  const auto backward = [&x, s, k](std::span<const float> dy) {
    const std::span<float> dx = x.mutable_grad();
    for (std::size_t i = 0; i < dx.size(); ++i) {
      const float v = x.values()[i];
      const float t = std::tanh(s * (v + k * v * v * v));
      const float du = s * (1 + 3 * k * v * v);
      dx[i] += dy[i] * (0.5f * (1 + t) + v / 2 * (1 - t * t) * du);
    }
  };
  return Tensor::with_backward(x.shape(), y, {x}, backward);
}

}  // namespace gpt
