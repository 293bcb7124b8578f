/// @file learn_merges.hpp
/// Chapter 9. A vocabulary of pieces is learned from a text, by counting.
#pragma once

#include <algorithm>
#include <map>

#include "09_subwords/first_word.hpp"
#include "09_subwords/merge_pair.hpp"
#include "common/gpt.hpp"
#include "common/nn/byte_pairs.hpp"  // BytePairs, append_merge, only_bytes

namespace gpt {

/// A word as its bytes: each byte is its own first id.
inline std::vector<int> bytes_of(std::string_view word) {
  std::vector<int> ids;
  for (const char c : word) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

/// Byte-pair encoding, learned (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1, on bytes): V - 256 times, the most
/// frequent pair of neighbours becomes a token. What trains is the same with less counting, train_byte_pairs() in common/.
/// @param V at least 256: one for each byte
/// @throws std::invalid_argument if there are no pairs left before there are V tokens
inline BytePairs learn_merges(std::string_view text, size_t V) {
  std::map<std::string_view, int> times;  // how often each word occurs
  for (const std::string_view word : words(text)) ++times[word];
  std::vector<std::pair<std::vector<int>, int>> pieces;  // each word in pieces, and how often it occurs
  for (const auto& [word, n] : times) pieces.emplace_back(bytes_of(word), n);

  //! [loop]
  BytePairs vocabulary = only_bytes();  // ids 0 to 255
  while (vocabulary.tokens.size() < V) {
    std::map<TokenPair, int> counts;
    for (const auto& [word, n] : pieces) count_pairs(word, n, counts);
    const TokenPair pair = most_frequent(counts);
    append_merge(vocabulary, pair.first, pair.second);
    const int result = vocabulary.merges.back().result;
    for (auto& [word, n] : pieces) word = merge_pair(word, pair, result);
  }
  return vocabulary;
  //! [loop]
}

}  // namespace gpt
