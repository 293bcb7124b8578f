// expect: use -infinity
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace gpt {

inline std::vector<float> keep_top_k(std::span<const float> logits, std::size_t k) {
  std::vector<float> kept(logits.begin(), logits.end());
  if (k == 0 || k >= kept.size()) return kept;
  std::vector<float> sorted = kept;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(k - 1), sorted.end(),
                   std::greater<>());
  const float smallest_kept = sorted[k - 1];
  for (float& x : kept) {
    if (x < smallest_kept) x = 0.0f;
  }
  return kept;
}

}  // namespace gpt
