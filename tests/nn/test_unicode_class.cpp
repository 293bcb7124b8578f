/// @file test_unicode_class.cpp
/// What kind of thing a character is.
#include <string>

#include "common/nn/unicode_class.hpp"
#include "common/nn/unicode_ranges.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

using Class = CharacterClass;

TEST_CASE("unicode classes: of characters that one knows", "[unicode]") {
  CHECK(class_of('A') == Class::letter);
  CHECK(class_of(U'\u00e9') == Class::letter);      // e with an accent
  CHECK(class_of(U'\u4f60') == Class::letter);      // Chinese: you
  CHECK(class_of(U'\U00020000') == Class::letter);  // Chinese, beyond the first 65,536
  CHECK(class_of('7') == Class::number);
  CHECK(class_of(U'\u00bd') == Class::number);      // a half
  CHECK(class_of(U'\u2163') == Class::number);      // Roman four
  CHECK(class_of(U'\U0001d7d8') == Class::number);  // a digit of mathematics
  CHECK(class_of('\n') == Class::space);
  CHECK(class_of(U'\u0085') == Class::space);  // next line
  CHECK(class_of(U'\u3000') == Class::space);  // a blank as wide as a Chinese character
  CHECK(class_of(U'\ufeff') == Class::other);  // a byte-order mark
  CHECK(class_of(U'\u200b') == Class::other);  // a space of no width is none to Unicode
  CHECK(class_of('_') == Class::other);
  CHECK(class_of(U'\u0301') == Class::other);      // an accent by itself
  CHECK(class_of(U'\U0001f3ad') == Class::other);  // two masks
  CHECK(class_of(0x10ffff) == Class::other);
}

TEST_CASE("unicode classes: ranges ascend, and each code point is in one of them", "[unicode]") {
  char32_t end = 0;
  for (const UnicodeRange& range : unicode_ranges) {
    REQUIRE(range.begin >= end);
    REQUIRE(range.end > range.begin);
    REQUIRE(class_of(range.begin) == range.which);
    REQUIRE(class_of(range.end - 1) == range.which);
    end = range.end;
  }
  CHECK(end <= 0x110000);
}

TEST_CASE("unicode classes: a byte that is no UTF-8 is one character", "[unicode]") {
  CHECK(first_class("\xC3\xA9z").bytes == 2);
  CHECK(first_class("\xC3").bytes == 1);
  CHECK(first_class("\xC3").which == Class::other);
  CHECK(first_class("\xED\xA0\xBD").bytes == 1);  // half of an emoji, as UTF-16 has it
}

}  // namespace
}  // namespace gpt
