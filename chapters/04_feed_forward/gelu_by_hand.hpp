/// @file gelu_by_hand.hpp
/// Chapter 4. A smoother bend than ReLU's, and the chain and product rules at work in its derivative.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// GELU in GPT-2's form, u = s (x + k x^3) and y = x / 2 (1 + tanh u), with s = sqrt(2 / pi) and k = 0.044715
/// (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2). Shapes: any -> the same.
//! [gelu]
inline Tensor gelu_by_hand(const Tensor& x) {
  constexpr float s = 0.7978845608f, k = 0.044715f;
  const auto tanh_u = [](float v) { return std::tanh(s * (v + k * v * v * v)); };
  std::vector<float> y;
  y.reserve(x.size());
  for (const float v : x.values()) y.push_back(0.5f * v * (1.0f + tanh_u(v)));

  const auto backward = [x, tanh_u](std::span<const float> dy) {
    const std::span<float> dx = x.mutable_grad();
    for (size_t i = 0; i < dx.size(); ++i) {
      const float v = x.values()[i], t = tanh_u(v);
      const float du = s * (1.0f + 3.0f * k * v * v);        // du/dx
      const float dt = (1.0f - t * t) * du;                  // chain rule
      dx[i] += dy[i] * (0.5f * (1.0f + t) + 0.5f * v * dt);  // product rule
    }
  };
  return Tensor::with_backward(x.shape(), y, {x}, backward);
}
//! [gelu]

}  // namespace gpt
