#include "common/nn/byte_pairs.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <queue>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "common/nn/utf8.hpp"

namespace gpt {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("byte pairs: " + what); }

std::uint64_t pair_of(int left, int right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

std::uint64_t mixed(std::uint64_t x) {
  x *= 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = word.size();
  while (word.size() >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, word.data(), 8);
    hash = mixed(hash ^ eight);
    word.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, word.data(), word.size());
  return mixed(mixed(hash ^ rest));
}

std::string quoted(const std::string& bytes) { return "\"" + printable_bytes(bytes) + "\""; }

// --- learning ---

/// A word of the text as it is cut so far, and how often it is there.
struct Word {
  std::vector<int> ids;
  std::int64_t count = 0;
};

struct Pair {
  std::int64_t count = 0;
  std::vector<std::uint32_t> words;  // those that hold it, or did, some of them twice
};

std::vector<Word> words_of(std::string_view text, FirstWord first_word) {
  std::unordered_map<std::string_view, std::size_t> known;
  std::vector<Word> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, first_word(text));
    text.remove_prefix(word.size());
    const auto [place, is_new] = known.emplace(word, words.size());
    if (is_new) {
      words.emplace_back();
      for (const char c : word) words.back().ids.push_back(static_cast<unsigned char>(c));
    }
    ++words[place->second].count;
  }
  return words;
}

/// Puts a pair together wherever it stands in a word, from the left, and says of each pair that goes or comes how many.
template <class Changed>
void merge_in(Word& word, const Merge& merge, const Changed& changed) {
  std::vector<int>& ids = word.ids;
  const std::vector<int> before = ids;
  std::size_t to = 0;
  for (std::size_t from = 0; from < before.size(); ++from) {
    const bool here =
        from + 1 < before.size() && before[from] == merge.left && before[from + 1] == merge.right;
    ids[to++] = here ? merge.result : before[from];
    from += here ? 1 : 0;
  }
  if (to == before.size()) return;
  ids.resize(to);
  for (std::size_t i = 0; i + 1 < before.size(); ++i) changed(before[i], before[i + 1], -word.count);
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) changed(ids[i], ids[i + 1], word.count);
}

std::unordered_map<std::string, int> ids_of(const BytePairs& pairs) {
  std::unordered_map<std::string, int> ids;
  for (std::size_t id = 0; id < pairs.tokens.size(); ++id) ids[pairs.tokens[id]] = static_cast<int>(id);
  return ids;
}

void append_merge(BytePairs& pairs, std::unordered_map<std::string, int>& ids, int left, int right) {
  const std::string both =
      pairs.tokens.at(static_cast<std::size_t>(left)) + pairs.tokens.at(static_cast<std::size_t>(right));
  const auto [place, is_new] = ids.emplace(both, static_cast<int>(pairs.tokens.size()));
  if (is_new) pairs.tokens.push_back(both);
  pairs.merges.push_back({left, right, place->second});
}

}  // namespace

BytePairs only_bytes() {
  BytePairs pairs;
  for (int byte = 0; byte < 256; ++byte) pairs.tokens.emplace_back(1, static_cast<char>(byte));
  return pairs;
}

void append_merge(BytePairs& pairs, int left, int right) {
  std::unordered_map<std::string, int> ids = ids_of(pairs);
  append_merge(pairs, ids, left, right);
}

int append_special(BytePairs& pairs, const std::string& token) {
  if (token.empty()) refuse("a special token needs at least one byte, got none");
  for (std::size_t at = 0, bytes = 0; at < token.size(); at += bytes) {
    bytes = first_character(std::string_view(token).substr(at)).bytes;
    if (bytes == 0) refuse("a special token must be a text in UTF-8, got " + quoted(token));
  }
  if (std::find(pairs.tokens.begin(), pairs.tokens.end(), token) != pairs.tokens.end())
    refuse("the special token " + quoted(token) + " is there already");
  const int id = static_cast<int>(pairs.tokens.size());
  pairs.special[token] = id;
  pairs.tokens.push_back(token);
  return id;
}

