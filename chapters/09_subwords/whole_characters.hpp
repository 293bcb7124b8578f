/// @file whole_characters.hpp
/// Chapter 9. A piece may end inside a character: what a terminal is shown must not.
#pragma once

#include <algorithm>
#include <string_view>

#include "common/gpt.hpp"

namespace gpt {

/// Bytes that still have to come before the last character of a text is whole: 0 to 3. In UTF-8 the first byte of a
/// character says how many bytes it has, 0xxxxxxx one, 110xxxxx two, 1110xxxx three, 11110xxx four, and all that follow
/// are 10xxxxxx. What can't become a character needs nothing any more.
inline size_t bytes_missing(std::string_view text) {
  //! [missing]
  // The byte that is n from the end.
  for (size_t n = 1; n <= std::min<size_t>(3, text.size()); ++n) {
    const unsigned byte = static_cast<unsigned char>(text[text.size() - n]);
    if (byte >> 6 == 0b10) continue;  // in the middle of a character
    size_t length = 1;
    if (byte >> 5 == 0b110) length = 2;
    if (byte >> 4 == 0b1110) length = 3;
    if (byte >> 3 == 0b11110) length = 4;
    return length > n ? length - n : 0;
  }
  return 0;
  //! [missing]
}

/// Text that comes in pieces of any bytes and goes on in whole characters: what is not whole yet is kept until it is.
class WholeCharacters {
 public:
  /// Takes the next piece. @returns what is whole now, perhaps nothing
  std::string next(std::string_view piece) {
    //! [next]
    waiting_ += piece;
    if (bytes_missing(waiting_) == 0) return std::exchange(waiting_, "");
    size_t whole = waiting_.size() - 1;  // where the last character begins
    while (static_cast<unsigned char>(waiting_[whole]) >> 6 == 0b10) --whole;
    const std::string text = waiting_.substr(0, whole);
    waiting_.erase(0, whole);
    return text;
    //! [next]
  }

  /// What waits still when nothing more comes: at most 3 bytes of a character that was never finished.
  std::string rest() { return std::exchange(waiting_, ""); }

 private:
  std::string waiting_;
};

}  // namespace gpt
