/// @file fused_attention.hpp
/// Chapter 9. Chapter 3's attention with GPT-2's two layers: one in, one out, both with biases.
#pragma once

#include "03_multi_head_attention/batched_attention.hpp"  // split_heads, merge_heads
#include "09_subwords/split_fused.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// H heads of causal self-attention as GPT-2 stores them.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: fused.weight (C, 3C), fused.bias (3C), projection.weight
/// (C, C), projection.bias (C).
class FusedAttention {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights
  /// @throws std::invalid_argument if C is not a positive multiple of H
  FusedAttention(size_t C, size_t H, Rng& rng)
      : heads_(H), fused_(C, 3 * C, Bias::on, rng), projection_(C, C, Bias::on, rng) {
    require_multiple("FusedAttention", C, H);
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    //! [forward]
    // (B, T, 3C) -> three of (B, T, C)
    const auto [query, key, value] = split_fused(fused_(x));
    const Tensor q = split_heads(query, heads_);  // (B, H, T, hs)
    const Tensor k = split_heads(key, heads_);    // (B, H, T, hs)
    const Tensor v = split_heads(value, heads_);  // (B, H, T, hs)
    return projection_(merge_heads(causal_attention(q, k, v)));
    //! [forward]
  }

  /// Its weights.
  Parameters parameters() const { return collect("fused", fused_, "projection", projection_); }

 private:
  size_t heads_;
  Linear fused_, projection_;
};

}  // namespace gpt
