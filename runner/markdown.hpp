/// @file markdown.hpp
/// The texts of the exercises in a terminal: they are written for GitHub, and read well here too.
#pragma once

#include <cstddef>
#include <string>

#include "runner/terminal.hpp"

namespace gpt {

/// Headings and what is important in bold, tables with their columns below each other, lists indented, code as it is; of
/// links, formulas and folds what they say, and comments not at all. Lines have at most `width` columns, those of
/// code and tables excepted.
std::string in_terminal(const std::string& markdown, std::size_t width, const Colours& colours);

}  // namespace gpt
