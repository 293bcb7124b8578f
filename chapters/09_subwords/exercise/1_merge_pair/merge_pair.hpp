/// @file merge_pair.hpp
/// Chapter 9. New idea: what often stands side by side becomes one token.
#pragma once

#include <map>
#include <stdexcept>

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Two tokens side by side, by their ids.
using TokenPair = std::pair<int, int>;

/// Adds to `counts` how often each pair of neighbours stands in a word that occurs `times` times.
inline void count_pairs(const std::vector<int>& word, int times, std::map<TokenPair, int>& counts) {
  todo("merge_pair");  // TODO: each pair of neighbours, `times` times
}

/// The pair that was counted most often; of several, the one with the smallest ids.
/// @throws std::invalid_argument if there are no pairs
inline TokenPair most_frequent(const std::map<TokenPair, int>& counts) {
  todo("merge_pair");  // TODO: the pair with the largest count
}

/// The word with the pair put together wherever it stands, from left to right.
/// @param result the id of both together
inline std::vector<int> merge_pair(const std::vector<int>& word, TokenPair pair, int result) {
  todo("merge_pair");  // TODO: go through the word from the left
}

}  // namespace gpt
