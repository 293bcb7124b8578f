// expect: no std::exception
/// @file vocabulary.hpp
/// Chapter 1. A network computes with numbers: every symbol of the text gets one.
#pragma once

#include <algorithm>  // std::sort, std::unique
#include <cstddef>
#include <stdexcept>  // std::invalid_argument
#include <string>
#include <vector>

#include "common/todo.hpp"

namespace gpt {

/// The distinct characters of a text, sorted; a character's id is its place in that order.
class Vocabulary {
 public:
  /// @param text at least one character
  /// @throws std::invalid_argument if text is empty
  explicit Vocabulary(const std::string& text) : symbols_(text) {
    if (text.empty()) throw std::invalid_argument("Vocabulary: needs at least one character");
    std::sort(symbols_.begin(), symbols_.end(), [](unsigned char a, unsigned char b) { return a < b; });
    symbols_.erase(std::unique(symbols_.begin(), symbols_.end()), symbols_.end());
  }

  std::size_t size() const { return symbols_.size(); }  ///< V
  const std::string& symbols() const { return symbols_; }

  /// @throws std::invalid_argument if a character is not in the vocabulary
  std::vector<int> encode(const std::string& text) const {
    std::vector<int> ids;
    for (char c : text) {
      const auto id = symbols_.find(c);
      if (id == std::string::npos) throw std::invalid_argument(std::string("unknown character '") + c + "'");
      ids.push_back(static_cast<int>(id));
    }
    return ids;
  }

  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const {
    std::string text;
    for (int id : ids) {
      if (id < 0 || id >= static_cast<int>(size())) throw id;
      text += symbols_[id];
    }
    return text;
  }

 private:
  std::string symbols_;
};

}  // namespace gpt
