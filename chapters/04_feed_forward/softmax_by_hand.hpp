/// @file softmax_by_hand.hpp
/// Chapter 4. An operation whose outputs all depend on all of its inputs, forward and backward written out.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"

namespace gpt {

/// softmax along the last axis, as common/ has it.
///
/// With p for a row of the result and dp for its gradient, that of the row of x is p * (dp - sum(p * dp)).
/// Shapes: (..., C) -> (..., C), C >= 1.
//! [softmax]
inline Tensor softmax_by_hand(const Tensor& x) {
  const size_t C = x.size(-1);
  std::vector<float> p(x.values().begin(), x.values().end());
  for (size_t first = 0; first < p.size(); first += C) {
    const std::span<float> row(&p[first], C);
    const float largest = *std::max_element(row.begin(), row.end());
    float total = 0;
    for (float& value : row) {
      value = std::exp(value - largest);
      total += value;
    }
    for (float& value : row) value /= total;
  }

  const auto backward = [x, p, C](std::span<const float> dp) {
    const std::span<float> dx = x.mutable_grad();
    for (size_t first = 0; first < p.size(); first += C) {
      float shared = 0;  // what all of the row lose when one of them grows
      for (size_t i = first; i < first + C; ++i) shared += p[i] * dp[i];
      for (size_t i = first; i < first + C; ++i) dx[i] += p[i] * (dp[i] - shared);
    }
  };
  return Tensor::with_backward(x.shape(), p, {x}, backward);
}
//! [softmax]

}  // namespace gpt
