/// @file table.hpp
/// Columns that line up, and what stands in them: losses and durations.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gpt {

/// The cells of one line.
using Row = std::vector<std::string>;

/// Rows below each other, the first one as a heading with a rule under it. Lines are indented by two spaces.
/// @param alignment  one letter per column: 'l' for left, 'r' for right
std::string table(const std::vector<Row>& rows, const std::string& alignment);

/// 2.4912 -> "2.49"; "-" if there is none, or it is not a number
std::string loss_text(std::optional<float> loss);

/// 42.31 -> "42 s", 151 -> "2 min 31 s"
std::string duration(double seconds);

}  // namespace gpt
