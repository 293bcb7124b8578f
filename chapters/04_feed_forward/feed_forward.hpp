/// @file feed_forward.hpp
/// Chapter 4. New idea: having read from the others, each position thinks for itself.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// A linear layer and a bend, at every position alike: relu(x W + b).
/// Without the bend, two linear layers in a row would be no more than one.
///
/// Shapes: x (B, T, C) -> (B, T, hidden).
/// Parameters, in order: hidden.weight (C, hidden), hidden.bias (hidden).
//! [class]
class FeedForward {
 public:
  /// @param C      channels of the input, > 0
  /// @param hidden hidden units, the channels of the output, > 0
  /// @param rng    draws the initial weights
  /// @throws std::invalid_argument if C or hidden is 0
  FeedForward(size_t C, size_t hidden, Rng& rng)  // W (C, hidden) and b (hidden)
      : hidden_(C, hidden, Bias::on, rng) {}

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const {
    return note("hidden", relu(hidden_(x)));  // (B, T, C) -> (B, T, hidden)
  }

  /// Its weights.
  Parameters parameters() const { return collect("hidden", hidden_); }

 private:
  Linear hidden_;
};
//! [class]

}  // namespace gpt
