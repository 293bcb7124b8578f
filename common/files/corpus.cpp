#include "common/files/corpus.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

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
/// here, because they guard against accidents (another edition, other line ends, half a download),
/// which pass once in 2^64, not against someone who forges a play. The download, which comes from
/// strangers, is checked by its sha256.
bool is_tiny_shakespeare(const std::string& text) {
  return text.size() == tiny_shakespeare_size && fnv1a(text) == tiny_shakespeare_hash;
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

/// Any byte but a control character may stand in a text: white space, ASCII, and
/// whatever UTF-8 or Latin-1 is made of.
bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || (byte >= '\t' && byte <= '\r');
}

/// @throws std::runtime_error if no model could learn from this
void require_text(const fs::path& file, const std::string& text) {
  if (text.empty()) fail(file.string() + " is empty, expected a text to learn from");
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_text(text[at])) continue;
    const char* const digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(text[at]);
    fail(file.string() + " is not plain text: byte 0x" + digits[byte / 16] + digits[byte % 16] +
         " at offset " + std::to_string(at) +
         (byte == 0 ? " - is it a binary or UTF-16 file?" : " - is it a binary file?"));
  }
  if (text.size() < smallest_size) {
    fail(file.string() + " has " + std::to_string(text.size()) +
         " characters, too few to learn from - expected " + std::to_string(smallest_size) + " or more");
  }
}

Corpus read_corpus(const std::string& name, const fs::path& file) {
  Corpus corpus{name, file, read_file(file)};
  require_text(file, corpus.text);
  corpus.published = is_tiny_shakespeare(corpus.text);
  if (corpus.published) corpus.name = "tinyshakespeare";
  return corpus;
}

Corpus read_tiny_shakespeare(const fs::path& file) {
  Corpus corpus = read_corpus("tinyshakespeare", file);
  if (!corpus.published) {
    fail(file.string() + " is not Tiny Shakespeare: expected " + std::to_string(tiny_shakespeare_size) +
         " bytes and one hash, got " + std::to_string(corpus.text.size()) +
         " bytes or another hash - delete it, then `./learn data` fetches the right one");
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
      fail("tinyshakespeare.txt is not in " + list(folders) + " - `./learn data` fetches it");
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
         "' - give the path of a text file, or one of play and tinyshakespeare (`./learn data` fetches it), "
         "which are looked for in " +
         list(folders));
  }
  return read_corpus(file.filename().string(), file);
}

}  // namespace gpt