void require_whole(const BytePairs& pairs) {
  const auto V = static_cast<int>(pairs.tokens.size());
  std::vector<char> known(pairs.tokens.size());  // tokens that bytes and the merges so far lead to
  std::array<int, 256> of_byte{};
  for (int id = 0; id < V; ++id) {
    const std::string& token = pairs.tokens[static_cast<std::size_t>(id)];
    if (token.empty()) refuse("token " + std::to_string(id) + " is empty");
    if (token.size() != 1 || pairs.special.contains(token)) continue;
    if (++of_byte[static_cast<unsigned char>(token[0])] > 1) {
      refuse("the byte " + quoted(token) + " has two ids, and needs one");
    }
    known[static_cast<std::size_t>(id)] = 1;
  }
  for (int byte = 0; byte < 256; ++byte) {
    if (of_byte[static_cast<std::size_t>(byte)] != 0) continue;
    refuse("every byte must be a token, and " + std::to_string(byte) +
           " is none: texts that hold it would be lost");
  }
  std::set<std::uint64_t> pairs_so_far;
  for (std::size_t i = 0; i < pairs.merges.size(); ++i) {
    const Merge& merge = pairs.merges[i];
    const std::string who = "merge " + std::to_string(i + 1);
    for (const int id : {merge.left, merge.right, merge.result}) {
      if (id < 0 || id >= V) {
        refuse(who + " names the id " + std::to_string(id) + ", and there are " + std::to_string(V) +
               " tokens");
      }
    }
    for (const int id : {merge.left, merge.right}) {
      if (known[static_cast<std::size_t>(id)] != 0) continue;
      refuse(who + " needs the token " + quoted(pairs.tokens[static_cast<std::size_t>(id)]) +
             ", which no merge before it makes");
    }
    const auto token = [&](int id) { return pairs.tokens[static_cast<std::size_t>(id)]; };
    if (token(merge.left) + token(merge.right) != token(merge.result)) {
      refuse(who + " makes " + quoted(token(merge.result)) + " of " + quoted(token(merge.left)) + " and " +
             quoted(token(merge.right)));
    }
    if (!pairs_so_far.insert(pair_of(merge.left, merge.right)).second) {
      refuse(who + ", " + quoted(token(merge.left)) + " and " + quoted(token(merge.right)) +
             ", is there twice");
    }
    known[static_cast<std::size_t>(merge.result)] = 1;
  }
  for (const auto& [token, id] : pairs.special) {
    if (id < 0 || id >= V || pairs.tokens[static_cast<std::size_t>(id)] != token)
      refuse("the special token " + quoted(token) + " has the id " + std::to_string(id) +
             " of something else");
  }
}

BytePairs train_byte_pairs(std::string_view text, std::size_t V, FirstWord first_word) {
  if (V < 256) {
    refuse("a vocabulary has at least the 256 bytes, got V = " + std::to_string(V));
  }
  std::vector<Word> words = words_of(text, first_word);
  std::unordered_map<std::uint64_t, Pair> pairs;
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::vector<int>& ids = words[w].ids;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      Pair& pair = pairs[pair_of(ids[i], ids[i + 1])];
      pair.count += words[w].count;
      pair.words.push_back(static_cast<std::uint32_t>(w));
    }
  }
  // The most frequent on top. A count may have changed since it was put in; then it is put in again.
  struct Candidate {
    std::int64_t count;
    std::uint64_t pair;
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : pair > other.pair;
    }
  };
  std::priority_queue<Candidate> queue;
  for (const auto& [pair, found] : pairs) queue.push({found.count, pair});

  BytePairs result = only_bytes();
  std::unordered_map<std::string, int> ids = ids_of(result);
  while (result.tokens.size() < V) {
    if (queue.empty()) {
      refuse("the text has only " + std::to_string(result.tokens.size()) + " pieces to learn, and " +
             std::to_string(V) + " were asked for; a longer text has more");
    }
    const Candidate best = queue.top();
    queue.pop();
    const auto found = pairs.find(best.pair);
    if (found == pairs.end() || found->second.count != best.count) continue;  // not the newest count
    if (best.count <= 0) continue;
    append_merge(result, ids, static_cast<int>(best.pair >> 32), static_cast<int>(best.pair & 0xffffffffu));
    std::vector<std::uint32_t> holders = std::move(found->second.words);
    std::sort(holders.begin(), holders.end());
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    std::vector<std::uint64_t> changed;
    for (const std::uint32_t w : holders) {
      merge_in(words[w], result.merges.back(), [&](int left, int right, std::int64_t by) {
        const std::uint64_t key = pair_of(left, right);
        Pair& pair = pairs[key];
        pair.count += by;
        if (by > 0 && (pair.words.empty() || pair.words.back() != w)) pair.words.push_back(w);
        changed.push_back(key);
      });
    }
    pairs.erase(best.pair);
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (const std::uint64_t key : changed) {
      const auto at = pairs.find(key);
      if (at != pairs.end() && at->second.count > 0) queue.push({at->second.count, key});
    }
  }
  return result;
}

