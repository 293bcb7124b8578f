/// @file vector_math.hpp
/// The exponential as plain arithmetic, so that the compiler can work on a whole vector register at a time.
#pragma once

#include <bit>
#include <cstdint>

namespace gpt {

/// e^x to within 2 units in the last place; 0 below -87.3 (where float32 has no
/// normal numbers), inf above 88.7.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n e^r: a Taylor polynomial gives e^r, and 2^n is written
/// straight into the exponent bits (Cody and Waite 1980, chapter 6).
inline float fast_exp(float x) {
  constexpr float round_to_int = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  const float clamped = x < -87.3f ? -87.3f : (x > 88.8f ? 88.8f : x);
  const float shifted = clamped * 1.44269504f + round_to_int;
  const float n = shifted - round_to_int;
  const float r =
      (clamped - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts, so that n ln 2 is exact
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // In two halves, since 2^128 itself has no float32.
  const std::int32_t power = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(round_to_int);
  const std::int32_t half = power >> 1;
  const float low = std::bit_cast<float>((half + 127) << 23);
  const float high = std::bit_cast<float>((power - half + 127) << 23);
  const float y = p * low * high;
  return x < -87.3f ? 0.0f : y;
}

/// tanh(x) to within 2e-7, from the exponential.
inline float fast_tanh(float x) { return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f); }

}  // namespace gpt
