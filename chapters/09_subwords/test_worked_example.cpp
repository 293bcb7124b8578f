/// @file test_worked_example.cpp
/// The numbers of the text that are worked out by hand.
#include <cmath>
#include <fstream>
#include <iterator>

#include "09_subwords/byte_pair_tokeniser.hpp"
#include "09_subwords/learn_merges.hpp"
#include "common/files/corpus.hpp"
#include "program/task.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

std::string in_pieces(const BytePairTokeniser& tokeniser, const std::string& text) {
  std::string all;
  for (const int id : tokeniser.encode(text)) all += (all.empty() ? "" : "|") + tokeniser.decode({id});
  return all;
}

}  // namespace

TEST_CASE("worked example: three merges of five words", "[ch09]") {
  const std::string text = "thou that they thee";
  CHECK(words(text) == std::vector<std::string_view>{"thou", " that", " they", " thee"});
  std::map<TokenPair, int> counts;
  for (const std::string_view word : words(text)) count_pairs(bytes_of(word), 1, counts);
  CHECK(counts.at({'t', 'h'}) == 4);
  CHECK(counts.at({' ', 't'}) == 3);
  CHECK(counts.at({'h', 'e'}) == 2);
  const BytePairs learned = learn_merges(text, 259);
  CHECK(learned.tokens[256] == "th");
  CHECK(learned.tokens[257] == " th");
  CHECK(learned.tokens[258] == " the");
  CHECK(in_pieces(BytePairTokeniser(learned), "moth then") == "m|o|th| the|n");
}

TEST_CASE("worked example: bits per character", "[ch09]") {
  // Chapter 7's mean loss in bits, and the same in tokens of two characters.
  CHECK_THAT(bits_per_character(1.679, 1), Catch::Matchers::WithinAbs(2.422, 0.0005));
  CHECK_THAT(bits_per_character(3.358, 2), Catch::Matchers::WithinAbs(2.422, 0.0005));
}

TEST_CASE("worked example: a sentence under four vocabularies of Tiny Shakespeare", "[ch09]") {
  std::string text;
  try {
    text = open_corpus("tinyshakespeare").text;
  } catch (const std::runtime_error&) {
    WARN("Tiny Shakespeare is not here, so its pieces are not looked at");
    return;
  }
  const std::string_view train = training_part(text);
  const std::string sentence = "Now is the winter of our discontent, thou'lt see.";
  const auto pieces = [&](size_t V) {
    return in_pieces(BytePairTokeniser(train_byte_pairs(train, V, first_word)), sentence);
  };
  CHECK(pieces(512) == "N|ow| is| the| w|in|ter| of| our| d|is|c|on|t|ent|,| thou|'|l|t| se|e|.");
  CHECK(pieces(1024) == "Now| is| the| w|in|ter| of| our| dis|c|ont|ent|,| thou|'|l|t| see|.");
  CHECK(pieces(4096) == "Now| is| the| winter| of| our| discontent|,| thou|'|lt| see|.");
  const BytePairs learned = train_byte_pairs(train, 1024, first_word);
  const std::vector<std::pair<size_t, std::string>> tree{{2, "he"},   {16, " f"},     {48, "at"},
                                                         {80, "her"}, {286, "ather"}, {368, " father"}};
  for (const auto& [number, token] : tree)
    CHECK(learned.tokens[size_t(learned.merges[number - 1].result)] == token);
}

TEST_CASE("worked example: GPT-2's weights, and what each token reads", "[ch09]") {
  const size_t parameters = 124'439'808;
  CHECK_THAT(double(parameters) * 4 / 1e6, Catch::Matchers::WithinAbs(497.8, 0.05));
  CHECK_THAT(double(parameters) / 1e6, Catch::Matchers::WithinAbs(124.4, 0.05));
}
