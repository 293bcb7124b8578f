/// @file shape.hpp
/// The sizes of a tensor's axes.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace gpt {

using std::size_t;

/// Sizes of a tensor's axes, outermost first. The empty shape is a scalar.
using Shape = std::vector<std::size_t>;

/// Stands for an axis of any size >= 1 in require_shape().
inline constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

/// As a block size: this model takes texts of any length.
inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// "(2, 3)"; `any` is written "*".
std::string to_string(const Shape& shape);

/// Number of values in a tensor of this shape; 1 for a scalar.
/// @throws std::invalid_argument if no memory could hold that many
std::size_t element_count(const Shape& shape);

/// @returns shape
/// @throws std::invalid_argument as element_count() does
const Shape& require_countable(const Shape& shape);

}  // namespace gpt
