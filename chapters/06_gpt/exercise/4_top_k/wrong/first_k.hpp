// expect: the first were kept
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace gpt {

inline std::vector<float> keep_top_k(std::span<const float> logits, std::size_t k) {
  std::vector<float> kept(logits.begin(), logits.end());
  if (k == 0 || k >= kept.size()) return kept;
  std::fill(kept.begin() + static_cast<std::ptrdiff_t>(k), kept.end(),
            -std::numeric_limits<float>::infinity());
  return kept;
}

}  // namespace gpt
