// expect: expected weight 1 to be hidden.weight (4, 6), got hidden.weight (6, 4)
#pragma once

#include <cstddef>

#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

class FeedForward {
 public:
  FeedForward(std::size_t C, std::size_t hidden, Rng& rng) : hidden_(hidden, C, Bias::on, rng) {}

  Tensor operator()(const Tensor& x) const { return relu(hidden_(x)); }

  Parameters parameters() const { return collect("hidden", hidden_); }

 private:
  Linear hidden_;
};

}  // namespace gpt
