/// @file batched_attention.hpp
/// Chapter 3. The same mathematics as MultiHeadAttention in fewer and larger products: all heads at once.
#pragma once

#include <stdexcept>

#include "03_multi_head_attention/attention.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Cuts the channels into H heads and makes the head an axis of its own: (B, T, C) -> (B, H, T, hs).
inline Tensor split_heads(const Tensor& x, size_t H) { todo("batched_attention"); }

/// Puts the heads side by side again: (B, H, T, hs) -> (B, T, C).
inline Tensor merge_heads(const Tensor& x) { todo("batched_attention"); }

/// H heads of size hs = C / H in one go: head h owns columns h * hs to (h + 1) * hs of each weight.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: query.weight, key.weight, value.weight, each (C,
/// C), no bias.
class BatchedAttention {
 public:
  /// @param C       channels, a multiple of H
  /// @param H       number of heads, > 0
  /// @param rng     draws the initial weights and, in training, what is dropped; it must outlive this object
  /// @param dropout share of the attention weights that are dropped in training, in [0, 1); chapter 5 says
  /// why
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
  Tensor operator()(const Tensor& x) const {
    require_shape("BatchedAttention: x", x, {any, any, channels_});
    todo("batched_attention");
  }

  /// Its weights.
  Parameters parameters() const { return collect("query", query_, "key", key_, "value", value_); }

 private:
  size_t channels_, heads_;
  float dropout_;
  Rng* rng_;
  Linear query_, key_, value_;
};

}  // namespace gpt
