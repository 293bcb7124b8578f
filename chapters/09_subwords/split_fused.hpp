/// @file split_fused.hpp
/// Chapter 9. GPT-2 has one matrix where we have three: queries, keys and values are worked out in one product.
#pragma once

#include <array>
#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// Cuts the last axis in three: query, key and value, in this order. Of a fused weight that makes the three weights, of its
/// bias the three biases, and of what the fused layer says, the queries, keys and values.
/// Shapes: (..., 3C) -> three of (..., C).
/// @throws std::invalid_argument unless the last axis is a multiple of 3
inline std::array<Tensor, 3> split_fused(const Tensor& x) {
  if (x.size(-1) % 3 != 0) {
    throw std::invalid_argument("split_fused: the last axis must be a multiple of 3, got " +
                                std::to_string(x.size(-1)));
  }
  //! [split]
  const size_t C = x.size(-1) / 3;
  return {slice(x, -1, 0, C), slice(x, -1, C, 2 * C), slice(x, -1, 2 * C, 3 * C)};
  //! [split]
}

/// The way back. Shapes: three of (..., C) -> (..., 3C).
inline Tensor fuse(const Tensor& query, const Tensor& key, const Tensor& value) {
  return concatenate({query, key, value}, -1);
}

}  // namespace gpt
