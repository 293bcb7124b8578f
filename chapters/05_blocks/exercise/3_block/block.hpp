/// @file block.hpp
/// Chapter 5. The Transformer's block: residual paths, and a layer norm before each part.
#pragma once

#include "03_multi_head_attention/batched_attention.hpp"
#include "04_feed_forward/feed_forward.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/projected.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// x + attention(norm(x)), then x + feed_forward(norm(x)).
///
/// The norm stands before each part and not after the sum as in the paper, so the residual path itself runs
/// straight through (Xiong et al. 2020, arXiv:2002.04745, section 3; GPT-2, Radford et al. 2019,
/// section 2.3).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: norm_1, attention, norm_2, feed_forward.
class Block {
 public:
  /// @param C       channels, a multiple of H
  /// @param H       number of heads, > 0
  /// @param rng     draws the initial weights and what is dropped; it must outlive this object
  /// @param dropout share of attention weights and of each part's result dropped in training, in [0, 1)
  /// @throws std::invalid_argument if C is not a positive multiple of H
  Block(size_t C, size_t H, Rng& rng, float dropout = 0.0f) { todo("block"); }  // TODO: make the members

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    todo("block");  // TODO: the two halves
  }

  /// Its weights.
  Parameters parameters() const { todo("block"); }

 private:
  // TODO: the members, two norms and two projected parts; they are made in the order in which they are declared
};

}  // namespace gpt
