/// @file check.hpp
/// What every public function does first: look at its arguments, and say in one sentence what is wrong.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "common/tensor/shape.hpp"  // Shape, any

namespace gpt {

class Tensor;

/// @returns value
/// @throws std::invalid_argument "WHO must be positive, got 0" if value is 0
std::size_t require_positive(const std::string& who, std::size_t value);

/// @throws std::invalid_argument "WHO: C must be a positive multiple of H, got C = 5 and H = 2" unless it is
void require_multiple(const std::string& who, std::size_t C, std::size_t H);

/// @throws std::invalid_argument "WHO: T must be at most block_size = 8, got 9" unless it is
void require_context(const std::string& who, std::size_t T, std::size_t block_size);

/// @throws std::invalid_argument "WHO must be in [LOW, HIGH], got VALUE" if it is not, or is NaN
float require_between(const std::string& who, float value, float low, float high);

/// @throws std::invalid_argument "WHO must be in [0, 1), got VALUE" if it is not, or is NaN
float require_fraction(const std::string& who, float value);

/// @param who      the function and its argument: "Head: x"
/// @param expected one size an axis, `any` where every size will do
/// @throws std::invalid_argument "Head: x must be (*, *, 32), got (4, 8, 64)" if the shapes differ
void require_shape(const char* who, const Tensor& x, std::initializer_list<std::size_t> expected);

}  // namespace gpt
