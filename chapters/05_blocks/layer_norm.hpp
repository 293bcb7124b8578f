/// @file layer_norm.hpp
/// Chapter 5. New idea: before each part, bring every position's numbers back to a common scale.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// Layer norm, written out: each position's C numbers to mean 0 and variance 1, then times gain plus bias.
///
/// \f[ y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot \mathrm{gain} + \mathrm{bias} \f]
/// with mean and variance (by C, not C - 1) over the C channels of one position (Ba et al. 2016,
/// arXiv:1607.06450, eq. 3 and 4). Shapes: x (..., C), gain (C), bias (C) -> (..., C).
/// @param epsilon is added to the variance, so that equal numbers are not divided by 0
//! [by_hand]
inline Tensor layer_norm_by_hand(const Tensor& x,     // (..., C)
                                 const Tensor& gain,  // (C)
                                 const Tensor& bias,  // (C)
                                 float epsilon = 1e-5f) {
  const Tensor centred = x - mean(x, -1);                    // (..., C)
  const Tensor variance = mean(centred * centred, -1);       // (..., 1)
  const Tensor normal = centred / sqrt(variance + epsilon);  // (..., C)
  return normal * gain + bias;
}
//! [by_hand]

/// Layer norm with a gain and a bias for each channel.
///
/// Shapes: x (..., C) -> (..., C).
/// Parameters, in order: gain (C), which starts at 1, and bias (C), which starts at 0.
class LayerNorm {
 public:
  /// @param C channels, > 0
  /// @throws std::invalid_argument if C is 0
  explicit LayerNorm(size_t C)
      : gain_(Tensor::full({require_positive("LayerNorm: C", C)}, 1.0f).require_grad()),
        bias_(Tensor::zeros({C}).require_grad()) {}

  /// layer_norm_by_hand() in one pass. @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const { return layer_norm(x, gain_, bias_); }

  /// Its weights.
  Parameters parameters() const { return collect("gain", gain_, "bias", bias_); }

 private:
  Tensor gain_, bias_;  // (C)
};

}  // namespace gpt
