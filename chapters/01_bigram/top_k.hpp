/// @file top_k.hpp
/// Chapter 1. Thousands of unlikely characters are together quite likely: cut them off before the draw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace gpt {

/// The logits with all but the k largest at -inf, so that their probability is 0 (Fan et al. 2018,
/// arXiv:1805.04833, section 5.4). Equals of the k-th stay. @param k 0 keeps them all
inline std::vector<float> keep_top_k(std::span<const float> logits, size_t k) {
  std::vector<float> kept(logits.begin(), logits.end());
  if (k == 0 || k >= kept.size()) return kept;
  std::vector<float> sorted = kept;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(k - 1), sorted.end(),
                   std::greater<>());
  const float smallest_kept = sorted[k - 1];
  for (float& x : kept) {
    if (x < smallest_kept) x = -std::numeric_limits<float>::infinity();
  }
  return kept;
}

}  // namespace gpt
