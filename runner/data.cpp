#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "common/files/shell_word.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/published.hpp"

namespace gpt {
namespace {

Row row(const std::string& name, const std::filesystem::path& file, const std::string& state) {
  if (file.empty()) return {name, "", state, ""};
  return {name, with_commas(std::filesystem::file_size(file)), state, file.string()};
}

std::string state_of_shakespeare(const std::filesystem::path& file) {
  if (file.empty()) return "not here";
  const std::optional<std::string> hash = sha256(file);
  if (!hash) return "not checked: no sha256sum";
  return *hash == tiny_shakespeare_sha256 ? "whole, as published" : "NOT the published file";
}

void list(const Repository& repository) {
  const std::filesystem::path shakespeare = corpus_file(repository, "tinyshakespeare");
  std::fputs(table({{"--data", "characters", "state", "where"},
                    row("play", corpus_file(repository, "play"), "built in"),
                    row("tinyshakespeare", shakespeare, state_of_shakespeare(shakespeare))},
                   "lrll")
                 .c_str(),
             stdout);
  std::printf(
      "\nChapters learn from tinyshakespeare, the text of the published losses, where it is\n"
      "here, and else from play. A text of your own: %s\n",
      learn("run N --data FILE").c_str());
  if (shakespeare.empty())
    std::printf("%s downloads Tiny Shakespeare (1.1 MB).\n", learn("data fetch").c_str());
}

int fetch_gpt2(const Repository& repository) {
  const Published published = read_published(repository.data() / "gpt2.txt");
  const std::filesystem::path folder = repository.data() / "gpt2";
  std::uint64_t bytes = 0;
  for (const PublishedFile& file : published.files) bytes += file.bytes;
  std::printf("GPT-2, %s bytes, from %s\n", with_commas(bytes).c_str(), published.address.c_str());
  const Fetched fetched = fetch_published(published, folder);
  std::printf("%s: %s\n", fetched.ok ? "Done" : "Not done", fetched.what.c_str());
  if (fetched.ok)
    std::printf("\nIt speaks: %s --load %s --prompt \"The answer is\"\n", learn("run 9").c_str(),
                shell_word(folder.string()).c_str());
  return fetched.interrupted ? 130 : fetched.ok ? 0 : 1;
}

}  // namespace

int data(const Repository& repository, bool fetch, const std::string& what) {
  if (fetch && what == "gpt2") return fetch_gpt2(repository);
  Fetched fetched{true, false, ""};
  if (fetch) {
    const std::filesystem::path here = corpus_file(repository, "tinyshakespeare");
    if (!here.empty() && sha256(here) == tiny_shakespeare_sha256) {
      std::puts("Tiny Shakespeare is here already, whole.\n");
    } else {
      std::puts("Downloading Tiny Shakespeare (1.1 MB) from Karpathy's char-rnn repository on GitHub ...");
      fetched = fetch_tiny_shakespeare(repository, /*seconds=*/120);
      std::printf("%s: %s\n\n", fetched.ok ? "Done" : "Not done", fetched.what.c_str());
    }
  }
  list(repository);
  return fetched.interrupted ? 130 : fetched.ok ? 0 : 1;
}

}  // namespace gpt
