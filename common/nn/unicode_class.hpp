/// @file unicode_class.hpp
/// What kind of thing a character is, by Unicode's own account: the classes that GPT-2's splitting pattern asks for.
#pragma once

#include <string_view>

#include "common/nn/utf8.hpp"  // Character

namespace gpt {

/// Letters are Unicode's categories L*, numbers N*, space its property White_Space; all else is other: punctuation,
/// symbols, control characters, marks, and what nobody has been assigned yet.
enum class CharacterClass : unsigned char { other, letter, number, space };

/// The class of a code point.
CharacterClass class_of(char32_t code);

/// What a text begins with.
struct ClassedCharacter {
  CharacterClass which;  ///< other for a byte that is no UTF-8
  std::size_t bytes;     ///< its length, 1 to 4: such a byte counts as one character
};

/// The class of the character that a text begins with.
/// @param text at least one byte, any bytes
ClassedCharacter first_class(std::string_view text);

}  // namespace gpt
