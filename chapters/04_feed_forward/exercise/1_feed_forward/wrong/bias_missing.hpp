// expect: the linear layer has no bias
#pragma once

#include <cstddef>

#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

class FeedForward {
 public:
  FeedForward(std::size_t C, std::size_t hidden, Rng& rng) : hidden_(C, hidden, Bias::off, rng) {}

  Tensor operator()(const Tensor& x) const { return relu(hidden_(x)); }

  Parameters parameters() const { return collect("hidden", hidden_); }

 private:
  Linear hidden_;
};

}  // namespace gpt
