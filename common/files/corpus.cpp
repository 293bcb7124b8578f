#include "common/files/corpus.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/files/shell_word.hpp"
#include "common/nn/utf8.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t smallest_size = 1000;
constexpr std::uintmax_t largest_size = std::uintmax_t{1} << 30;
constexpr std::uintmax_t tiny_shakespeare_size = 1115394;
constexpr std::uint64_t tiny_shakespeare_hash = 0x4016c93c3be74c18;

[[noreturn]] void fail(const std::string& sentence) { throw std::runtime_error("open_corpus: " + sentence); }

/// FNV-1a, 64 bits (Fowler, Noll and Vo 1991).
std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// Is this the file that the published losses were measured on? Size and a 64-bit hash are enough
/// here, because they guard against accidents (another edition, half a download),
/// which pass once in 2^64, not against someone who forges a play. The download, which comes from
/// strangers, is checked by its sha256.
bool is_tiny_shakespeare(const std::string& text) {
  return text.size() == tiny_shakespeare_size && fnv1a(text) == tiny_shakespeare_hash;
}

std::string hexadecimal(std::uint64_t number, int digits) {
  std::string text;
  for (int digit = digits; digit-- > 0;) text += "0123456789abcdef"[number >> 4 * digit & 15];
  return text;
}

std::string read_file(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) fail("there is no file " + file.string());
  if (fs::is_directory(status)) fail(file.string() + " is a folder, expected a text file");
  if (!fs::is_regular_file(status)) fail(file.string() + " is not a regular file, expected a text file");
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) fail("cannot read " + file.string() + ": " + error.message());
  if (size > largest_size) {
    fail(file.string() + " has " + std::to_string(size) +
         " bytes, expected at most 1 GiB - cut a part out of it");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in) fail("cannot open " + file.string() + " - may you read it?");
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.gcount() != static_cast<std::streamsize>(text.size())) {
    fail("cannot read " + file.string() + ": it ended after " + std::to_string(in.gcount()) + " of " +
         std::to_string(text.size()) + " bytes");
  }
  return text;
}

/// Says where a byte stands that has no place in a text.
[[noreturn]] void refuse_byte(const fs::path& file, const std::string& text, std::size_t at,
                              const std::string& what, const std::string& hint) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  fail(file.string() + " is not " + what + ": byte 0x" +
       hexadecimal(static_cast<unsigned char>(text[at]), 2) + " at offset " + std::to_string(at) +
       ", in line " + std::to_string(line) + " - " + hint);
}

/// The command that makes UTF-8 of it.
std::string by_iconv(const char* encoding, const fs::path& file) {
  return std::string("`iconv -f ") + encoding + " -t UTF-8 " + shell_word(file.string()) + " > " +
         shell_word(file.string() + ".utf8") + "` writes it as UTF-8 to another file";
}

/// A letter, a digit, a blank: anything but a control character, which no text has and a terminal would obey.
bool is_text(char32_t code) {
  return (code >= 0x20 && code < 0x7f) || (code >= '\t' && code <= '\r') || code == 0x85 || code >= 0xa0;
}

/// Blanks that look like a space or a line end, or like nothing at all, and are another character.
bool is_odd_blank(char32_t code) {
  return code == '\v' || code == '\f' || code == 0x85 || code == 0xa0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200b) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
         code == 0x205f || code == 0xfeff;
}

/// How many characters a text has.
/// @throws std::runtime_error if no model could learn from this
std::size_t characters_of(const fs::path& file, const std::string& text) {
  if (text.empty()) fail(file.string() + " is empty, expected a text to learn from");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    fail(file.string() + " is UTF-16, expected UTF-8 - " + by_iconv("UTF-16", file));
  }
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    const Character c = first_character(std::string_view(text).substr(at));
    if (c.bytes == 0) {
      refuse_byte(file, text, at, "UTF-8",
                  "if it is a western text of older days, " + by_iconv("WINDOWS-1252", file));
    }
    if (!is_text(c.code)) {
      refuse_byte(file, text, at, "plain text",
                  c.code == 0 ? "is it a binary or UTF-16 file?" : "is it a binary file?");
    }
    at += c.bytes;
  }
  return characters;
}

/// Makes each CR LF, and each CR that stands alone, a \n. @returns how many of both there were
std::pair<std::size_t, std::size_t> unify_line_ends(std::string& text) {
  std::size_t windows = 0, mac = 0, to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    if (text[from] == '\r') {
      const bool both = from + 1 < text.size() && text[from + 1] == '\n';
      ++(both ? windows : mac);
      from += both ? 1 : 0;
      text[to++] = '\n';
    } else {
      text[to++] = text[from];
    }
  }
  text.resize(to);
  return {windows, mac};
}

