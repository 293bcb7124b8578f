/// @file schedule.hpp
/// Chapter 6. Large steps in the middle of training, small ones at both ends.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

namespace gpt {

/// Learning rate: up in a straight line for `warm_up` steps, while the optimiser's
/// averages are still unreliable, then down along half a cosine to a tenth
/// (Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5, without restarts).
/// @param step    0 for the first
/// @param steps   length of the whole run; from there on the rate stays at its lowest
/// @param highest the rate at the end of the warm-up, > 0
/// @param warm_up steps of the warm-up: step s of them has the share (s + 1) / (warm_up + 1) of `highest`
inline float cosine_schedule(size_t step, size_t steps, float highest, size_t warm_up) {
  //! [schedule]
  if (step < warm_up) return highest * float(step + 1) / float(warm_up + 1);
  const float lowest = highest / 10.0f;
  if (step >= steps) return lowest;
  const double done = double(step - warm_up) / double(steps - warm_up);  // 0 to 1
  const double share = 0.5 * (1.0 + std::cos(std::numbers::pi * done));  // 1 to 0
  return lowest + float(share) * (highest - lowest);
  //! [schedule]
}

}  // namespace gpt
