/// @file plain_block.hpp
/// Chapter 4. The two halves of every Transformer, for the first time together: read, then think.
#pragma once

#include "03_multi_head_attention/multi_head_attention.hpp"
#include "04_feed_forward/feed_forward.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Attention, then feed-forward. Shapes: x (B, T, C) -> (B, T, C). Parameters, in
/// order: attention, feed_forward.
class PlainBlock {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights
  /// @throws std::invalid_argument if C is not a positive multiple of H
  PlainBlock(size_t C, size_t H, Rng& rng)  // as many hidden units as channels
      : attention_(C, H, rng), feed_forward_(C, /*hidden=*/C, rng) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  //! [forward]
  Tensor operator()(const Tensor& x) const {
    const Tensor read = attention_(x);           // (B, T, C)
    const Tensor thought = feed_forward_(read);  // (B, T, C)
    note("read", read);
    return note("thought", thought);
  }
  //! [forward]

  /// Its weights.
  Parameters parameters() const { return collect("attention", attention_, "feed_forward", feed_forward_); }

 private:
  MultiHeadAttention attention_;
  FeedForward feed_forward_;
};

}  // namespace gpt
