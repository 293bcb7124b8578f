/// @file adamw_by_hand.hpp
/// Chapter 1. How a gradient becomes a step: AdamW, written out for the numbers of one weight.
#pragma once

#include <cmath>

#include "common/gpt.hpp"
#include "common/nn/adamw.hpp"  // AdamWOptions
#include "common/nn/todo.hpp"

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
  todo("adamw");  // TODO: the means, their corrections, the quotient, the move
}

}  // namespace gpt
