#include "common/files/byte_pair_files.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "common/files/atomic_file.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

// Not Json of ordered_json.hpp: that looks through all keys for each that comes, and here come 50,257.
using Table = nlohmann::json;

constexpr std::uintmax_t max_bytes = 256 << 20;
constexpr std::size_t max_tokens = 10'000'000;

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw std::runtime_error("load_byte_pairs: cannot use " + file.string() + ": " + why);
}

std::string read_all(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) refuse(file, "it is no file that is there");
  if (fs::file_size(file, error) > max_bytes) refuse(file, "it is over 256 MB, which no vocabulary is");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) refuse(file, "it cannot be read - may you read it?");
  return text.str();
}

Table parse(const fs::path& file) {
  Table json = Table::parse(read_all(file), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) refuse(file, "it is not JSON - was it cut short?");
  return json;
}

std::string shown(const std::string& text) {
  return Table(text.size() > 60 ? text.substr(0, 60) + "..." : text)
      .dump(-1, ' ', /*ensure_ascii=*/true, Table::error_handler_t::replace);
}

/// Tokens by id, as the file has them: most of them printable, special ones as they are.
std::vector<std::string> tokens_by_id(const fs::path& file, const Table& ids,
                                      std::vector<std::string> tokens = {}) {
  if (!ids.is_object()) refuse(file, "it must have an id for each token: {\"!\": 0, ...}");
  std::vector<char> taken(tokens.size());
  for (std::size_t id = 0; id < tokens.size(); ++id) taken[id] = tokens[id].empty() ? 0 : 1;
  for (const auto& [token, id] : ids.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= max_tokens)
      refuse(file, "the id of the token " + shown(token) + " must be a whole number from 0 on");
    const auto place = id.get<std::size_t>();
    if (place >= tokens.size()) {
      tokens.resize(place + 1);
      taken.resize(place + 1);
    }
    if (taken[place] != 0 && tokens[place] != token) {
      refuse(file, "the id " + std::to_string(place) + " belongs to two tokens, " + shown(tokens[place]) +
                       " and " + shown(token));
    }
    taken[place] = 1;
    tokens[place] = token;
  }
  const auto missing = std::find(taken.begin(), taken.end(), 0);
  if (missing != taken.end())
    refuse(file, "no token has the id " + std::to_string(missing - taken.begin()) + " - was it cut short?");
  return tokens;
}

using Line = std::pair<std::string, std::string>;  // a merge, as the file has it

/// Puts ids and merges together. What no byte and no merge makes is special.
BytePairs together(const fs::path& file, const std::vector<std::string>& tokens,
                   const std::vector<Line>& merges) {
  std::unordered_map<std::string, int> id_of;
  for (std::size_t id = 0; id < tokens.size(); ++id) id_of[tokens[id]] = static_cast<int>(id);
  BytePairs pairs;
  std::vector<char> made(tokens.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto& [left, right] = merges[i];
    int ids[3];
    const std::string parts[3] = {left, right, left + right};
    for (int k = 0; k < 3; ++k) {
      const auto found = id_of.find(parts[k]);
      if (found == id_of.end()) {
        refuse(file, "merge " + std::to_string(i + 1) + ", " + shown(left) + " and " + shown(right) + ", " +
                         (k == 2 ? "makes" : "needs") + " the token " + shown(parts[k]) +
                         ", which has no id");
      }
      ids[k] = found->second;
    }
    made[static_cast<std::size_t>(ids[2])] = 1;
    pairs.merges.push_back({ids[0], ids[1], ids[2]});
  }
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    std::string bytes;
    try {
      bytes = bytes_of_printable(tokens[id]);
    } catch (const std::invalid_argument&) {  // only special tokens may hold other characters
      if (made[id] != 0)
        refuse(file, "the token " + shown(tokens[id]) + " has characters that stand for no byte");
    }
    const bool special = bytes.empty() || (made[id] == 0 && bytes.size() > 1);
    pairs.tokens.push_back(special ? tokens[id] : bytes);
    if (special) pairs.special[tokens[id]] = static_cast<int>(id);
  }
  try {
    require_whole(pairs);
  } catch (const std::invalid_argument& error) {
    refuse(file, error.what());
  }
  return pairs;
}

