/// @file whole_characters.hpp
/// Chapter 9. A piece may end inside a character: what a terminal is shown must not.
#pragma once

#include <algorithm>
#include <string_view>

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Bytes that still have to come before the last character of a text is whole: 0 to 3. In UTF-8 the first byte of a
/// character says how many bytes it has, 0xxxxxxx one, 110xxxxx two, 1110xxxx three, 11110xxx four, and all that follow
/// are 10xxxxxx. What can't become a character needs nothing any more.
inline size_t bytes_missing(std::string_view text) {
  todo("whole_characters");  // TODO: go back to the byte that says how long the character is
}

/// Text that comes in pieces of any bytes and goes on in whole characters: what is not whole yet is kept until it is.
class WholeCharacters {
 public:
  /// Takes the next piece. @returns what is whole now, perhaps nothing
  std::string next(std::string_view piece) {
    todo("whole_characters");  // TODO: keep what is not whole yet, return the rest
  }

  /// What waits still when nothing more comes: at most 3 bytes of a character that was never finished.
  std::string rest() { return std::exchange(waiting_, ""); }

 private:
  std::string waiting_;
};

}  // namespace gpt
