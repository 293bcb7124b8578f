/// @file vocabulary.hpp
/// Chapter 1. A network computes with numbers: every symbol of the text gets one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/nn/utf8.hpp"  // Characters, to_utf8

namespace gpt {

/// The distinct characters of a text, sorted; a character's id is its place in that order. A character is a
/// Unicode code point, of whatever alphabet.
class Vocabulary {
 public:
  /// @param text in UTF-8, at least one character
  /// @throws std::invalid_argument if text is empty
  explicit Vocabulary(const std::string& text) {
    if (text.empty())
      throw std::invalid_argument("Vocabulary: needs a text of at least one character, got an empty one");
    const Characters all(text);
    const std::set<char32_t> each_once(all.begin(), all.end());  // and sorted
    symbols_.assign(each_once.begin(), each_once.end());
  }

  size_t size() const { return symbols_.size(); }            ///< V
  std::string symbols() const { return to_utf8(symbols_); }  ///< symbol i stands for id i

  /// @throws std::invalid_argument if a character is not in the vocabulary
  std::vector<int> encode(const std::string& text) const {
    std::vector<int> ids;
    ids.reserve(text.size());
    for (const char32_t c : Characters(text)) {
      const auto place = std::lower_bound(symbols_.begin(), symbols_.end(), c);
      if (place == symbols_.end() || *place != c) {
        throw std::invalid_argument("Vocabulary: '" + to_utf8(c) + "' is not one of the " +
                                    std::to_string(size()) +
                                    " characters of the training text: " + symbols());
      }
      ids.push_back(int(place - symbols_.begin()));
    }
    return ids;
  }

  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const {
    std::string text;
    for (const int id : ids) {
      if (id < 0 || static_cast<size_t>(id) >= size()) {
        throw std::invalid_argument("Vocabulary: ids must be in [0, " + std::to_string(size()) + "), got " +
                                    std::to_string(id));
      }
      text += to_utf8(symbols_[static_cast<size_t>(id)]);
    }
    return text;
  }

 private:
  std::u32string symbols_;  // a char32_t holds any character, where a char holds one byte of it
};

}  // namespace gpt
