#include "09_subwords/byte_pair_tokeniser.hpp"

#include "09_subwords/learn_merges.hpp"
#include "program/tokeniser.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

static_assert(Tokeniser<BytePairTokeniser>);

/// Some text with words that come again.
std::string some_text() {
  const std::vector<std::string> parts{
      "the ", "king",          "'s ",   "thing ", "sing", "ing, ", "\n",
      "  ",   "k\xC3\xB6nig ", "ring ", "12 ",    "121 ", "!!",    " \xF0\x9F\x8E\xAD",
      "tt",   "aaaa "};
  std::string text;
  unsigned dice = 7;
  for (int i = 0; i < 900; ++i) {
    dice = dice * 1664525u + 1013904223u;
    text += parts[dice >> 28];
  }
  return text;
}

}  // namespace

TEST_CASE("learn_merges: by hand and at speed, the same merges", "[ch09][byte_pair_tokeniser]") {
  const std::string text = some_text();
  const BytePairs by_hand = learn_merges(text, 300), quick = train_byte_pairs(text, 300, first_word);
  CHECK(by_hand.merges == quick.merges);
  CHECK(by_hand.tokens == quick.tokens);
}

TEST_CASE("BytePairTokeniser: by hand and at speed, the same ids", "[ch09][byte_pair_tokeniser]") {
  const std::string text = some_text();
  const BytePairTokeniser tokeniser(train_byte_pairs(text, 320, first_word));
  CHECK(tokeniser.size() == 320);
  expect_equal("encode, and encode_by_hand", tokeniser.encode(text),
               encode_by_hand(tokeniser.vocabulary(), text));
  std::string bytes;  // of no language
  unsigned dice = 3;
  for (int i = 0; i < 20000; ++i) {
    dice = dice * 1664525u + 1013904223u;
    bytes += static_cast<char>(i % 3 == 0 ? dice >> 24 : "ing k\n"[dice >> 30]);
  }
  expect_equal("encode of any bytes, and encode_by_hand", tokeniser.encode(bytes),
               encode_by_hand(tokeniser.vocabulary(), bytes));
  CHECK(tokeniser.decode(tokeniser.encode(bytes)) == bytes);
}

TEST_CASE("BytePairTokeniser: comes again from its symbols", "[ch09][byte_pair_tokeniser]") {
  const BytePairTokeniser tokeniser(train_byte_pairs(some_text(), 300, first_word));
  const BytePairTokeniser again(merges_from_text(tokeniser.symbols()));
  CHECK(again.vocabulary().tokens == tokeniser.vocabulary().tokens);
  CHECK(again.encode(some_text()) == tokeniser.encode(some_text()));
}

TEST_CASE("BytePairTokeniser: special tokens only where they are asked for", "[ch09][byte_pair_tokeniser]") {
  BytePairs pairs = only_bytes();
  const int end = append_special(pairs, "<|endoftext|>");
  const BytePairTokeniser tokeniser(pairs);
  CHECK(tokeniser.encode("<|endoftext|>").size() == 13);
  CHECK(tokeniser.encode_special("a<|endoftext|>") == std::vector<int>{'a', end});
}
