/// @file multi_head_attention.hpp
/// Chapter 3. New idea: several small heads side by side, each free to look for something else.
#pragma once

#include <cstddef>
#include <stdexcept>  // std::invalid_argument
#include <string>
#include <vector>

#include "02_self_attention/head.hpp"  // Head
#include "common/nn/nn.hpp"            // Parameters, collect
#include "common/nn/todo.hpp"
#include "common/tensor/ops.hpp"     // concatenate
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor

namespace gpt {

/// H heads of size C / H, their outputs one after the other (Vaswani et al. 2017, arXiv:1706.03762,
/// section 3.2.2, without the projection, which comes in chapter 5).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters: heads.0, heads.1, ..., each as in Head.
class MultiHeadAttention {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights, head after head
  /// @throws std::invalid_argument if C is not a positive multiple of H
  MultiHeadAttention(std::size_t C, std::size_t H, Rng& rng) { todo("multi_head_attention"); }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const { todo("multi_head_attention"); }

  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const { return collect("heads", heads_); }

 private:
  std::vector<Head> heads_;
};

}  // namespace gpt