// --- encoding ---

BytePairEncoder::BytePairEncoder(BytePairs pairs) : pairs_(std::move(pairs)) {
  require_whole(pairs_);
  for (std::size_t id = 0; id < pairs_.tokens.size(); ++id) {
    const std::string& token = pairs_.tokens[id];
    if (token.size() == 1 && !pairs_.special.contains(token))
      of_byte_[static_cast<unsigned char>(token[0])] = static_cast<int>(id);
  }
  table_.resize(std::bit_ceil(2 * pairs_.merges.size() + 2));
  for (std::size_t rank = 0; rank < pairs_.merges.size(); ++rank) {
    const Merge& merge = pairs_.merges[rank];
    const std::uint64_t key = pair_of(merge.left, merge.right);
    std::size_t place = mixed(key) & (table_.size() - 1);
    while (table_[place].rank >= 0) place = (place + 1) & (table_.size() - 1);
    table_[place] = {key, static_cast<std::int32_t>(rank), merge.result};
  }
}

const BytePairEncoder::Found* BytePairEncoder::find(int left, int right) const {
  const std::uint64_t key = pair_of(left, right);
  for (std::size_t place = mixed(key) & (table_.size() - 1);; place = (place + 1) & (table_.size() - 1)) {
    if (table_[place].pair == key && table_[place].rank >= 0) return &table_[place];
    if (table_[place].rank < 0) return nullptr;
  }
}

// Looks at all pairs again after each merge: for words of the usual length the quickest.
void BytePairEncoder::merge_short(std::vector<int>& ids) const {
  while (ids.size() > 1) {
    const Found* best = nullptr;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const Found* const found = find(ids[i], ids[i + 1]);
      if (found != nullptr && (best == nullptr || found->rank < best->rank)) best = found;
    }
    if (best == nullptr) return;
    const Merge& merge = pairs_.merges[static_cast<std::size_t>(best->rank)];
    std::size_t to = 0;
    for (std::size_t from = 0; from < ids.size(); ++from) {
      const bool here = from + 1 < ids.size() && ids[from] == merge.left && ids[from + 1] == merge.right;
      ids[to++] = here ? merge.result : ids[from];
      from += here ? 1 : 0;
    }
    ids.resize(to);
  }
}

// Keeps the pairs in a queue, the earliest merge first and then the leftmost. All that a merge fits are taken out before
// any is carried out, as merge_short() does: what comes of them waits its turn.
void BytePairEncoder::merge_long(std::vector<int>& ids) const {
  constexpr std::size_t none = ~std::size_t{0};
  struct Place {
    std::size_t before, after;
  };
  std::vector<Place> places(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    places[i] = {i == 0 ? none : i - 1, i + 1 < ids.size() ? i + 1 : none};
  using Entry = std::pair<std::int32_t, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto offer = [&](std::size_t left) {
    if (left == none || places[left].after == none) return;
    if (const Found* const found = find(ids[left], ids[places[left].after])) queue.push({found->rank, left});
  };
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) offer(i);
  std::vector<std::size_t> turn;
  while (!queue.empty()) {
    const std::int32_t rank = queue.top().first;
    turn.clear();
    for (; !queue.empty() && queue.top().first == rank; queue.pop()) turn.push_back(queue.top().second);
    const Merge& merge = pairs_.merges[static_cast<std::size_t>(rank)];
    for (const std::size_t left : turn) {
      const std::size_t right = places[left].after;
      if (ids[left] != merge.left || right == none || ids[right] != merge.right) continue;  // gone meanwhile
      ids[left] = merge.result;
      ids[right] = -1;
      places[left].after = places[right].after;
      if (places[left].after != none) places[places[left].after].before = left;
      offer(left);
      offer(places[left].before);
    }
  }
  std::erase(ids, -1);
}

std::vector<int> BytePairEncoder::encode_word(std::string_view word) const {
  constexpr std::size_t usual = 64;
  std::vector<int> ids;
  ids.reserve(word.size());
  for (const char c : word) ids.push_back(of_byte_[static_cast<unsigned char>(c)]);
  if (word.size() <= usual) {
    merge_short(ids);
  } else {
    merge_long(ids);
  }
  return ids;
}

