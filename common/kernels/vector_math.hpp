/// @file vector_math.hpp
/// The exponential as plain arithmetic, so that the compiler can work on a whole vector register at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace gpt {

/// e^x to within 2 units in the last place; 0 below -87.3 (where float32 has no
/// normal numbers), inf above 88.7.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n e^r: a Taylor polynomial gives e^r, and n is added to its
/// exponent bits (Cody and Waite 1980, chapter 6).
inline float fast_exp(float x) {
  constexpr float round_to_int = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  const float shifted = x * 1.44269504f + round_to_int;
  const float n = shifted - round_to_int;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts, so that n ln 2 is exact
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // Unsigned, since outside the range below it may wrap; n's bits are the lowest of shifted's.
  const float y =
      std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (std::bit_cast<std::uint32_t>(shifted) << 23));
  if (x < -87.3f) return 0.0f;
  return x < 88.7228394f ? y : x * std::numeric_limits<float>::infinity();  // NaN stays NaN
}

/// tanh(x) to within 2e-7, from the exponential.
inline float fast_tanh(float x) { return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f); }

/// 1 / (1 + e^-x), the logistic function, from the exponential.
inline float fast_logistic(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

}  // namespace gpt
