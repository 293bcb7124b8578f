/// @file multi_head_attention.hpp
/// Chapter 3. New idea: several small heads side by side, each free to look for something else.
#pragma once

#include <stdexcept>  // std::invalid_argument

#include "02_self_attention/head.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

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
  MultiHeadAttention(size_t C, size_t H, Rng& rng) { todo("multi_head_attention"); }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const { todo("multi_head_attention"); }

  /// Its weights.
  Parameters parameters() const { return collect("heads", heads_); }

 private:
  std::vector<Head> heads_;
};

}  // namespace gpt
