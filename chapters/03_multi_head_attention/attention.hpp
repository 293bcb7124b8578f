/// @file attention.hpp
/// Chapter 3, for chapters 5 and 6 too. What a head makes of its queries, keys and values, for all heads at once.
#pragma once

#include <cmath>

#include "02_self_attention/mask_future.hpp"
#include "common/gpt.hpp"

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
  //! [by_hand]
  const float root = std::sqrt(static_cast<float>(q.size(-1)));
  const Tensor scores = matmul(q, transpose(k)) / root;  // (B, H, T, T)
  const Tensor weights = softmax(mask_future(scores));   // rows sum to 1
  note("weights", weights);                              // for --trace
  return matmul(dropout(weights, p, rng), v);            // (B, H, T, hs)
  //! [by_hand]
}

/// The same in one pass and without keeping the (T, T) weights, which is what trains.
inline Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, float p, Rng& rng) {
  return causal_attention(q, k, v, p, rng);
}

}  // namespace gpt
