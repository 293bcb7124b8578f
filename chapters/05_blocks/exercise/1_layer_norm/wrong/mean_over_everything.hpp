// expect: position 0 changed when position 1 did
#pragma once

#include <cstddef>

#include "common/check.hpp"
#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/tensor.hpp"

namespace gpt {

inline Tensor layer_norm_by_hand(const Tensor& x, const Tensor& gain, const Tensor& bias,
                                 float epsilon = 1e-5f) {
  const Tensor centred = x - mean(x);
  const Tensor variance = mean(centred * centred);
  const Tensor normal = centred / sqrt(variance + epsilon);
  return normal * gain + bias;
}

class LayerNorm {
 public:
  explicit LayerNorm(std::size_t C)
      : gain_(Tensor::full({require_positive("LayerNorm: C", C)}, 1.0f).require_grad()),
        bias_(Tensor::zeros({C}).require_grad()) {}

  Tensor operator()(const Tensor& x) const { return layer_norm_by_hand(x, gain_, bias_); }

  Parameters parameters() const { return collect("gain", gain_, "bias", bias_); }

 private:
  Tensor gain_, bias_;
};

}  // namespace gpt
