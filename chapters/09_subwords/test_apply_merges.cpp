#include "09_subwords/apply_merges.hpp"

#include <cstdint>
#include <string>

#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("ranks_of: the first merge has rank 0", "[ch09][apply_merges]") {
  const MergeRanks ranks = ranks_of({{4, 5, 300}, {1, 2, 257}});
  expect_equal("rank of the first merge", static_cast<long long>(ranks.at({4, 5}).rank), 0);
  expect_equal("rank of the second merge", static_cast<long long>(ranks.at({1, 2}).rank), 1);
  expect_equal("what the second makes", ranks.at({1, 2}).result, 257);
}

TEST_CASE("apply_merges: the earliest merge first, not the longest or the leftmost", "[ch09][apply_merges]") {
  // a b c with the merges: b c -> 10 first, then a b -> 11, then a 10 -> 12
  const MergeRanks ranks = ranks_of({{2, 3, 10}, {1, 2, 11}, {1, 10, 12}});
  const std::vector<int> word = apply_merges({1, 2, 3}, ranks);
  expect(word != std::vector<int>{11, 3},
         "apply_merges of 1 2 3: the leftmost pair was merged, and (2, 3) was learned before "
         "it");
  expect(word != std::vector<int>{1, 10},
         "apply_merges of 1 2 3: one merge only: go on until no pair is one");
  expect(word != std::vector<int>{1, 2, 3}, "apply_merges of 1 2 3: nothing is merged");
  expect_equal("apply_merges of 1 2 3 with (2, 3), (1, 2), (1, 10)", word, {12});
  const MergeRanks larger = ranks_of({{1, 2, 20}, {2, 3, 10}});
  expect(apply_merges({1, 2, 3}, larger) != std::vector<int>{1, 10},
         "apply_merges of 1 2 3: the smallest result was made; it is the lowest rank that counts");
  expect_equal("apply_merges of 1 2 3 with (1, 2), (2, 3)", apply_merges({1, 2, 3}, larger), {20, 3});
}

TEST_CASE("apply_merges: a merge is applied wherever it fits before the next", "[ch09][apply_merges]") {
  // (1, 1) -> 5, then (5, 1) -> 6, then (5, 5) -> 7. Of 1 1 1 1 1, first 5 5 1; then (5, 1).
  const MergeRanks ranks = ranks_of({{1, 1, 5}, {5, 1, 6}, {5, 5, 7}});
  expect_equal("apply_merges of 1 1 1 1 1 with (1, 1), (5, 1), (5, 5)", apply_merges({1, 1, 1, 1, 1}, ranks),
               {5, 6});
  // Of 1 2 1 2, both at once: 8 8, though (8, 1) is earlier.
  const MergeRanks both = ranks_of({{8, 1, 11}, {1, 2, 8}});
  expect(
      apply_merges({1, 2, 1, 2}, both) != std::vector<int>{11, 2},
      "apply_merges of 1 2 1 2: the pair was put together in one place only before the next was looked for");
  expect_equal("apply_merges of 1 2 1 2 with (8, 1), (1, 2)", apply_merges({1, 2, 1, 2}, both), {8, 8});
  // The result of an early merge may make a pair that comes earlier than what is left.
  const MergeRanks late = ranks_of({{1, 2, 8}, {3, 4, 9}, {9, 8, 10}, {8, 3, 11}});
  const std::vector<int> word = apply_merges({1, 2, 3, 4, 1, 2}, late);
  expect(word != std::vector<int>{11, 4, 8},
         "apply_merges of 1 2 3 4 1 2: (8, 3) was learned last and came too early");
  expect_equal("apply_merges of 1 2 3 4 1 2", word, {8, 10});
}

TEST_CASE("apply_merges: what no merge fits stays as it is", "[ch09][apply_merges]") {
  const MergeRanks ranks = ranks_of({{1, 2, 8}});
  expect_equal("apply_merges of 2 1", apply_merges({2, 1}, ranks), {2, 1});
  expect_equal("apply_merges of 7", apply_merges({7}, ranks), {7});
  expect_equal("apply_merges of nothing", apply_merges({}, ranks), std::vector<int>{});
  expect_equal("apply_merges without merges", apply_merges({1, 2, 1, 2}, {}), {1, 2, 1, 2});
  expect_equal("apply_merges of 1 2 7 1 2", apply_merges({1, 2, 7, 1, 2}, ranks), {8, 7, 8});
}

TEST_CASE("apply_merges: any word, by the merges one after the other", "[ch09][apply_merges]") {
  // Each merge joins two ids that are there before it, so that none is needed again once its turn is over: going through
  // the list once gives the same.
  const std::vector<Merge> merges{{0, 1, 3}, {1, 0, 4}, {3, 2, 5}, {2, 2, 6},
                                  {5, 3, 7}, {6, 4, 8}, {0, 0, 9}};
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const std::size_t length : {1, 7, 13, 40}) {
      std::vector<int> word(length);
      for (int& id : word) id = static_cast<int>(rng.below(3));
      std::vector<int> expected = word;
      for (const Merge& m : merges) expected = merge_pair(expected, {m.left, m.right}, m.result);
      const MergeRanks ranks = ranks_of(merges);
      const std::string what = "apply_merges of a word of " + std::to_string(length);
      expect_equal(what, apply_merges(word, ranks), expected);
      expect_equal(what + ", again", apply_merges(word, ranks), expected);
    }
  }
}
