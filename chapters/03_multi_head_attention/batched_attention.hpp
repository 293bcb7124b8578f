/// @file batched_attention.hpp
/// Chapter 3. The same mathematics as MultiHeadAttention in fewer and larger products: all heads at once.
#pragma once

#include <stdexcept>

#include "03_multi_head_attention/attention.hpp"
#include "common/gpt.hpp"

namespace gpt {

//! [split_merge]
/// Cuts the channels into H heads and makes the head an axis of its own:
/// (B, T, C) -> (B, H, T, hs).
inline Tensor split_heads(const Tensor& x, size_t H) {
  const size_t B = x.size(0), T = x.size(1), C = x.size(2);
  const Tensor cut = reshape(x, {B, T, H, C / H});  // the numbers stay in order
  return permute(cut, {0, 2, 1, 3});                // (B, H, T, hs): a new order
}

/// Puts the heads side by side again: (B, H, T, hs) -> (B, T, C).
inline Tensor merge_heads(const Tensor& x) {
  const size_t B = x.size(0), H = x.size(1), T = x.size(2), hs = x.size(3);
  // back to (B, T, H, hs), then (B, T, C)
  return reshape(permute(x, {0, 2, 1, 3}), {B, T, H * hs});
}
//! [split_merge]

/// H heads of size hs = C / H in one go: head h owns columns h * hs to (h + 1) * hs of each weight.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: query.weight, key.weight, value.weight, each (C,
/// C), no bias.
class BatchedAttention {
 public:
  /// @param C       channels, a multiple of H
  /// @param H       number of heads, > 0
  /// @param rng     draws the initial weights and, in training, what is dropped; it must outlive this object
  /// @param dropout share of the weights that are dropped in training, in [0, 1): for chapter 5
  /// @throws std::invalid_argument if C is not a positive multiple of H
  BatchedAttention(size_t C, size_t H, Rng& rng, float dropout = 0.0f)
      : channels_(C),
        heads_(H),
        dropout_(dropout),
        rng_(&rng),
        query_(C, C, Bias::off, rng),
        key_(C, C, Bias::off, rng),
        value_(C, C, Bias::off, rng) {
    require_multiple("BatchedAttention", C, H);
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  //! [forward]
  Tensor operator()(const Tensor& x) const {
    require_shape("BatchedAttention: x", x, {any, any, channels_});
    const Tensor q = split_heads(query_(x), heads_);  // (B, T, C) -> (B, H, T, hs)
    const Tensor k = split_heads(key_(x), heads_);    // (B, H, T, hs)
    const Tensor v = split_heads(value_(x), heads_);  // (B, H, T, hs)
    // What Head makes of them, for all B * H matrices and without keeping the
    // (T, T) weights: (B, H, T, hs) -> (B, T, C).
    return merge_heads(attention(q, k, v, dropout_, *rng_));
  }
  //! [forward]

  /// Its weights.
  Parameters parameters() const { return collect("query", query_, "key", key_, "value", value_); }

 private:
  size_t channels_, heads_;
  float dropout_;
  Rng* rng_;
  Linear query_, key_, value_;
};

}  // namespace gpt
