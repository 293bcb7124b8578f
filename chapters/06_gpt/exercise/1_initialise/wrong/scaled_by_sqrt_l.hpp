// expect: each block adds to the stream twice
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "common/nn.hpp"
#include "common/rng.hpp"

namespace gpt {

inline void initialise(const Parameters& parameters, std::size_t L, Rng& rng) {
  constexpr float sigma = 0.02f;
  const float projection_sigma = sigma / std::sqrt(static_cast<float>(L));
  for (const Parameter& parameter : parameters) {
    const std::span<float> values = parameter.tensor.mutable_values();
    if (parameter.name.ends_with("gain")) {
      std::fill(values.begin(), values.end(), 1.0f);
    } else if (parameter.name.ends_with("bias")) {
      std::fill(values.begin(), values.end(), 0.0f);
    } else {
      const bool into_stream = parameter.name.ends_with("projection.weight");
      for (float& value : values) value = (into_stream ? projection_sigma : sigma) * rng.normal();
    }
  }
}

}  // namespace gpt
