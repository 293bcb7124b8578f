/// @file schedule.hpp
/// Chapter 6. Large steps in the middle of training, small ones at both ends.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

#include "common/nn/todo.hpp"

namespace gpt {

/// Learning rate: up in a straight line for `warm_up` steps, while the optimiser's averages are still
/// unreliable, then down along half a cosine to a tenth (Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5,
/// without restarts).
/// @param step    0 for the first
/// @param steps   length of the whole run; from there on the rate stays at its lowest
/// @param highest the rate at the end of the warm-up, > 0
/// @param warm_up steps of the warm-up: step s of them has the share (s + 1) / (warm_up + 1) of `highest`
inline float cosine_schedule(size_t step, size_t steps, float highest, size_t warm_up) {
  todo("schedule");  // TODO: three cases: warming up, going down, past the end
}

}  // namespace gpt
