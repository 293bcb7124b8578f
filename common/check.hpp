/// @file check.hpp
/// What every public function does first: look at its arguments, and say in one sentence what is wrong.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

namespace gpt {

/// Sizes of a tensor's axes, outermost first. The empty shape is a scalar.
using Shape = std::vector<std::size_t>;

class Tensor;

/// Stands for an axis of any size >= 1 in require_shape().
inline constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

/// "(2, 3)"; `any` is written "*".
std::string to_string(const Shape& shape);

/// Number of values in a tensor of this shape; 1 for a scalar.
std::size_t element_count(const Shape& shape);

/// @returns value
/// @throws std::invalid_argument "WHO must be positive, got 0" if value is 0
std::size_t require_positive(const std::string& who, std::size_t value);

/// @throws std::invalid_argument "WHO must be in [LOW, HIGH], got VALUE" if it is not, or is NaN
float require_between(const std::string& who, float value, float low, float high);

/// @throws std::invalid_argument "WHO must be in [0, 1), got VALUE" if it is not, or is NaN
float require_fraction(const std::string& who, float value);

/// @param who      the function and its argument: "Head: x"
/// @param expected one size an axis, `any` where every size will do
/// @throws std::invalid_argument "Head: x must be (*, *, 32), got (4, 8, 64)" if the shapes differ
void require_shape(const char* who, const Tensor& x, std::initializer_list<std::size_t> expected);

}  // namespace gpt
