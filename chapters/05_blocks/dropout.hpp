/// @file dropout.hpp
/// Chapter 5. New idea: in training, switch off some numbers at random: no part may rely on any other.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// Dropout, written out: each number is 0 with probability p, else times 1 / (1 - p), which keeps its
/// expectation (Srivastava et al. 2014, "Dropout", section 4; scaled in training rather than afterwards).
/// Shapes: any -> the same. @param p in [0, 1)
//! [by_hand]
inline Tensor dropout_by_hand(const Tensor& x, float p, Rng& rng) {
  Tensor keep = Tensor::zeros(x.shape());
  for (float& k : keep.mutable_values()) {
    k = rng.uniform() < p ? 0.0f : 1.0f / (1.0f - p);
  }
  return x * keep;
}
//! [by_hand]

/// Dropout as a part of a model. Shapes: any -> the same. No parameters.
/// Does nothing while a NoGrad lives: a model that speaks uses all it has.
class Dropout {
 public:
  /// @param p   share of the numbers that are dropped, in [0, 1)
  /// @param rng decides which; it must outlive this object
  /// @throws std::invalid_argument if p is not in [0, 1)
  Dropout(float p, Rng& rng) : p_(p), rng_(&rng) {
    if (!(p >= 0.0f && p < 1.0f)) {
      throw std::invalid_argument("Dropout: p must be in [0, 1), got " + std::to_string(p));
    }
  }

  /// dropout_by_hand() in one pass, in training; x itself while a NoGrad lives.
  Tensor operator()(const Tensor& x) const { return dropout(x, p_, *rng_); }

 private:
  float p_;
  Rng* rng_;
};

}  // namespace gpt
