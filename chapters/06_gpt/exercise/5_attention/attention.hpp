/// @file attention.hpp
/// Chapter 3, for chapters 5 and 6 too. What a head makes of its queries, keys and values, for all heads at once.
#pragma once

#include <cmath>

#include "02_self_attention/mask_future.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Causal attention as chapters 3 to 6 run it, written out: any number of heads, and dropout on the weights.
///
/// \f[ \mathrm{out} = \mathrm{dropout}\left( \mathrm{softmax}\left( QK^\top / \sqrt{hs} + M \right) \right) V \f]
/// Vaswani et al. 2017, arXiv:1706.03762, eq. 1 and section 5.4; M is 0 up to the diagonal and -inf after it.
///
/// Shapes: q, k and v (..., T, hs) -> (..., T, hs).
/// @param p   share of the weights that is dropped in training, in [0, 1)
/// @param rng draws which
inline Tensor attention_by_hand(const Tensor& q,  // (B, H, T, hs)
                                const Tensor& k,  // (B, H, T, hs)
                                const Tensor& v,  // (B, H, T, hs)
                                float p, Rng& rng) {
  todo("attention");  // TODO: scores, scale, mask, softmax, dropout, values
}

/// What BatchedAttention calls: yours, until you trade it for the library's `causal_attention`, the same in one pass.
inline Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, float p, Rng& rng) {
  return attention_by_hand(q, k, v, p, rng);
}

}  // namespace gpt
