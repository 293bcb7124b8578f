/// @file top_k.hpp
/// Chapter 1. Thousands of unlikely characters are together quite likely: cut them off before the draw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "common/nn/todo.hpp"

namespace gpt {

/// The logits with all but the k largest at -inf, so that their probability is 0 (Fan et al. 2018,
/// arXiv:1805.04833, section 5.4). Equals of the k-th stay. @param k 0 keeps them all
inline std::vector<float> keep_top_k(std::span<const float> logits, size_t k) {
  todo("top_k");  // TODO: find the k-th largest, then send what is smaller to -inf
}

}  // namespace gpt
