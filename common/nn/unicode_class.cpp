#include "common/nn/unicode_class.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/nn/unicode_ranges.hpp"

namespace gpt {
namespace {

CharacterClass look_up(char32_t code) {
  const auto* const after =
      std::upper_bound(std::begin(unicode_ranges), std::end(unicode_ranges), code,
                       [](char32_t c, const UnicodeRange& range) { return c < range.begin; });
  if (after == std::begin(unicode_ranges)) return CharacterClass::other;
  const UnicodeRange& range = *(after - 1);
  return code < range.end ? range.which : CharacterClass::other;
}

// The characters of all texts but the rarest, in a table: 64 kB.
constexpr char32_t common_codes = 0x10000;
const std::array<CharacterClass, common_codes>& common_classes() {
  static const std::array<CharacterClass, common_codes> table = [] {
    std::array<CharacterClass, common_codes> classes{};
    for (const UnicodeRange& range : unicode_ranges) {
      for (char32_t code = range.begin; code < range.end && code < common_codes; ++code)
        classes[code] = range.which;
    }
    return classes;
  }();
  return table;
}

}  // namespace

CharacterClass class_of(char32_t code) {
  return code < common_codes ? common_classes()[code] : look_up(code);
}

ClassedCharacter first_class(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) return {common_classes()[byte], 1};
  const Character character = first_character(text);
  if (character.bytes == 0) return {CharacterClass::other, 1};
  return {class_of(character.code), character.bytes};
}

}  // namespace gpt
