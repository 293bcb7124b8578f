// expect: the second half loses what it added
#pragma once

#include <cstddef>

#include "03_multi_head_attention/batched_attention.hpp"
#include "04_feed_forward/feed_forward.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/projected.hpp"
#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

class Block {
 public:
  Block(std::size_t C, std::size_t H, Rng& rng, float dropout = 0.0f)
      : norm_1_(C),
        attention_(BatchedAttention(C, H, rng, dropout), C, C, dropout, rng),
        norm_2_(C),
        feed_forward_(FeedForward(C, 4 * C, rng), 4 * C, C, dropout, rng) {}

  Tensor operator()(const Tensor& x) const {
    const Tensor read = x + attention_(norm_1_(x));
    return x + feed_forward_(norm_2_(read));
  }

  Parameters parameters() const {
    return collect("norm_1", norm_1_, "attention", attention_, "norm_2", norm_2_, "feed_forward",
                   feed_forward_);
  }

 private:
  LayerNorm norm_1_;
  Projected<BatchedAttention> attention_;
  LayerNorm norm_2_;
  Projected<FeedForward> feed_forward_;
};

}  // namespace gpt
