/// @file written_sum.hpp
/// Chapter 10. New idea: how a thing is written decides how hard it is to learn. A sum is written from its last digit on.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"

namespace gpt {

/// In which order the digits of an answer come.
enum class Digits {
  forward,  ///< as people read them
  reversed  ///< the ones first, as people work them out
};

/// A number with zeros in front: written(7, 3) is "007". One that is longer than `width` stays whole.
inline std::string written(size_t number, size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

/// The sum of two numbers of `width` digits, always with one digit more: of 417 and 385 it is "0802", or "2080"
/// reversed.
//! [written_sum]
inline std::string written_sum(size_t a, size_t b, size_t width, Digits order) {
  std::string answer = written(a + b, width + 1);
  if (order == Digits::reversed) std::reverse(answer.begin(), answer.end());
  return answer;
}
//! [written_sum]

/// In how many places a sum carries: 417 + 385 in the ones, 7 + 5, and in the tens, 1 + 8 + 1.
inline size_t carries(size_t a, size_t b) {
  size_t count = 0, carry = 0;
  for (; a > 0 || b > 0; a /= 10, b /= 10) {
    carry = a % 10 + b % 10 + carry >= 10 ? 1 : 0;
    count += carry;
  }
  return count;
}

}  // namespace gpt
