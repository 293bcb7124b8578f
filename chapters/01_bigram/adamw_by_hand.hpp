/// @file adamw_by_hand.hpp
/// Chapter 1. How a gradient becomes a step: AdamW, written out for the numbers of one weight.
#pragma once

#include <cmath>

#include "common/gpt.hpp"
#include "common/nn/adamw.hpp"  // AdamWOptions

namespace gpt {

/// What AdamW remembers of a weight from step to step.
struct RunningMeans {
  std::vector<float> gradient;  ///< m, the mean of g; as many numbers as the weight has, all 0 at first
  std::vector<float> square;    ///< s, the mean of g * g
  size_t steps = 0;             ///< n, steps done so far
};

/// One step of AdamW, which the class of this name in common/ takes for all weights of a model
/// (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2).
///
/// Shapes: w and g (N), any N.
/// @param w     the weight's numbers, which are moved
/// @param g     its gradient
/// @param means of this weight, brought up to date
/// @param lr    learning rate, >= 0
/// @param o     beta1, beta2, epsilon and weight_decay; `clip` is none of this function's business
inline void adamw_by_hand(std::span<float> w, std::span<const float> g, RunningMeans& means, float lr,
                          const AdamWOptions& o = {}) {
  //! [by_hand]
  ++means.steps;
  const double n = static_cast<double>(means.steps);
  // How much of the means has come in since they were 0.
  const float share_m = float(1.0 - std::pow(o.beta1, n));
  const float share_s = float(1.0 - std::pow(o.beta2, n));
  for (size_t i = 0; i < w.size(); ++i) {
    float &m = means.gradient[i], &s = means.square[i];
    m = o.beta1 * m + (1.0f - o.beta1) * g[i];
    s = o.beta2 * s + (1.0f - o.beta2) * g[i] * g[i];
    const float quotient = (m / share_m) / (std::sqrt(s / share_s) + o.epsilon);
    w[i] -= lr * quotient + lr * o.weight_decay * w[i];
  }
  //! [by_hand]
}

}  // namespace gpt
