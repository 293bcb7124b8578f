// expect: expected standard deviation 0.02, got 0.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "common/nn.hpp"
#include "common/rng.hpp"

namespace gpt {

inline void initialise(const Parameters& parameters, std::size_t, Rng&) {
  for (const Parameter& parameter : parameters) {
    const std::span<float> values = parameter.tensor.mutable_values();
    if (parameter.name.ends_with("gain")) {
      std::fill(values.begin(), values.end(), 1.0f);
    } else if (parameter.name.ends_with("bias")) {
      std::fill(values.begin(), values.end(), 0.0f);
    } else {
      std::fill(values.begin(), values.end(), 0.0f);
    }
  }
}

}  // namespace gpt
