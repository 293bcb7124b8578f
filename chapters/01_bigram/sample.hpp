/// @file sample.hpp
/// Chapter 1. From logits to a choice: the dice that make a model speak.
#pragma once

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// softmax(logits / temperature): below 1 the likely get likelier, above 1 all become more alike.
/// @param logits      (V), at least one greater than -inf
/// @param temperature > 0
inline std::vector<float> probabilities(std::span<const float> logits, float temperature) {
  //! [probabilities]
  const float largest = *std::max_element(logits.begin(), logits.end());
  std::vector<float> p(logits.begin(), logits.end());
  float total = 0;
  for (float& x : p) {
    x = std::exp((x - largest) / temperature);
    total += x;
  }
  for (float& x : p) x /= total;
  return p;
  //! [probabilities]
}

/// Draws the next token. At temperature 0 it is the likeliest, the first of equals.
/// @throws std::invalid_argument if there are no logits or the temperature is negative or not finite
inline int sample(std::span<const float> logits, float temperature, Rng& rng) {
  if (logits.empty() || !(temperature >= 0.0f) || !std::isfinite(temperature)) {
    throw std::invalid_argument("sample: needs logits and a temperature >= 0, got " +
                                std::to_string(logits.size()) + " logits and temperature " +
                                std::to_string(temperature));
  }
  if (temperature == 0.0f) {
    return int(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }
  return int(rng.choose(probabilities(logits, temperature)));
}

}  // namespace gpt
