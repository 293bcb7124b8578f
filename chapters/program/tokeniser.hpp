/// @file tokeniser.hpp
/// Between text and ids: the vocabulary of chapter 1 is one way, pieces of words another.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace gpt {

/// Turns a text into ids in [0, size()) and back.
template <class T>
concept Tokeniser = requires(const T& t, const std::string& text, const std::vector<int>& ids) {
  { t.size() } -> std::convertible_to<std::size_t>;
  { t.encode(text) } -> std::same_as<std::vector<int>>;
  { t.decode(ids) } -> std::same_as<std::string>;
  { t.symbols() } -> std::convertible_to<std::string>;  // what it can be made anew from
};

/// Some tokeniser, for code that is compiled once and serves all chapters.
class AnyTokeniser {
 public:
  /// Keeps a copy of it.
  template <Tokeniser T>
  AnyTokeniser(const T& tokeniser)
      : size_(tokeniser.size()),
        symbols_(tokeniser.symbols()),
        encode_([tokeniser](const std::string& text) { return tokeniser.encode(text); }),
        decode_([tokeniser](const std::vector<int>& ids) { return tokeniser.decode(ids); }) {}

  std::size_t size() const { return size_; }               ///< V
  const std::string& symbols() const { return symbols_; }  ///< what it can be made anew from
  /// @throws std::invalid_argument if the text has something that it does not know
  std::vector<int> encode(const std::string& text) const { return encode_(text); }
  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const { return decode_(ids); }

  /// Can it encode this?
  bool knows(const std::string& text) const {
    try {
      return !encode(text).empty();
    } catch (const std::invalid_argument&) {
      return false;
    }
  }

 private:
  std::size_t size_;
  std::string symbols_;
  std::function<std::vector<int>(const std::string&)> encode_;
  std::function<std::string(const std::vector<int>&)> decode_;
};

}  // namespace gpt
