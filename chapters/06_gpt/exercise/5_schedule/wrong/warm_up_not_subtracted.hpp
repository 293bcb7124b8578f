// expect: the first after the warm-up: expected 1
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

namespace gpt {

inline float cosine_schedule(std::size_t step, std::size_t steps, float highest, std::size_t warm_up) {
  if (step < warm_up) return highest * static_cast<float>(step + 1) / static_cast<float>(warm_up + 1);
  const float lowest = highest / 10.0f;
  if (step >= steps) return lowest;
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  return lowest + static_cast<float>(0.5 * (1.0 + std::cos(std::numbers::pi * done))) * (highest - lowest);
}

}  // namespace gpt