void BytePairEncoder::encode_plain(std::string_view text, FirstWord first_word, std::vector<int>& ids) const {
  // The words that came before, each in the one place that its hash says: the later of two takes it.
  struct Known {
    std::string_view word;
    std::size_t first = 0, count = 0;  // where its ids stand in `ids`
  };
  const std::size_t places = std::bit_ceil(std::clamp<std::size_t>(text.size() / 8, 1, std::size_t{1} << 15));
  std::vector<Known> known(places);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, first_word(text));
    text.remove_prefix(word.size());
    Known& place = known[hash_of(word) & (places - 1)];
    const std::size_t first = ids.size();
    if (place.word == word) {
      for (std::size_t i = 0; i < place.count; ++i) ids.push_back(ids[place.first + i]);
      continue;
    }
    const std::vector<int> pieces = encode_word(word);
    ids.insert(ids.end(), pieces.begin(), pieces.end());
    place = {word, first, pieces.size()};
  }
}

std::vector<int> BytePairEncoder::encode(std::string_view text, FirstWord first_word, bool special) const {
  std::vector<int> ids;
  ids.reserve(text.size() / 3 + 1);
  while (special && !pairs_.special.empty()) {
    std::size_t where = std::string_view::npos;  // of the first special token; of two there, the longest
    const std::pair<const std::string, int>* which = nullptr;
    for (const auto& token : pairs_.special) {
      const std::size_t at = text.find(token.first);
      if (at == std::string_view::npos || at > where) continue;
      if (at == where && which != nullptr && token.first.size() < which->first.size()) continue;
      where = at;
      which = &token;
    }
    if (which == nullptr) break;
    encode_plain(text.substr(0, where), first_word, ids);
    ids.push_back(which->second);
    text.remove_prefix(where + which->first.size());
  }
  encode_plain(text, first_word, ids);
  return ids;
}

std::string BytePairEncoder::decode(const std::vector<int>& ids) const {
  std::string text;
  for (const int id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= size()) {
      refuse("ids must be in [0, " + std::to_string(size()) + "), got " + std::to_string(id));
    }
    text += pairs_.tokens[static_cast<std::size_t>(id)];
  }
  return text;
}

// --- as text ---

namespace {

/// GPT-2's character for each byte (bytes_to_unicode in its encoder.py).
std::array<char32_t, 256> characters_of_bytes() {
  std::array<char32_t, 256> characters{};
  char32_t next = 256;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool shown = (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters[byte] = shown ? byte : next++;
  }
  return characters;
}

}  // namespace

std::string printable_bytes(std::string_view bytes) {
  static const std::array<char32_t, 256> characters = characters_of_bytes();
  std::string text;
  for (const char c : bytes) text += to_utf8(characters[static_cast<unsigned char>(c)]);
  return text;
}

std::string bytes_of_printable(std::string_view text) {
  static const std::map<char32_t, char> bytes = [] {
    std::map<char32_t, char> all;
    const std::array<char32_t, 256> characters = characters_of_bytes();
    for (std::size_t byte = 0; byte < 256; ++byte) all[characters[byte]] = static_cast<char>(byte);
    return all;
  }();
  std::string result;
  for (const char32_t c : Characters(text)) {
    const auto found = bytes.find(c);
    if (found == bytes.end()) refuse("'" + to_utf8(c) + "' stands for no byte");
    result += found->second;
  }
  return result;
}

std::string merges_as_text(const BytePairs& pairs) {
  std::string text = "#version: 0.2\n";
  for (const Merge& merge : pairs.merges) {
    text += printable_bytes(pairs.tokens[static_cast<std::size_t>(merge.left)]) + " " +
            printable_bytes(pairs.tokens[static_cast<std::size_t>(merge.right)]) + "\n";
  }
  return text;
}

BytePairs merges_from_text(const std::string& text) {
  BytePairs pairs = only_bytes();
  std::unordered_map<std::string, int> ids = ids_of(pairs);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos || line.find(' ', blank + 1) != std::string::npos) {
      refuse("line " + std::to_string(number) +
             " of the merges must be two pieces with a blank between them, got \"" + line + "\"");
    }
    int both[2];
    for (int side = 0; side < 2; ++side) {
      const std::string piece = side == 0 ? line.substr(0, blank) : line.substr(blank + 1);
      const auto found = ids.find(bytes_of_printable(piece));
      if (found == ids.end()) {
        refuse("line " + std::to_string(number) + " of the merges needs the token \"" + piece +
               "\", which no line before it makes");
      }
      both[side] = found->second;
    }
    append_merge(pairs, ids, both[0], both[1]);
  }
  return pairs;
}

}  // namespace gpt
