/// @file rms_norm.hpp
/// Chapter 7. New idea: of what a layer norm does, only the division is needed.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Root mean square norm, written out: each position's C numbers divided by their size, then times gain.
///
/// \f[ y = \frac{x}{\sqrt{\frac{1}{C} \sum_c x_c^2 + \epsilon}} \odot \mathrm{gain} \f]
/// (Zhang and Sennrich 2019, arXiv:1910.07467, eq. 4). Shapes: x (..., C), gain (C) -> (..., C).
/// @param epsilon is added to the mean square, so that zeros are not divided by 0
inline Tensor rms_norm_by_hand(const Tensor& x, const Tensor& gain, float epsilon = 1e-5f) {
  todo("rms_norm");  // TODO: the mean of the squares, the quotient, then the gain
}

/// Shapes: x (..., C) -> (..., C). Parameters: gain (C), which starts at 1.
class RMSNorm {
 public:
  /// @param C channels, > 0
  /// @throws std::invalid_argument if C is 0
  explicit RMSNorm(size_t C)
      : gain_(Tensor::full({require_positive("RMSNorm: C", C)}, 1.0f).require_grad()) {}

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const {
    require_shape("RMSNorm: gain", gain_, {x.size(-1)});
    return rms_norm_by_hand(x, gain_);
  }

  /// Its weights.
  Parameters parameters() const { return collect("gain", gain_); }

 private:
  Tensor gain_;  // (C)
};

}  // namespace gpt
