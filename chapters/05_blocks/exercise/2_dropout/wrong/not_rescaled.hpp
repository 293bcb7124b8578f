// expect: it must grow to 3 / (1 - p) = 4
#pragma once

#include <stdexcept>
#include <string>

#include "common/ops.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

inline Tensor dropout_by_hand(const Tensor& x, float p, Rng& rng) {
  Tensor keep = Tensor::zeros(x.shape());
  for (float& k : keep.mutable_values()) k = rng.uniform() < p ? 0.0f : 1.0f;
  return x * keep;
}

class Dropout {
 public:
  Dropout(float p, Rng& rng) : p_(p), rng_(&rng) {
    if (!(p >= 0.0f && p < 1.0f)) {
      throw std::invalid_argument("Dropout: p must be in [0, 1), got " + std::to_string(p));
    }
  }

  Tensor operator()(const Tensor& x) const { return grad_enabled() ? dropout_by_hand(x, p_, *rng_) : x; }

 private:
  float p_;
  Rng* rng_;
};

}  // namespace gpt