/// What there is to say about odd blanks; "" if there are none.
std::string about_blanks(const std::string& text) {
  std::size_t count = 0;
  char32_t first = 0;
  for (const char32_t c : Characters(text)) {
    if (is_odd_blank(c) && count++ == 0) first = c;
  }
  if (count == 0) return "";
  return std::to_string(count) + (count == 1 ? " blank is" : " blanks are") +
         " neither space, tab nor line end (the first is U+" + hexadecimal(first, 4) +
         "), and each kind of them counts as a character of its own.";
}

Corpus read_corpus(const std::string& name, const fs::path& file) {
  Corpus corpus{.name = name, .file = file, .text = read_file(file)};
  std::size_t characters = characters_of(file, corpus.text);
  if (corpus.text.starts_with("\xef\xbb\xbf")) {
    corpus.text.erase(0, 3);
    --characters;
    corpus.remarks.push_back("The byte-order mark at its beginning is left out.");
  }
  const auto [windows, mac] = unify_line_ends(corpus.text);
  characters -= windows;
  if (characters < smallest_size) {
    fail(file.string() + " has " + std::to_string(characters) +
         " characters, too few to learn from - expected " + std::to_string(smallest_size) + " or more");
  }
  if (windows + mac > 0) {
    corpus.remarks.push_back(std::to_string(windows + mac) +
                             (windows + mac == 1 ? " line ends" : " lines end") +
                             (mac == 0       ? " as on Windows (CR LF)"
                              : windows == 0 ? " as on old Macs (CR)"
                                             : " as on Windows (CR LF) or old Macs (CR)") +
                             ", which is read as a new line like any other.");
  }
  if (const std::string remark = about_blanks(corpus.text); !remark.empty()) corpus.remarks.push_back(remark);
  corpus.published = is_tiny_shakespeare(corpus.text);
  corpus.fingerprint = hexadecimal(fnv1a(corpus.text), 16);
  if (corpus.published) corpus.name = "tinyshakespeare";
  return corpus;
}

Corpus read_tiny_shakespeare(const fs::path& file) {
  Corpus corpus = read_corpus("tinyshakespeare", file);
  if (!corpus.published) {
    fail(file.string() + " is not Tiny Shakespeare: expected " + std::to_string(tiny_shakespeare_size) +
         " bytes and one hash, got " + std::to_string(corpus.text.size()) +
         " bytes or another hash - delete it (`rm " + shell_word(file.string()) + "`), then `" +
         learn("data fetch") + "` gets the right one");
  }
  return corpus;
}

std::string list(const std::vector<fs::path>& folders) {
  std::string text;
  for (const fs::path& folder : folders) text += (text.empty() ? "" : ", ") + folder.string();
  return text.empty() ? "no folder" : text;
}

bool is_file(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored);
}

}  // namespace

std::vector<fs::path> corpus_folders() {
  std::vector<fs::path> folders;
  const char* const own = std::getenv("BARDLING_DATA");
  if (own != nullptr && *own != '\0') folders.emplace_back(own);
  folders.emplace_back(BARDLING_DATA_FOLDER);  // set in common/CMakeLists.txt
  return folders;
}

fs::path find_corpus(const std::string& name, const std::vector<fs::path>& folders) {
  if (name != "play" && name != "tinyshakespeare") {
    throw std::invalid_argument("find_corpus: name must be play or tinyshakespeare, got '" + name + "'");
  }
  for (const fs::path& folder : folders) {
    const fs::path file = folder / (name == "play" ? "original_play.txt" : "tinyshakespeare.txt");
    if (is_file(file)) return file;
    // As it is called where it comes from. Many a file is called that, so it has to be the right one.
    const fs::path input = folder / "input.txt";
    std::error_code ignored;
    if (name == "tinyshakespeare" && is_file(input) &&
        fs::file_size(input, ignored) == tiny_shakespeare_size && is_tiny_shakespeare(read_file(input))) {
      return input;
    }
  }
  return {};
}

Corpus open_corpus(const std::string& name_or_file, const std::vector<fs::path>& folders) {
  if (name_or_file.empty() || name_or_file == "tinyshakespeare") {
    const fs::path file = find_corpus("tinyshakespeare", folders);
    if (!file.empty()) return read_tiny_shakespeare(file);
    if (!name_or_file.empty()) {
      fail("tinyshakespeare.txt is not in " + list(folders) + " - `" + learn("data fetch") + "` gets it");
    }
  }
  if (name_or_file.empty() || name_or_file == "play") {
    const fs::path file = find_corpus("play", folders);
    if (file.empty()) fail("the built-in play, original_play.txt, is not in " + list(folders));
    return read_corpus("play", file);
  }
  const fs::path file(name_or_file);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    fail("there is no corpus or file '" + name_or_file +
         "' - give the path of a text file, or one of play and tinyshakespeare (`" + learn("data fetch") +
         "` gets it), "
         "which are looked for in " +
         list(folders));
  }
  return read_corpus(file.filename().string(), file);
}

}  // namespace gpt
