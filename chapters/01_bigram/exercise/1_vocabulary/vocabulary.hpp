/// @file vocabulary.hpp
/// Chapter 1. A network computes with numbers: every symbol of the text gets one.
#pragma once

#include <algorithm>  // std::lower_bound
#include <cstddef>
#include <set>
#include <stdexcept>  // std::invalid_argument
#include <string>
#include <vector>

#include "common/nn/todo.hpp"
#include "common/nn/utf8.hpp"  // Characters, to_utf8

namespace gpt {

/// The distinct characters of a text, sorted; a character's id is its place in that order. A character is a
/// Unicode code point, of whatever alphabet.
class Vocabulary {
 public:
  /// @param text in UTF-8, at least one character
  /// @throws std::invalid_argument if text is empty
  explicit Vocabulary(const std::string& text) { todo("vocabulary"); }

  size_t size() const { return symbols_.size(); }            ///< V
  std::string symbols() const { return to_utf8(symbols_); }  ///< symbol i stands for id i

  /// @throws std::invalid_argument if a character is not in the vocabulary
  std::vector<int> encode(const std::string& text) const { todo("vocabulary"); }

  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const { todo("vocabulary"); }

 private:
  std::u32string symbols_;  // a char32_t holds any character, where a char holds one byte of it
};

}  // namespace gpt
