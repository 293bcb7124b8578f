/// @file block.hpp
/// Chapter 5. The Transformer's block: residual paths, and a layer norm before each part.
#pragma once

#include "03_multi_head_attention/batched_attention.hpp"
#include "04_feed_forward/feed_forward.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/projected.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// x + attention(norm(x)), then x + feed_forward(norm(x)).
///
/// The norm stands before each part and not after the sum as in the paper, so the
/// residual path itself runs straight through (Xiong et al. 2020, arXiv:2002.04745,
/// section 3; GPT-2, Radford et al. 2019, section 2.3).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: norm_1, attention, norm_2, feed_forward.
//! [block]
class Block {
 public:
  /// @param C       channels, a multiple of H
  /// @param H       number of heads, > 0
  /// @param rng     draws initial weights and what is dropped; must outlive this
  /// @param dropout share of attention weights and of results dropped, in [0, 1)
  /// @throws std::invalid_argument if C is not a positive multiple of H
  Block(size_t C, size_t H, Rng& rng, float dropout = 0.0f)
      : norm_1_(C),
        attention_(BatchedAttention(C, H, rng, dropout), C, C, dropout, rng),
        norm_2_(C),
        feed_forward_(FeedForward(C, 4 * C, rng), 4 * C, C, dropout, rng) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    const Tensor read = x + attention_(norm_1_(x));              // (B, T, C)
    const Tensor thought = read + feed_forward_(norm_2_(read));  // (B, T, C)
    note("read", read);
    return note("thought", thought);
  }

  /// Its weights.
  Parameters parameters() const {
    return collect("norm_1", norm_1_, "attention", attention_,         // reads
                   "norm_2", norm_2_, "feed_forward", feed_forward_);  // thinks
  }

 private:
  LayerNorm norm_1_;
  Projected<BatchedAttention> attention_;
  LayerNorm norm_2_;
  Projected<FeedForward> feed_forward_;
};
//! [block]

}  // namespace gpt
