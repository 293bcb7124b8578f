/// @file multi_head_attention.hpp
/// Chapter 3. New idea: several small heads side by side, each free to look for something else.
#pragma once

#include <stdexcept>

#include "02_self_attention/head.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// H heads of size C / H, their outputs one after the other (Vaswani et al. 2017, arXiv:1706.03762,
/// section 3.2.2, without the projection, which comes in chapter 5).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters: heads.0, heads.1, ..., each as in Head.
//! [class]
class MultiHeadAttention {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights, head after head
  /// @throws std::invalid_argument if C is not a positive multiple of H
  MultiHeadAttention(size_t C, size_t H, Rng& rng) {
    require_multiple("MultiHeadAttention", C, H);
    for (size_t h = 0; h < H; ++h) heads_.emplace_back(C, /*hs=*/C / H, rng);
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    std::vector<Tensor> outputs;  // each (B, T, hs)
    for (const Head& head : numbered("heads", heads_)) outputs.push_back(head(x));
    return concatenate(outputs, -1);  // H of them -> (B, T, C)
  }

  /// Its weights.
  Parameters parameters() const { return collect("heads", heads_); }

 private:
  std::vector<Head> heads_;
};
//! [class]

}  // namespace gpt
