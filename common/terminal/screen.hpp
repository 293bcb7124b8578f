/// @file screen.hpp
/// What stands behind an open file that is written to: a terminal, how wide, with colours or without?
#pragma once

#include <cstddef>

namespace gpt {

/// Is it a terminal that lines can be redrawn in? Not a pipe, not a file, not TERM=dumb, nor without a TERM.
bool is_screen(int fd);

/// How many columns it has; `otherwise` if it is no terminal, or does not say.
std::size_t screen_columns(int fd, std::size_t otherwise);

/// How many lines it has; `otherwise` if it is no terminal, or does not say.
std::size_t screen_lines(int fd, std::size_t otherwise);

/// May a screen have colours? Not if NO_COLOR is set to anything (no-color.org).
bool colours_allowed();

}  // namespace gpt
