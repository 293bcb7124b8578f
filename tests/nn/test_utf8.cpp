/// @file test_utf8.cpp
/// Bytes to characters and back.
#include <vector>

#include "common/nn/utf8.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

std::vector<char32_t> characters(const std::string& text) {
  const Characters all(text);
  return {all.begin(), all.end()};
}

TEST_CASE("utf8: characters of one to four bytes", "[utf8]") {
  // e with an accent, zeta, the euro, a Chinese you, two masks
  CHECK(characters("a\xC3\xA9\xCE\xB6\xE2\x82\xAC\xE4\xBD\xA0\xF0\x9F\x8E\xAD") ==
        std::vector<char32_t>{'a', 0xe9, 0x3b6, 0x20ac, 0x4f60, 0x1f3ad});
  CHECK(characters("").empty());
  CHECK(to_utf8(U"a\u00e9\u03b6\u20ac\u4f60\U0001f3ad") ==
        "a\xC3\xA9\xCE\xB6\xE2\x82\xAC\xE4\xBD\xA0\xF0\x9F\x8E\xAD");
}

TEST_CASE("utf8: every code point there is comes back as it went", "[utf8]") {
  std::size_t right = 0;
  for (char32_t code = 0; code <= 0x10ffff; ++code) {
    const std::string bytes = to_utf8(code);
    const Character back = first_character(bytes + "z");
    right += back.code == code && back.bytes == bytes.size() ? 1 : 0;
  }
  CHECK(right == 0x110000 - 0x800);  // all but the 2,048 halves of UTF-16 pairs
}

TEST_CASE("utf8: what is no UTF-8 is no character", "[utf8]") {
  for (const char* const bytes : {"\x80",
                                  "\xbf",  // a byte that follows, first
                                  "\xC3",
                                  "\xE2\x82",
                                  "\xF0\x9F\x8E",  // cut short
                                  "\xC3z",
                                  "\xE2\x82z",
                                  "\xF0\x9F\x8Ez",  // the next character in the middle of this one
                                  "\xC0\x80",
                                  "\xC1\xBF",  // longer than need be
                                  "\xE0\x80\x80",
                                  "\xE0\x9F\xBF",
                                  "\xF0\x80\x80\x80",
                                  "\xF0\x8F\xBF\xBF",
                                  "\xED\xA0\x80",
                                  "\xED\xBF\xBF",  // halves of UTF-16 pairs
                                  "\xF4\x90\x80\x80",
                                  "\xF7\xBF\xBF\xBF",  // beyond U+10FFFF
                                  "\xF8\x88\x80\x80\x80",
                                  "\xFE",
                                  "\xFF"}) {
    INFO(static_cast<int>(static_cast<unsigned char>(bytes[0])));
    CHECK(first_character(bytes).bytes == 0);
    CHECK(message_of<std::invalid_argument>([&] { characters(std::string("a") + bytes); }) ==
          "expected a text in UTF-8, got one that is none");
  }
  CHECK(first_character("").bytes == 0);
  CHECK(first_character(std::string_view("\0", 1)).bytes == 1);
}

}  // namespace
}  // namespace gpt
