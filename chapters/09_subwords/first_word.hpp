/// @file first_word.hpp
/// Chapter 9. Before pieces are put together, the text is cut where no piece should reach across.
#pragma once

#include <string_view>

#include "common/gpt.hpp"
#include "common/nn/unicode_class.hpp"  // first_class, CharacterClass

namespace gpt {

/// How many bytes at the beginning of a text are of one class.
inline size_t run_of(CharacterClass which, std::string_view text) {
  size_t n = 0;
  while (n < text.size()) {
    const ClassedCharacter next = first_class(text.substr(n));
    if (next.which != which) break;
    n += next.bytes;
  }
  return n;
}

/// The length of an English ending at the beginning of a text: 's 't 'm 'd 're 've 'll. 0 if there is none.
inline size_t ending(std::string_view text) {
  for (const std::string_view end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(end)) return end.size();
  }
  return 0;
}

/// The length of white space at the beginning of a text. Before a word, its last character is left to the word: of three
/// blanks, two stand for themselves and one belongs to what follows.
inline size_t white_space(std::string_view text) {
  const size_t all = run_of(CharacterClass::space, text);
  if (all == text.size()) return all;
  size_t last = 0;  // where the last of them begins
  for (size_t n = 0; n < all; n += first_class(text.substr(n)).bytes) last = n;
  return last > 0 ? last : all;
}

/// How long the word is that a text begins with, in bytes: GPT-2's splitting pattern,
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// of which the first alternative that fits counts (Radford et al. 2019, section 2.2; their encoder.py). A byte that is no
/// UTF-8 is a character of class other.
/// @param text at least one byte
inline size_t first_word(std::string_view text) {
  //! [pattern]
  if (const size_t n = ending(text)) return n;
  // A blank belongs to the word behind it.
  const size_t blank = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  const std::string_view rest = text.substr(blank);
  // Letters, numbers or others.
  const CharacterClass which = first_class(rest).which;
  if (which != CharacterClass::space) return blank + run_of(which, rest);
  return white_space(text);
  //! [pattern]
}

/// A text in words, one after the other, none of it lost.
inline std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  for (; !text.empty(); text.remove_prefix(all.back().size())) {
    all.push_back(text.substr(0, first_word(text)));
  }
  return all;
}

}  // namespace gpt
