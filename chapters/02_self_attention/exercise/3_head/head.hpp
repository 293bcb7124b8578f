/// @file head.hpp
/// Chapter 2. New idea: each position reads from itself and the positions before it.
#pragma once

#include <cmath>  // std::sqrt

#include "02_self_attention/mask_future.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// One head of causal self-attention.
///
/// \f[ \mathrm{out} = \mathrm{softmax}\left( QK^\top / \sqrt{hs} + M \right) V \f]
/// Vaswani et al. 2017, arXiv:1706.03762, eq. 1; M is 0 up to the diagonal and -inf after it.
///
/// Shapes: x (B, T, C) -> (B, T, hs), any B and T >= 1.
/// Parameters, in order: query.weight, key.weight, value.weight, each (C, hs), no bias.
class Head {
 public:
  /// @param C    channels of the input, > 0
  /// @param hs   head size, the channels of the output, > 0
  /// @param rng  draws the initial weights, in the order of the parameters
  /// @throws std::invalid_argument if C or hs is 0
  Head(size_t C, size_t hs, Rng& rng) { todo("head"); }  // TODO: make the members

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const { todo("head"); }

  /// Its weights.
  Parameters parameters() const { todo("head"); }

 private:
  // TODO: the members; they are made in the order in which they are declared
};

}  // namespace gpt
