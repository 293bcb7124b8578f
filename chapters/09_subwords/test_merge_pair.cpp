#include "09_subwords/merge_pair.hpp"

#include <cstdint>
#include <string>

#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("count_pairs: neighbours, each as often as its word occurs", "[ch09][merge_pair]") {
  std::map<TokenPair, int> counts;
  count_pairs({1, 2, 1, 2}, 3, counts);
  expect(counts.count({2, 1}) == 1,
         "count_pairs of 1 2 1 2: the pair (2, 1) in the middle is not counted: pairs overlap");
  expect(counts.count({2, 2}) == 0 && counts.count({1, 1}) == 0,
         "count_pairs of 1 2 1 2: tokens that are not side by side are counted");
  expect(counts[{1, 2}] != 2,
         "count_pairs of 1 2 1 2 that occurs 3 times: (1, 2) is counted once for each place, and not "
         "3 times: add `times`");
  expect_equal("count_pairs of 1 2 1 2 that occurs 3 times: (1, 2)", counts[{1, 2}], 6);
  expect_equal("count_pairs of 1 2 1 2 that occurs 3 times: (2, 1)", counts[{2, 1}], 3);
  count_pairs({2, 1}, 4, counts);
  expect(counts[{2, 1}] != 4, "count_pairs: what was counted before is lost: add to it");
  expect_equal("count_pairs of a second word: (2, 1)", counts[{2, 1}], 7);
  count_pairs({5}, 9, counts);
  count_pairs({}, 9, counts);
  expect_equal("pairs, after words of one token and of none", static_cast<long long>(counts.size()), 2);
}

TEST_CASE("most_frequent: the largest count, and of several the smallest ids", "[ch09][merge_pair]") {
  const TokenPair best = most_frequent({{{1, 9}, 2}, {{3, 4}, 5}, {{7, 7}, 1}});
  expect(best != TokenPair{1, 9}, "most_frequent of 2, 5 and 1: the first pair came, not the most frequent");
  expect(best != TokenPair{7, 7},
         "most_frequent of 2, 5 and 1: the last or the rarest pair came, not the most frequent");
  expect(best == TokenPair{3, 4}, "most_frequent of 2, 5 and 1: expected (3, 4)");
  const TokenPair first = most_frequent({{{1, 9}, 2}, {{3, 4}, 5}, {{7, 7}, 5}});
  expect(first == TokenPair{3, 4},
         "most_frequent of 2, 5 and 5: of two that are equally frequent, the one with the smaller "
         "ids counts, (3, 4)");
  expect(most_frequent({{{1, 9}, 5}, {{3, 4}, 5}}) == TokenPair{1, 9},
         "most_frequent of (1, 9) and (3, 4), equally frequent: the smaller first id counts, and the second "
         "only "
         "where the first are equal");
  expect_error(
      "most_frequent of no pairs", [] { most_frequent({}); }, "needs at least one pair");
}

TEST_CASE("merge_pair: wherever the pair stands, from the left", "[ch09][merge_pair]") {
  const std::vector<int> merged = merge_pair({1, 2, 3, 1, 2}, {1, 2}, 9);
  expect(merged != std::vector<int>{9, 3, 1, 2},
         "merge_pair of (1, 2) in 1 2 3 1 2: only the first place is merged");
  expect(merged != std::vector<int>{9, 2, 3, 9, 2},
         "merge_pair of (1, 2) in 1 2 3 1 2: the second of the pair is still "
         "there: it went with the first");
  expect_equal("merge_pair of (1, 2) in 1 2 3 1 2", merged, {9, 3, 9});
  const std::vector<int> run = merge_pair({1, 1, 1}, {1, 1}, 9);
  expect(run != std::vector<int>{1, 9},
         "merge_pair of (1, 1) in 1 1 1: from the right, and it should be from the left");
  expect(run != std::vector<int>{9, 9},
         "merge_pair of (1, 1) in 1 1 1: the one in the middle went with both neighbours");
  expect_equal("merge_pair of (1, 1) in 1 1 1", run, {9, 1});
  expect_equal("merge_pair of (1, 2) in 2 1, the wrong way round", merge_pair({2, 1}, {1, 2}, 9), {2, 1});
  expect_equal("merge_pair of (1, 2) in a word that ends with 1", merge_pair({2, 1, 2, 1}, {1, 2}, 9),
               {2, 9, 1});
  expect(merge_pair({1, 2, 2}, {1, 2}, 1) != std::vector<int>{1},
         "merge_pair of (1, 2) in 1 2 2, which makes a 1: what was made was merged again; its place is done");
  expect_equal("merge_pair of (1, 2) in 1 2 2, which makes a 1", merge_pair({1, 2, 2}, {1, 2}, 1), {1, 2});
  expect_equal("merge_pair in a word of one token", merge_pair({1}, {1, 2}, 9), {1});
  expect_equal("merge_pair in an empty word", merge_pair({}, {1, 2}, 9), std::vector<int>{});
}

TEST_CASE("count_pairs, merge_pair: any word", "[ch09][merge_pair]") {
  const std::vector<int> ids{7, 7 + 256,
                             7 + 65'536};  // alike in their last byte, and two of them in the last two
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const std::size_t length : {2, 7, 13, 40}) {
      std::string letters;  // the same word, for std::string to work on
      std::vector<int> word;
      for (std::size_t i = 0; i < length; ++i) {
        const std::size_t letter = rng.below(ids.size());
        word.push_back(ids[letter]);
        letters += static_cast<char>('a' + letter);
      }
      const std::vector<int> as_it_was = word;
      std::map<TokenPair, int> counts, expected;
      count_pairs(word, 10'000, counts);
      for (std::size_t i = 1; i < length; ++i) expected[{word[i - 1], word[i]}] += 10'000;
      expect(counts == expected,
             "count_pairs of " + letters +
                 ", which occurs 10,000 times: a count is wrong (a, b and c are the ids " +
                 "7, 263 and 65543)");
      for (const std::string both : {"ab", "cc", "ba"}) {
        const auto id = [&](char letter) { return ids[static_cast<std::size_t>(letter - 'a')]; };
        const TokenPair pair{id(both[0]), id(both[1])};
        std::vector<int> merged;
        for (std::size_t at = 0; at < length;) {
          const bool here = letters.compare(at, 2, both) == 0;
          merged.push_back(here ? 70'000 : word[at]);
          at += here ? 2 : 1;
        }
        expect_equal("merge_pair of " + both + " in " + letters, merge_pair(word, pair, 70'000), merged);
        expect_equal("merge_pair: the word that was passed in", word, as_it_was);
      }
    }
  }
}
