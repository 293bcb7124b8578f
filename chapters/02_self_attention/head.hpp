/// @file head.hpp
/// Chapter 2. New idea: each position reads from itself and the positions before it.
#pragma once

#include "02_self_attention/mask_future.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// One head of causal self-attention.
///
/// \f[ \mathrm{out} = \mathrm{softmax}\left( QK^\top / \sqrt{hs} + M \right) V \f]
/// Vaswani et al. 2017, arXiv:1706.03762, eq. 1; M is 0 up to the diagonal and -inf after it.
///
/// Shapes: x (B, T, C) -> (B, T, hs), any B and T >= 1.
/// Parameters, in order: query.weight, key.weight, value.weight, each (C, hs), no bias.
class Head {
 public:
  /// @param C    channels of the input, > 0
  /// @param hs   head size, the channels of the output, > 0
  /// @param rng  draws the initial weights, in the order of the parameters
  /// @throws std::invalid_argument if C or hs is 0
  Head(size_t C, size_t hs, Rng& rng)
      : channels_(require_positive("Head: C", C)),
        scale_(1.0f / std::sqrt(float(require_positive("Head: hs", hs)))),
        query_(C, hs, Bias::off, rng),
        key_(C, hs, Bias::off, rng),
        value_(C, hs, Bias::off, rng) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  //! [forward]
  Tensor operator()(const Tensor& x) const {
    require_shape("Head: x", x, {any, any, channels_});
    const Tensor q = query_(x);  // (B, T, hs): what each position looks for
    const Tensor k = key_(x);    // (B, T, hs): what each position has to offer
    const Tensor v = value_(x);  // (B, T, hs): what it says if it is chosen
    // (B, T, hs) @ (B, hs, T) -> (B, T, T): one score for each pair of positions
    const Tensor scores = matmul(q, transpose(k));
    // Scaling keeps the scores near unit variance, so that softmax does not start
    // out one-hot.
    const Tensor weights = softmax(mask_future(scores * scale_));  // rows sum to 1
    note("weights", weights);                                      // for --trace
    // (B, T, T) @ (B, T, hs) -> (B, T, hs)
    return matmul(weights, v);
  }
  //! [forward]

  /// Its weights.
  Parameters parameters() const { return collect("query", query_, "key", key_, "value", value_); }

 private:
  size_t channels_;
  float scale_;
  Linear query_, key_, value_;  // declared in parameter order: members initialise in this order
};

}  // namespace gpt
