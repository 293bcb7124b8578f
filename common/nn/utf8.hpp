/// @file utf8.hpp
/// A text's characters. In UTF-8, an English letter is one byte, and a letter of most other alphabets several.
#pragma once

#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gpt {

/// One character, that is, one Unicode code point.
struct Character {
  char32_t code;      ///< its number in Unicode
  std::size_t bytes;  ///< its length in UTF-8, 1 to 4; 0 if there was none to read
};

/// The character that a text begins with; 0 bytes long if the text is empty or what it begins with is no UTF-8.
Character first_character(std::string_view text);

/// A character as UTF-8.
std::string to_utf8(char32_t code);
/// The same for several.
std::string to_utf8(std::u32string_view text);

/// The characters of a text, one after the other: `for (const char32_t c : Characters(text))`. None are copied.
class Characters {
 public:
  /// @param text UTF-8, which must outlive this object
  explicit Characters(std::string_view text) : text_(text) {}

  /// @cond  what every iterator has
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char32_t;
    using difference_type = std::ptrdiff_t;
    using pointer = const char32_t*;
    using reference = char32_t;

    explicit Iterator(std::string_view rest) : rest_(rest) { read(); }
    char32_t operator*() const { return now_.code; }
    /// @throws std::invalid_argument if what comes next is no UTF-8
    Iterator& operator++() {
      rest_.remove_prefix(now_.bytes);
      read();
      return *this;
    }
    bool operator==(const Iterator& other) const { return rest_.size() == other.rest_.size(); }

   private:
    void read() {
      if (rest_.empty()) return;
      now_ = first_character(rest_);
      if (now_.bytes == 0) throw std::invalid_argument("expected a text in UTF-8, got one that is none");
    }
    std::string_view rest_;
    Character now_{0, 0};
  };
  /// @endcond

  /// The first character.
  Iterator begin() const { return Iterator(text_); }
  /// Behind the last one.
  Iterator end() const { return Iterator(text_.substr(text_.size())); }

 private:
  std::string_view text_;
};

}  // namespace gpt
