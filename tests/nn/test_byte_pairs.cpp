/// @file test_byte_pairs.cpp
/// Merges learned and applied at the speed of use. Against the plain lines they are held in chapter 9.
#include <algorithm>
#include <string>
#include <vector>

#include "common/nn/byte_pairs.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

/// A word ends behind a blank.
std::size_t by_blanks(std::string_view text) { return std::min(text.find(' '), text.size() - 1) + 1; }
std::size_t all_of_it(std::string_view text) { return text.size(); }

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("byte pairs: the most frequent pair first, and of several the smallest ids", "[byte_pairs]") {
  // a b stands three times; of what is left, "ab c" twice.
  const BytePairs pairs = train_byte_pairs("abc abd abc", 258, by_blanks);
  REQUIRE(pairs.merges.size() == 2);
  CHECK(pairs.merges[0] == Merge{'a', 'b', 256});
  // "c " stands once, "ab c" twice, "d " once
  CHECK(pairs.merges[1] == Merge{256, 'c', 257});
  CHECK(pairs.tokens[257] == "abc");
  // All pairs of "zyx" are equally frequent.
  CHECK(train_byte_pairs("zyx", 257, all_of_it).merges[0] == Merge{'y', 'x', 256});
}

TEST_CASE("byte pairs: of a run, pairs are put together from the left", "[byte_pairs]") {
  const BytePairs pairs = train_byte_pairs("aaaaa", 258, all_of_it);
  CHECK(pairs.merges[0] == Merge{'a', 'a', 256});
  CHECK(pairs.merges[1] == Merge{256, 'a', 257});
  CHECK(BytePairEncoder(pairs).encode_word("aaaaaaa") == std::vector<int>{256, 256, 257});
}

TEST_CASE("byte pairs: two ways to one piece share its id", "[byte_pairs]") {
  BytePairs pairs = only_bytes();
  append_merge(pairs, 'a', 'b');
  append_merge(pairs, 256, 'c');
  append_merge(pairs, 'b', 'c');
  append_merge(pairs, 'a', 258);
  CHECK(pairs.tokens.size() == 259);
  CHECK(pairs.merges.back() == Merge{'a', 258, 257});
  CHECK(merges_from_text(merges_as_text(pairs)).merges == pairs.merges);
}

TEST_CASE("byte pairs: long words as short ones, and long ones in no long time", "[byte_pairs]") {
  BytePairs pairs = train_byte_pairs("abababab abcabcabc bcbcbc cacaca aaaa", 272, by_blanks);
  const BytePairEncoder encoder(pairs);
  // Words of up to 64 bytes go the short way. Blocks that cannot join are cut by a byte that is in no merge.
  std::uint64_t dice = 1;
  for (int round = 0; round < 300; ++round) {
    std::string word;
    std::vector<int> expected;
    for (int block = 0; block < 9; ++block) {
      std::string part;
      dice = dice * 6364136223846793005u + 1442695040888963407u;
      for (std::uint64_t i = 0, d = dice; i < 20; ++i, d /= 3) part += static_cast<char>('a' + d % 3);
      const std::vector<int> ids = encoder.encode_word(part + "#");
      expected.insert(expected.end(), ids.begin(), ids.end());
      word += part + "#";
    }
    REQUIRE(encoder.encode_word(word) == expected);
  }
  const std::string million(1'000'000, 'a');
  CHECK(encoder.decode(encoder.encode(million, all_of_it)) == million);
}

TEST_CASE("byte pairs: any bytes survive", "[byte_pairs]") {
  const BytePairEncoder encoder(train_byte_pairs("to be or not to be, that is the question", 270, by_blanks));
  std::string bytes;
  for (int i = 0; i < 70'000; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  CHECK(encoder.decode(encoder.encode(bytes, by_blanks)) == bytes);
  CHECK(encoder.encode("", by_blanks).empty());
  CHECK(bytes_of_printable(printable_bytes(bytes)) == bytes);
  CHECK(printable_bytes(" a\n") ==
        "\xC4\xA0"  // U+0120, a, U+010A
        "a\xC4\x8A");
}

TEST_CASE("byte pairs: special tokens are text unless they are asked for", "[byte_pairs]") {
  BytePairs pairs = only_bytes();
  const int end = append_special(pairs, "<end>"), both = append_special(pairs, "<end><end>");
  const BytePairEncoder encoder(pairs);
  CHECK(encoder.encode("a<end>b", all_of_it).size() == 7);
  CHECK(encoder.encode("a<end>b", all_of_it, true) == std::vector<int>{'a', end, 'b'});
  CHECK(encoder.encode("<end><end><end>", all_of_it, true) == std::vector<int>{both, end});
  CHECK(encoder.decode({'a', end}) == "a<end>");
  CHECK(error_of([&] { append_special(pairs, "<end>"); }) ==
        "byte pairs: the special token \"<end>\" is there already");
}

TEST_CASE("byte pairs: say what does not fit", "[byte_pairs]") {
  BytePairs bytes = only_bytes();
  CHECK(error_of([&] {
          append_special(bytes, "<|\xff|>");
        }).find("a special token must be a text in UTF-8") != std::string::npos);
  CHECK(error_of([] { train_byte_pairs("abc", 100, all_of_it); }) ==
        "byte pairs: a vocabulary has at least the 256 bytes, got V = 100");
  CHECK(error_of([] { train_byte_pairs("abc", 300, all_of_it); }) ==
        "byte pairs: the text has only 258 pieces to learn, and 300 were asked for; a longer text has more");
  BytePairs lacking = only_bytes();
  lacking.tokens['q'] = "qq";
  CHECK(error_of([&] { BytePairEncoder encoder(lacking); }) ==
        "byte pairs: every byte must be a token, and 113 is none: texts that hold it would be lost");
  BytePairs early = only_bytes();
  early.tokens.push_back("ab");
  early.tokens.push_back("abc");
  early.merges = {{256, 'c', 257}, {'a', 'b', 256}};
  CHECK(error_of([&] { BytePairEncoder encoder(early); }) ==
        "byte pairs: merge 1 needs the token \"ab\", which no merge before it makes");
  early.merges = {{'a', 'b', 999}};
  CHECK(error_of([&] { BytePairEncoder encoder(early); }) ==
        "byte pairs: merge 1 names the id 999, and there are 258 tokens");
  early.merges = {{'a', 'b', 257}};
  CHECK(error_of([&] { BytePairEncoder encoder(early); }) ==
        "byte pairs: merge 1 makes \"abc\" of \"a\" and \"b\"");
  CHECK(error_of([] { BytePairEncoder(only_bytes()).decode({256}); }) ==
        "byte pairs: ids must be in [0, 256), got 256");
  CHECK(error_of([] { merges_from_text("#version: 0.2\na b\nab x y\n"); }).find("line 3 of the merges") !=
        std::string::npos);
  CHECK(error_of([] { merges_from_text("a b\nabc d\n"); }) ==
        "byte pairs: line 2 of the merges needs the token \"abc\", which no line before it makes");
}

}  // namespace
}  // namespace gpt