std::vector<Line> merges_in(const fs::path& file) {
  std::vector<Line> merges;
  std::istringstream text(read_all(file));
  std::string line;
  for (std::size_t number = 1; std::getline(text, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos || blank == 0 || blank + 1 == line.size() ||
        line.find(' ', blank + 1) != std::string::npos) {
      refuse(file, "line " + std::to_string(number) +
                       " must be two tokens with a blank between them, and is " + shown(line));
    }
    merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  return merges;
}

BytePairs load_tokenizer_json(const fs::path& file) {
  const Table json = parse(file);
  const auto at = [&](const Table& object, const char* name) -> const Table& {
    static const Table nothing;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nothing : *found;
  };
  const Table& model = at(json, "model");
  if (at(model, "type") != "BPE")
    refuse(file, "its model is of the type " + at(model, "type").dump() + ", and only \"BPE\" is read here");
  const Table& cut = at(json, "pre_tokenizer");
  if (at(cut, "type") != "ByteLevel" || at(cut, "add_prefix_space") == true ||
      at(cut, "use_regex") == false) {
    refuse(file,
           "its texts are cut otherwise than GPT-2's: pre_tokenizer must be \"ByteLevel\" without a blank "
           "put in "
           "front");
  }
  const Table &changed = at(json, "normalizer"), &around = at(json, "post_processor");
  if (!changed.is_null())
    refuse(file, "its texts are changed before they are cut, by a normalizer, which GPT-2 has not: " +
                     changed.dump());
  if (!around.is_null() && at(around, "type") != "ByteLevel")
    refuse(file, "its post_processor adds tokens, and in GPT-2 it does not: " + around.dump());
  std::vector<std::string> added;
  const Table& more = at(json, "added_tokens");
  for (const Table& token : more) {
    const Table &id = at(token, "id"), &content = at(token, "content");
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= max_tokens || !content.is_string() ||
        content.get<std::string>().empty())
      refuse(file, "each of its added_tokens must have an id and a content");
    if (id.get<std::size_t>() >= added.size()) added.resize(id.get<std::size_t>() + 1);
    added[id.get<std::size_t>()] = content.get<std::string>();
  }
  std::vector<Line> merges;
  const Table& lines = at(model, "merges");
  if (!lines.is_array()) refuse(file, "its model has no list of merges");
  for (const Table& line : lines) {
    if (line.is_array() && line.size() == 2 && line[0].is_string() && line[1].is_string()) {
      merges.emplace_back(line[0].get<std::string>(), line[1].get<std::string>());
      continue;
    }
    const std::string both = line.is_string() ? line.get<std::string>() : "";
    const std::size_t blank = both.find(' ');
    if (blank == std::string::npos)
      refuse(file,
             "merge " + std::to_string(merges.size() + 1) + " must be two tokens, and is " + line.dump());
    merges.emplace_back(both.substr(0, blank), both.substr(blank + 1));
  }
  return together(file, tokens_by_id(file, at(model, "vocab"), added), merges);
}

fs::path one_of(const fs::path& folder, const char* name, const char* other) {
  std::error_code ignored;
  if (fs::exists(folder / name, ignored)) return folder / name;
  if (fs::exists(folder / other, ignored)) return folder / other;
  return {};
}

std::string written(const std::string& token, int id, const BytePairs& pairs) {
  const auto special = pairs.special.find(token);
  return special != pairs.special.end() && special->second == id ? token : printable_bytes(token);
}

/// {"!": 0, ...} in the order of the ids.
std::string ids_as_json(const BytePairs& pairs) {
  std::string text = "{";
  for (std::size_t id = 0; id < pairs.tokens.size(); ++id) {
    const Table token = written(pairs.tokens[id], static_cast<int>(id), pairs);
    text += (id == 0 ? "" : ", ") + token.dump() + ": " + std::to_string(id);
  }
  return text + "}";
}

void write(const fs::path& file, const std::string& text) {
  AtomicFile out("save_byte_pairs", file);
  out.write(text.data(), text.size());
  out.commit();
}

}  // namespace

BytePairs load_byte_pairs(const fs::path& folder_or_file) {
  std::error_code ignored;
  if (!fs::is_directory(folder_or_file, ignored)) return load_tokenizer_json(folder_or_file);
  const fs::path merges = one_of(folder_or_file, "vocab.bpe", "merges.txt");
  const fs::path ids = one_of(folder_or_file, "encoder.json", "vocab.json");
  if (!merges.empty() && !ids.empty()) return together(ids, tokens_by_id(ids, parse(ids)), merges_in(merges));
  if (fs::exists(folder_or_file / "tokenizer.json", ignored))
    return load_tokenizer_json(folder_or_file / "tokenizer.json");
  refuse(folder_or_file,
         "it has neither vocab.bpe and encoder.json (or merges.txt and vocab.json) nor tokenizer.json");
}

void save_gpt2_vocabulary(const fs::path& folder, const BytePairs& pairs) {
  require_whole(pairs);
  write(folder / "encoder.json", ids_as_json(pairs));
  write(folder / "vocab.bpe", merges_as_text(pairs));
}

void save_tokenizer_json(const fs::path& file, const BytePairs& pairs) {
  require_whole(pairs);
  Table added = Table::array(), merges = Table::array();
  for (const auto& [token, id] : pairs.special) {
    added.push_back({{"id", id},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  for (const Merge& merge : pairs.merges) {
    merges.push_back(printable_bytes(pairs.tokens[static_cast<std::size_t>(merge.left)]) + " " +
                     printable_bytes(pairs.tokens[static_cast<std::size_t>(merge.right)]));
  }
  const Table bytes{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  Table json{{"version", "1.0"},
             {"truncation", nullptr},
             {"padding", nullptr},
             {"added_tokens", added},
             {"normalizer", nullptr},
             {"pre_tokenizer", bytes},
             {"post_processor", nullptr},
             {"decoder", bytes},
             {"model",
              {{"type", "BPE"},
               {"dropout", nullptr},
               {"unk_token", nullptr},
               {"continuing_subword_prefix", nullptr},
               {"end_of_word_suffix", nullptr},
               {"fuse_unk", false},
               {"vocab", Table::parse(ids_as_json(pairs))},
               {"merges", merges}}}};
  write(file, json.dump(1) + "\n");
}

}  // namespace gpt
