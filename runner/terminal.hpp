/// @file terminal.hpp
/// What a terminal can do beyond printing lines: colours, single keys, a fresh screen.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>

namespace gpt {

/// Colours for standard output; none in a pipe or file, or if NO_COLOR is set (no-color.org).
struct Colours {
  std::string good, bad, dim, bold, plain;
};

const Colours& colours();

/// How wide a text may be: as the terminal is, but no wider than people like to read.
std::size_t columns();

/// While it lives, keys arrive one by one, without Enter. The terminal is given back as it was.
class Keys {
 public:
  Keys();
  ~Keys();
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  /// @param seconds  how long to wait
  /// @returns the next key, 0 if none was pressed, 'q' if the terminal is gone
  char next(double seconds);

 private:
  termios before_ = {};  // filled in by what initialises terminal_, so it comes first
  bool terminal_;
  bool ended_ = false;  // standard input, if it is a file or a pipe
};

/// Wipes the screen, in a terminal; elsewhere, a line between what was and what comes.
void fresh_screen();

/// "[####--------] 7 of 21"
std::string bar(std::size_t done, std::size_t all);

}  // namespace gpt
