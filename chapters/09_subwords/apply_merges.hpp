/// @file apply_merges.hpp
/// Chapter 9. A new word is put together as the text was: by the same merges, in the same order.
#pragma once

#include <algorithm>
#include <limits>
#include <map>

#include "09_subwords/merge_pair.hpp"
#include "common/gpt.hpp"
#include "common/nn/byte_pairs.hpp"  // Merge

namespace gpt {

/// What becomes of a pair, and its place among the merges: the lower, the earlier it was learned.
struct Ranked {
  size_t rank;  ///< 0 for the first merge
  int result;   ///< id of both together
};

/// The merges by their pairs.
using MergeRanks = std::map<TokenPair, Ranked>;

/// The merges, to be looked up.
inline MergeRanks ranks_of(const std::vector<Merge>& merges) {
  MergeRanks ranks;
  for (size_t i = 0; i < merges.size(); ++i) ranks[{merges[i].left, merges[i].right}] = {i, merges[i].result};
  return ranks;
}

/// A word in pieces: of all pairs side by side in it, the one that was learned first is put together wherever it
/// stands; and again, until no pair is a merge. Not the longest pieces win, but the earliest.
/// @param word its bytes, by their ids
inline std::vector<int> apply_merges(std::vector<int> word, const MergeRanks& ranks) {
  //! [apply]
  while (true) {
    auto earliest = ranks.end();
    for (size_t i = 0; i + 1 < word.size(); ++i) {
      const auto found = ranks.find({word[i], word[i + 1]});
      if (found == ranks.end()) continue;
      const bool none_yet = earliest == ranks.end();
      if (none_yet || found->second.rank < earliest->second.rank) earliest = found;
    }
    if (earliest == ranks.end()) return word;
    word = merge_pair(word, earliest->first, earliest->second.result);
  }
  //! [apply]
}

}  // namespace gpt
