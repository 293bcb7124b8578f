/// @file vocabulary.hpp
/// Chapter 1. A network computes with numbers: every symbol of the text gets one.
#pragma once

#include <algorithm>  // std::sort, std::unique
#include <cstddef>
#include <stdexcept>  // std::invalid_argument
#include <string>
#include <vector>

#include "common/nn/todo.hpp"

namespace gpt {

/// The distinct characters of a text, sorted; a character's id is its place in that order.
class Vocabulary {
 public:
  /// @param text at least one character
  /// @throws std::invalid_argument if text is empty
  explicit Vocabulary(const std::string& text) { todo("vocabulary"); }

  size_t size() const { return symbols_.size(); }  ///< V
  const std::string& symbols() const { return symbols_; }

  /// @throws std::invalid_argument if a character is not in the vocabulary
  std::vector<int> encode(const std::string& text) const { todo("vocabulary"); }

  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const { todo("vocabulary"); }

 private:
  std::string symbols_;
};

}  // namespace gpt
