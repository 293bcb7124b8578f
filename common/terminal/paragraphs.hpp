/// @file paragraphs.hpp
/// Texts as wide as the terminal: lines end between words.
#pragma once

#include <cstddef>
#include <string>

namespace gpt {

/// Breaks lines that are longer than `width` columns; what follows stands below the line's own beginning.
/// Shorter lines stay as they are, also because their spaces may matter.
std::string folded(const std::string& text, std::size_t width);

/// The same for Markdown, where a line's end means nothing: a paragraph's lines are joined first. Code
/// between fences stays as it is.
std::string reflowed(const std::string& markdown, std::size_t width);

}  // namespace gpt
