/// @file initialise.hpp
/// Chapter 6. Where the weights start decides how the first thousand steps are spent.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"

namespace gpt {

/// GPT-2's initial weights: normal with standard deviation 0.02, those of the projections into the residual
/// stream 0.02 / sqrt(2 L) because 2 L of them add up (Radford et al. 2019, section 2.3), biases 0, gains 1.
///
/// So small, all logits are near 0, all characters near equally likely, and the first loss is ln V: the model
/// begins by knowing nothing, rather than with opinions that it must first unlearn.
/// @param parameters  a model's weights, told apart by how their names end: "gain",
/// "bias", "projection.weight"
/// @param L           number of blocks, > 0
/// @param rng         draws the weights
inline void initialise(const Parameters& parameters, size_t L, Rng& rng) {
  //! [rule]
  constexpr float sigma = 0.02f;
  const float projection_sigma = sigma / std::sqrt(2.0f * float(L));
  for (const Parameter& parameter : parameters) {
    const std::span<float> values = parameter.tensor.mutable_values();
    if (parameter.name.ends_with("gain")) {
      std::fill(values.begin(), values.end(), 1.0f);
    } else if (parameter.name.ends_with("bias")) {
      std::fill(values.begin(), values.end(), 0.0f);
    } else {
      const bool into_stream = parameter.name.ends_with("projection.weight");
      const float deviation = into_stream ? projection_sigma : sigma;
      for (float& value : values) value = deviation * rng.normal();
    }
  }
  //! [rule]
}

}  // namespace gpt
