// expect: it falls to 0 at the end
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

namespace gpt {

inline float cosine_schedule(std::size_t step, std::size_t steps, float highest, std::size_t warm_up) {
  if (step < warm_up) return highest * static_cast<float>(step + 1) / static_cast<float>(warm_up + 1);
  const float lowest = 0.0f;
  if (step >= steps) return lowest;
  const double done = static_cast<double>(step - warm_up) / static_cast<double>(steps - warm_up);
  return lowest + static_cast<float>(0.5 * (1.0 + std::cos(std::numbers::pi * done))) * (highest - lowest);
}

}  // namespace gpt
