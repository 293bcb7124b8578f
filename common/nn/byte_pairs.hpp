/// @file byte_pairs.hpp
/// Byte-pair encoding at the speed of use: the merges, learned and applied. Chapter 9 has the same in plain lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpt {

/// Two neighbours that become one token.
struct Merge {
  int left;                                       ///< id of the first
  int right;                                      ///< id of the second
  int result;                                     ///< id of both together
  bool operator==(const Merge&) const = default;  ///< alike in all three
};

/// A vocabulary of pieces: what each id stands for, and which pieces are put together, the first merge first.
struct BytePairs {
  std::vector<std::string> tokens;     ///< the bytes of each id
  std::vector<Merge> merges;           ///< in the order in which they are applied
  std::map<std::string, int> special;  ///< "<|endoftext|>" and its like: never made by merges
};

/// The 256 bytes, each its own id, and no merges.
BytePairs only_bytes();

/// Adds the merge of two tokens. Its result has the next free id, or that of the token which has the same bytes already:
/// "ab" and "c" make the same piece as "a" and "bc".
void append_merge(BytePairs& pairs, int left, int right);

/// Adds a token that stands for itself and is never made by merges. @returns its id
/// @throws std::invalid_argument if it is empty or there already
int append_special(BytePairs& pairs, const std::string& token);

/// What holds of every vocabulary that can be used: each of the 256 bytes is a token, and each merge puts together two
/// that are there before it.
/// @throws std::invalid_argument that names the first byte or merge of which this is not so
void require_whole(const BytePairs& pairs);

/// How a text is cut into words, within which pieces are put together: the length of the word that it begins with, at
/// least 1. Chapter 9's first_word() is GPT-2's.
using FirstWord = std::size_t (*)(std::string_view text);

/// Learns merges until there are V tokens: again and again, of all pairs of neighbours within words the most frequent
/// one. Of several that are equally frequent, it is the one with the smallest ids.
/// @param V at least 256
/// @throws std::invalid_argument if V is smaller, or no pairs are left before there are V tokens
BytePairs train_byte_pairs(std::string_view text, std::size_t V, FirstWord first_word);

/// Applies merges, and takes them apart again.
///
/// A word of n bytes takes n log n steps, and one that came before in the same text a look into a table.
class BytePairEncoder {
 public:
  /// @throws std::invalid_argument as require_whole()
  explicit BytePairEncoder(BytePairs pairs);

  const BytePairs& pairs() const { return pairs_; }          ///< the vocabulary
  std::size_t size() const { return pairs_.tokens.size(); }  ///< V

  /// The ids of a text, which may hold any bytes.
  /// @param special whether special tokens in the text become their ids; if not, they are text like any other
  std::vector<int> encode(std::string_view text, FirstWord first_word, bool special = false) const;

  /// The ids of one word: the earliest merge that fits is applied wherever it fits, and so on until none does.
  std::vector<int> encode_word(std::string_view word) const;

  /// The bytes of all ids, one after the other.
  /// @throws std::invalid_argument if an id is not in [0, size())
  std::string decode(const std::vector<int>& ids) const;

 private:
  struct Found {
    std::uint64_t pair = ~std::uint64_t{0};
    std::int32_t rank = -1, result = -1;
  };
  const Found* find(int left, int right) const;
  void encode_plain(std::string_view text, FirstWord first_word, std::vector<int>& ids) const;
  void merge_short(std::vector<int>& ids) const;
  void merge_long(std::vector<int>& ids) const;

  BytePairs pairs_;
  std::vector<Found> table_;  // open addressing; its size is a power of 2
  int of_byte_[256];
};

/// GPT-2's way to write any bytes as printable characters: those that are printable stay, the others become the
/// characters from U+0100 on. A blank is U+0120.
std::string printable_bytes(std::string_view bytes);
/// And back. @throws std::invalid_argument if a character is none of those 256
std::string bytes_of_printable(std::string_view text);

/// The merges as GPT-2's vocab.bpe has them: a line for each, the two pieces with a blank between them.
std::string merges_as_text(const BytePairs& pairs);
/// A vocabulary out of its merges: ids as train_byte_pairs() gives them, bytes first.
/// @throws std::invalid_argument if a line is not two pieces that are there before it
BytePairs merges_from_text(const std::string& text);

}  // namespace gpt
