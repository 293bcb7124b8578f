/// @file feed_forward.hpp
/// Chapter 4. New idea: having read from the others, each position thinks for itself.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// A linear layer and a bend, at every position alike: relu(x W + b).
/// Without the bend, two linear layers in a row would be no more than one.
///
/// Shapes: x (B, T, C) -> (B, T, hidden).
/// Parameters, in order: hidden.weight (C, hidden), hidden.bias (hidden).
class FeedForward {
 public:
  /// @param C      channels of the input, > 0
  /// @param hidden hidden units, the channels of the output, > 0
  /// @param rng    draws the initial weights
  /// @throws std::invalid_argument if C or hidden is 0
  FeedForward(size_t C, size_t hidden, Rng& rng) {
    todo("feed_forward");  // TODO: give the class a Linear as its member, and make it here
  }

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const { todo("feed_forward"); }

  /// Its weights.
  Parameters parameters() const { todo("feed_forward"); }

 private:
};

}  // namespace gpt
