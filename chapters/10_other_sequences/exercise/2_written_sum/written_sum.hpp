/// @file written_sum.hpp
/// Chapter 10. New idea: how a thing is written decides how hard it is to learn. A sum is written from its last digit on.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// In which order the digits of an answer come.
enum class Digits {
  forward,  ///< as people read them
  reversed  ///< the ones first, as people work them out
};

/// A number with zeros in front: written(7, 3) is "007". One that is longer than `width` stays whole.
inline std::string written(size_t number, size_t width) { todo("written_sum"); }

/// The sum of two numbers of `width` digits, always with one digit more: of 417 and 385 it is "0802", or "2080"
/// reversed.
inline std::string written_sum(size_t a, size_t b, size_t width, Digits order) { todo("written_sum"); }

/// In how many places a sum carries: 417 + 385 in the ones, 7 + 5, and in the tens, 1 + 8 + 1.
inline size_t carries(size_t a, size_t b) { todo("written_sum"); }

}  // namespace gpt
