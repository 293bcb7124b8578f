/// @file byte_pair_tokeniser.hpp
/// Chapter 9. Text to ids of pieces and back: what chapter 1's Vocabulary is for characters.
#pragma once

#include <memory>

#include "09_subwords/apply_merges.hpp"
#include "09_subwords/first_word.hpp"
#include "common/gpt.hpp"
#include "common/nn/byte_pairs.hpp"  // BytePairs, BytePairEncoder

namespace gpt {

/// A tokeniser of pieces. Any bytes survive encode() and decode().
class BytePairTokeniser {
 public:
  /// @throws std::invalid_argument if a byte is no token, or a merge is of tokens that are not there before it
  explicit BytePairTokeniser(BytePairs vocabulary)
      : encoder_(std::make_shared<const BytePairEncoder>(std::move(vocabulary))) {}

  size_t size() const { return encoder_->size(); }                      ///< V
  const BytePairs& vocabulary() const { return encoder_->pairs(); }     ///< tokens and merges
  std::string symbols() const { return merges_as_text(vocabulary()); }  ///< the merges, a line each

  /// A text in ids, by the quick way in common/. Special tokens are text like any other.
  std::vector<int> encode(const std::string& text) const { return encoder_->encode(text, first_word); }

  /// The same, where "<|endoftext|>" and its like become their ids.
  std::vector<int> encode_special(const std::string& text) const {
    return encoder_->encode(text, first_word, /*special=*/true);
  }

  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const { return encoder_->decode(ids); }

 private:
  std::shared_ptr<const BytePairEncoder> encoder_;  // copies of the tokeniser share it
};

/// What encode() does, in plain lines: cut into words, and put the bytes of each together.
inline std::vector<int> encode_by_hand(const BytePairs& vocabulary, std::string_view text) {
  //! [by_hand]
  std::map<std::string, int> id_of;
  for (size_t id = 0; id < vocabulary.tokens.size(); ++id) id_of[vocabulary.tokens[id]] = int(id);
  const MergeRanks ranks = ranks_of(vocabulary.merges);
  std::vector<int> ids;
  for (const std::string_view word : words(text)) {
    std::vector<int> bytes;
    for (const char c : word) bytes.push_back(id_of.at(std::string(1, c)));
    const std::vector<int> pieces = apply_merges(bytes, ranks);
    ids.insert(ids.end(), pieces.begin(), pieces.end());
  }
  return ids;
  //! [by_hand]
}

}  // namespace gpt
