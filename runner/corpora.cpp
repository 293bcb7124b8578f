#include "runner/corpora.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "common/files/corpus.hpp"
#include "runner/process.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

constexpr const char* address =
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt";

/// A file that is removed again, unless it was moved away before.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Command download(int seconds, const fs::path& to) {
  const std::string limit = std::to_string(seconds), wait = std::to_string(std::min(seconds, 5));
  if (is_there("curl")) {
    return {"curl", "-fsL", "--connect-timeout", wait, "--max-time", limit, "-o", to.string(), address};
  }
  if (is_there("wget")) return {"wget", "-q", "--tries=1", "--timeout=" + wait, "-O", to.string(), address};
  return {};
}

}  // namespace

fs::path corpus_file(const Repository& repository, const std::string& name) {
  std::vector<fs::path> folders;
  const char* const own = std::getenv("BARDLING_DATA");
  if (own != nullptr && *own != '\0') folders.emplace_back(own);
  folders.push_back(repository.data());
  return find_corpus(name, folders);
}

std::optional<std::string> sha256(const fs::path& file) {
  for (Command program : {Command{"sha256sum"}, Command{"shasum", "-a", "256"}}) {
    program.push_back(file.string());
    const std::string line = first_line_of(program);
    // "HASH  NAME", with a backslash before it where the name holds unusual characters
    const std::string hash = line.substr(line.starts_with('\\') ? 1 : 0).substr(0, 64);
    if (hash.size() == 64) return hash;
  }
  return std::nullopt;
}

Fetched fetch_tiny_shakespeare(const Repository& repository, int seconds) {
  fs::create_directories(repository.data());
  const fs::path goal = repository.data() / "tinyshakespeare.txt";
  const TemporaryFile part(goal.string() + ".part" + std::to_string(getpid()));
  const Command command = download(seconds, part.path());
  if (command.empty()) return {false, false, "neither curl nor wget is here to download it"};

  const ExitStatus status = call(command);
  if (status.interrupted) return {false, true, "the download was interrupted"};
  if (status.code != 0)
    return {false, false,
            command[0] + " could not download it (exit code " + std::to_string(status.code) +
                "); is there a network?"};
  const std::optional<std::string> hash = sha256(part.path());
  if (!hash) return {false, false, "neither sha256sum nor shasum is here to check it, so it was not kept"};
  if (*hash != tiny_shakespeare_sha256) {
    return {false, false, "what came is not the published file (its SHA-256 differs), so it was not kept"};
  }
  fs::rename(part.path(), goal);
  return {true, false, "it is in " + goal.string() + ", and its SHA-256 is the published one"};
}

}  // namespace gpt
