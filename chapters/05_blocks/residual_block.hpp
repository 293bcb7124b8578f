/// @file residual_block.hpp
/// Chapter 5. New idea: a part does not replace what comes in, it adds to it.
#pragma once

#include "03_multi_head_attention/batched_attention.hpp"
#include "04_feed_forward/feed_forward.hpp"
#include "05_blocks/projected.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// x + attention(x), then x + feed_forward(x) (residual paths: He et al. 2015, arXiv:1512.03385).
/// A sum hands its gradient on to both sides unchanged, so the lowest block learns from the loss
/// as directly as the highest.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: attention, feed_forward.
class ResidualBlock {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights; it must outlive this object
  /// @throws std::invalid_argument if C is not a positive multiple of H
  ResidualBlock(size_t C, size_t H, Rng& rng)
      : attention_(BatchedAttention(C, H, rng), C, C, /*dropout=*/0, rng),
        feed_forward_(FeedForward(C, 4 * C, rng), 4 * C, C, /*dropout=*/0, rng) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    //! [forward]
    const Tensor read = x + attention_(x);              // (B, T, C)
    const Tensor thought = read + feed_forward_(read);  // (B, T, C)
    note("read", read);
    return note("thought", thought);
    //! [forward]
  }

  /// Its weights.
  Parameters parameters() const { return collect("attention", attention_, "feed_forward", feed_forward_); }

 private:
  Projected<BatchedAttention> attention_;
  Projected<FeedForward> feed_forward_;  // 4 C hidden units, as in the paper
};

}  // namespace gpt
