/// @file merge_pair.hpp
/// Chapter 9. New idea: what often stands side by side becomes one token.
#pragma once

#include <map>
#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// Two tokens side by side, by their ids.
using TokenPair = std::pair<int, int>;

/// Adds to `counts` how often each pair of neighbours stands in a word that occurs `times` times.
inline void count_pairs(const std::vector<int>& word, int times, std::map<TokenPair, int>& counts) {
  //! [count]
  for (size_t i = 1; i < word.size(); ++i) counts[{word[i - 1], word[i]}] += times;
  //! [count]
}

/// The pair that was counted most often; of several, the one with the smallest ids.
/// @throws std::invalid_argument if there are no pairs
inline TokenPair most_frequent(const std::map<TokenPair, int>& counts) {
  if (counts.empty()) throw std::invalid_argument("most_frequent: needs at least one pair, got none");
  auto best = counts.begin();  // a map is sorted, smallest ids first
  for (auto pair = counts.begin(); pair != counts.end(); ++pair) {
    if (pair->second > best->second) best = pair;
  }
  return best->first;
}

/// The word with the pair put together wherever it stands, from left to right.
/// @param result the id of both together
inline std::vector<int> merge_pair(const std::vector<int>& word, TokenPair pair, int result) {
  //! [merge]
  std::vector<int> merged;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i + 1 < word.size() && TokenPair{word[i], word[i + 1]} == pair) {
      merged.push_back(result);
      ++i;  // the second went with the first
    } else {
      merged.push_back(word[i]);
    }
  }
  return merged;
  //! [merge]
}

}  // namespace gpt
