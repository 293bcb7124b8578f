/// @file bent_feed_forward.hpp
/// Chapter 7. Chapter 5's feed-forward part with any bend in the middle, to compare them.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// A bend: relu, gelu or relu_squared, element by element.
using Bend = Tensor (*)(const Tensor&);

/// A linear layer, a bend, and a linear layer back. Shapes: x (..., C) -> (..., C). Parameters, in order: hidden.weight
/// (C, hidden), projection.weight (hidden, C), each followed by its bias if there are any.
class BentFeedForward {
 public:
  /// @param C      channels, > 0
  /// @param hidden units, > 0
  /// @param bend   what happens to each of them
  /// @param bias   whether the linear layers have one
  /// @param rng    draws the initial weights
  /// @throws std::invalid_argument if C or hidden is 0
  BentFeedForward(size_t C, size_t hidden, Bend bend, Bias bias, Rng& rng)
      : bend_(bend), hidden_(C, hidden, bias, rng), projection_(hidden, C, bias, rng) {}

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const { return projection_(note("hidden", bend_(hidden_(x)))); }

  /// Its weights.
  Parameters parameters() const { return collect("hidden", hidden_, "projection", projection_); }

 private:
  Bend bend_;
  Linear hidden_, projection_;
};

}  // namespace gpt
