/// @file feed_forward.hpp
/// Chapter 4. New idea: having read from the others, each position thinks for itself.
#pragma once

#include <cstddef>

#include "common/nn/nn.hpp"          // Linear, Parameters, collect
#include "common/tensor/ops.hpp"     // relu
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor
#include "common/tensor/trace.hpp"   // note

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
  FeedForward(std::size_t C, std::size_t hidden, Rng& rng) : hidden_(C, hidden, Bias::on, rng) {}

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const { return note("hidden", relu(hidden_(x))); }  // -> (B, T, hidden)

  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const { return collect("hidden", hidden_); }

 private:
  Linear hidden_;
};
//! [class]

}  // namespace gpt
