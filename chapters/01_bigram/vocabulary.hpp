/// @file vocabulary.hpp
/// Chapter 1. A network computes with numbers: every symbol of the text gets one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace gpt {

/// The distinct characters of a text, sorted; a character's id is its place in that order.
class Vocabulary {
 public:
  /// @param text at least one character
  /// @throws std::invalid_argument if text is empty
  explicit Vocabulary(const std::string& text) : symbols_(text) {
    if (text.empty())
      throw std::invalid_argument("Vocabulary: needs a text of at least one character, got an empty one");
    // By code from 0 to 255: a plain `<` would put é first where char has a sign, and last where it has none.
    std::sort(symbols_.begin(), symbols_.end(), [](unsigned char a, unsigned char b) { return a < b; });
    symbols_.erase(std::unique(symbols_.begin(), symbols_.end()), symbols_.end());
  }

  size_t size() const { return symbols_.size(); }          ///< V
  const std::string& symbols() const { return symbols_; }  ///< symbol i stands for id i

  /// @throws std::invalid_argument if a character is not in the vocabulary
  std::vector<int> encode(const std::string& text) const {
    std::vector<int> ids;
    ids.reserve(text.size());
    for (const char c : text) {
      const size_t id = symbols_.find(c);
      if (id == std::string::npos) {
        throw std::invalid_argument("Vocabulary: '" + std::string(1, c) + "' is not one of the " +
                                    std::to_string(size()) + " characters of the training text: " + symbols_);
      }
      ids.push_back(int(id));
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
      text += symbols_[static_cast<size_t>(id)];
    }
    return text;
  }

 private:
  std::string symbols_;
};

}  // namespace gpt
