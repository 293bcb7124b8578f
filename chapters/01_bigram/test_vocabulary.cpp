#include "01_bigram/vocabulary.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("Vocabulary: holds each character of the text once, in order", "[ch01][vocabulary][constructor]") {
  // h, e, l, l, o -> sorted e, h, l, l, o -> each once e, h, l, o
  const Vocabulary vocabulary("hello");
  const std::string symbols = vocabulary.symbols();
  for (std::size_t i = 1; i < symbols.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      expect(symbols[before] != symbols[i], "symbols of \"hello\": '" + std::string(1, symbols[i]) +
                                                "' is there twice in \"" + symbols +
                                                "\", and would have two ids");
    }
    expect(symbols[i - 1] < symbols[i], "symbols of \"hello\": \"" + symbols + "\" is not sorted, '" +
                                            symbols.substr(i, 1) + "' belongs before '" +
                                            symbols.substr(i - 1, 1) + "'");
  }
  expect_equal("symbols of \"hello\"", symbols, "ehlo");
  expect_equal("size of the vocabulary of \"hello\"", static_cast<long long>(vocabulary.size()), 4);
}

TEST_CASE("Vocabulary: a character's id is its place among the symbols", "[ch01][vocabulary][encode]") {
  const Vocabulary vocabulary("hello");  // e 0, h 1, l 2, o 3
  expect_equal("ids of \"hello\"", vocabulary.encode("hello"), {1, 0, 2, 2, 3});
  expect_equal("ids of \"eel\"", vocabulary.encode("eel"), {0, 0, 2});
  expect_equal("ids of an empty text", vocabulary.encode(""), std::vector<int>{});
}

TEST_CASE("Vocabulary: ids turn back into characters", "[ch01][vocabulary][decode]") {
  const Vocabulary vocabulary("hello");
  expect_equal("text of the ids {1, 3, 2, 0}", vocabulary.decode({1, 3, 2, 0}), "hole");
  expect_equal("text of no ids", vocabulary.decode({}), "");
}

TEST_CASE("Vocabulary: the ids do not depend on the order of the text", "[ch01][vocabulary][constructor]") {
  for (const std::string text : {"abcd", "dcba", "bdacabdc"}) {
    expect_equal("ids of \"abcd\" in the vocabulary of \"" + text + "\"", Vocabulary(text).encode("abcd"),
                 {0, 1, 2, 3});
  }
}

TEST_CASE("Vocabulary: a character is a letter, however many bytes it has",
          "[ch01][vocabulary][constructor]") {
  // \303\251 is an e with an accent in UTF-8: two bytes, one character, after all letters without one.
  const Vocabulary vocabulary("z\303\251a");
  expect_equal("ids of \"\\303\\251a\\303\\251\", where \\303\\251 are the bytes of an e with an accent",
               vocabulary.encode("\303\251a\303\251"), {2, 0, 2});
  expect_equal("size of the vocabulary of \"z\\303\\251a\"", static_cast<long long>(vocabulary.size()), 3);
}

TEST_CASE("Vocabulary: decoding what was encoded gives the text back, byte for byte",
          "[ch01][vocabulary][decode]") {
  for (const std::string text : {"First Citizen:\nBefore we proceed, hear me.\n", "caf\xc3\xa9 \t",
                                 "\xce\xb6\xce\xae\xcf\x84\xcf\x89 \xe4\xbd\xa0\xe5\xa5\xbd "
                                 "\xf0\x9f\x8e\xad"}) {  // Greek, Chinese, masks
    const Vocabulary vocabulary(text);
    expect_equal("the text after encode() and decode()", vocabulary.decode(vocabulary.encode(text)), text);
  }
}

TEST_CASE("Vocabulary: refuses a character that it does not know, and says which",
          "[ch01][vocabulary][encode]") {
  const Vocabulary vocabulary("hello");
  expect_error(
      "encode(\"help\") with the symbols \"ehlo\"", [&] { vocabulary.encode("help"); }, "'p'");
  // Below all symbols, between two of them, and after the last.
  for (const char unknown : {'A', 'f', 'm', 'z'}) {
    expect_error(
        std::string("encode(\"h") + unknown + "\") with the symbols \"ehlo\"",
        [&] { vocabulary.encode(std::string("h") + unknown); }, std::string("'") + unknown + "'");
  }
}

TEST_CASE("Vocabulary: refuses an id that it does not know, and says which", "[ch01][vocabulary][decode]") {
  const Vocabulary vocabulary("hello");
  expect_error(
      "decode({0, 4}) with 4 symbols",
      [&] {
        vocabulary.decode({0, 4});
      },
      "got 4");
  expect_error(
      "decode({-1})", [&] { vocabulary.decode({-1}); }, "got -1");
}

TEST_CASE("Vocabulary: refuses a text without characters", "[ch01][vocabulary][constructor]") {
  expect_error(
      "Vocabulary(\"\")", [] { Vocabulary(""); }, "at least one character");
}
