#include "09_subwords/whole_characters.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

const std::string accent = "\xC3\xA9";         // e with an accent: 110 00011, 10 101001
const std::string euro = "\xE2\x82\xAC";       // three bytes
const std::string masks = "\xF0\x9F\x8E\xAD";  // four bytes

void expect_missing(const std::string& what, const std::string& text, long long n) {
  expect_equal("bytes_missing of " + what, static_cast<long long>(bytes_missing(text)), n);
}

}  // namespace

TEST_CASE("bytes_missing: of characters of one to four bytes", "[ch09][whole_characters]") {
  expect_missing("\"a\"", "a", 0);
  expect_missing("nothing", "", 0);
  expect(bytes_missing(accent.substr(0, 1)) != 0,
         "bytes_missing of the first byte of two: 0, and one has to come: it begins "
         "with 110");
  expect_missing("the first byte of two", accent.substr(0, 1), 1);
  expect_missing("both bytes of two", accent, 0);
  expect_missing("the first byte of three", euro.substr(0, 1), 2);
  expect(bytes_missing(euro.substr(0, 2)) != 0,
         "bytes_missing of two bytes of three: 0, and one has to come: go back over "
         "bytes that begin with 10 to the one that says the length");
  expect_missing("two bytes of three", euro.substr(0, 2), 1);
  expect_missing("all bytes of three", euro, 0);
  for (size_t n = 1; n <= 4; ++n)
    expect_missing(std::to_string(n) + " bytes of four", masks.substr(0, n), static_cast<long long>(4 - n));
}

TEST_CASE("bytes_missing: only the end of a text counts", "[ch09][whole_characters]") {
  expect_missing("\"ab\" and the first byte of two", "ab" + accent.substr(0, 1), 1);
  expect_missing("the first byte of two, then \"z\"", accent.substr(0, 1) + "z", 0);
  expect_missing("masks and two bytes of three", masks + euro.substr(0, 2), 1);
}

TEST_CASE("bytes_missing: what cannot become a character waits for nothing", "[ch09][whole_characters]") {
  expect_missing("a byte from the middle", "\x82", 0);
  expect_missing("four bytes from the middle", "\x82\x82\x82\x82", 0);
  expect_missing("one byte too many", accent + "\xA9", 0);
  expect_missing("the byte FF", "\xFF", 0);
}

TEST_CASE("WholeCharacters: keeps what is not whole, and loses nothing", "[ch09][whole_characters]") {
  WholeCharacters whole;
  const std::string first = whole.next("a" + euro.substr(0, 1));
  expect(first != "a" + euro.substr(0, 1), "WholeCharacters: half a character came out");
  expect(!first.empty(), "WholeCharacters: \"a\" waits too, and only the character that is not whole should");
  expect_equal("WholeCharacters after \"a\" and a third of a euro", first, std::string("a"));
  const std::string second = whole.next(euro.substr(1, 1));
  expect(second != euro.substr(1, 1),
         "WholeCharacters: the first bytes of the character are lost, so that its second comes "
         "out alone");
  expect_equal("WholeCharacters after the second third", second, std::string());
  expect_equal("WholeCharacters after an empty piece", whole.next(""), std::string());
  const std::string last = whole.next(euro.substr(2) + "b");
  expect(last != euro.substr(2) + "b", "WholeCharacters: the first bytes of the character are lost");
  expect_equal("WholeCharacters after the last third and \"b\"", last, euro + "b");
  expect_equal("WholeCharacters: what is left", whole.rest(), std::string());
  expect_equal("WholeCharacters after \"uvwxyz\" and half an accent",
               whole.next("uvwxyz" + accent.substr(0, 1)), std::string("uvwxyz"));
  expect_equal("WholeCharacters after the other half", whole.next(accent.substr(1)), accent);
  whole.next(masks.substr(0, 3));
  expect_equal("WholeCharacters: what was never finished", whole.rest(), masks.substr(0, 3));
  expect_equal("WholeCharacters: what is left after that", whole.rest(), std::string());
}

TEST_CASE("WholeCharacters: a text cut anywhere comes out as it went in", "[ch09][whole_characters]") {
  std::string text = "a" + accent + euro + masks + "\xFF\x82" + accent + "z" + euro;
  text[text.find('z')] = '\0';  // a character like others
  for (size_t step = 1; step <= 5; ++step) {
    WholeCharacters whole;
    std::string all;
    for (size_t i = 0; i < text.size(); i += step) all += whole.next(text.substr(i, step));
    expect_equal("WholeCharacters, " + std::to_string(step) + " bytes at a time", all + whole.rest(), text);
  }
}
