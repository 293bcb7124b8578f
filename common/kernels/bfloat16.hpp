/// @file bfloat16.hpp
/// Numbers of 16 bits: the upper half of a float32.
///
/// What is cut off are 16 of the 23 bits after the point. The exponent stays whole, so nothing becomes too large or too
/// small; but only two to three decimal digits are left. Enough for what goes into a product of matrices, if its sums
/// are kept in float32 (Kalamkar et al. 2019, arXiv:1905.12322).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gpt {

/// A bfloat16, as its bits: 1 of sign, 8 of exponent, 7 after the point.
struct BFloat16 {
  std::uint16_t bits;  ///< as they lie in memory
};

/// The nearest bfloat16; of two that are equally near, the one whose last bit is 0. NaN stays NaN.
inline BFloat16 to_bfloat16(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  // Just under a half of the last bit kept, or exactly a half if that bit is 1: what carries over rounds up. A NaN's
  // bits could carry over into something else, or lose the only one that makes it NaN.
  const std::uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return {static_cast<std::uint16_t>((is_nan ? bits | 0x400000u : rounded) >> 16)};
}

/// The same number in float32, exactly.
inline float to_float(BFloat16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16); }
/// For what is written for both.
inline float to_float(float x) { return x; }

/// Rounds n numbers, shared among threads.
void to_bfloat16(const float* from, std::size_t n, BFloat16* to);

}  // namespace gpt
