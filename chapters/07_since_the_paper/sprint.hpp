/// @file sprint.hpp
/// Chapter 7. The lecture's loss in minutes: a model in between, and how it is trained. docs/the_sprint.md has the story.
#pragma once

#include <algorithm>

#include "07_since_the_paper/modern_gpt.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// The sprint's sizes: an eighth of the lecture's weights, the same context. @param V vocabulary
inline ModernSizes sprint_sizes(size_t V) {
  return {.V = V, .block_size = 256, .C = 160, .H = 4, .L = 4, .hidden = 640};
}

/// Learning rate: up in a straight line for the first `warm_up` steps, then down in another that ends at 0 after the last
/// step (Bergsma et al. 2025, arXiv:2502.15938, section 3: better than a cosine that ends at a tenth).
/// @param step    0 for the first
/// @param steps   length of the whole run
/// @param highest what the first line would reach, > 0; the second comes down from it, so that both meet a little below
/// @param warm_up steps of the first line, < steps
inline float straight_to_zero(size_t step, size_t steps, float highest, size_t warm_up) {
  const float up = float(step + 1) / float(warm_up + 1);
  const float down = float(steps - std::min(step, steps)) / float(steps);
  return highest * std::min(up, down);
}

}  // namespace gpt
