#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/files/shell_word.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

constexpr std::size_t spoken_letters = 300;

/// The text to learn from: what the reader named, else Tiny Shakespeare if it is
/// here or comes within seconds.
/// @returns nothing after Ctrl-C
std::optional<std::string> choose_text(const Repository& repository, const std::string& named) {
  if (!named.empty()) return named;
  if (!corpus_file(repository, "tinyshakespeare").empty()) return "tinyshakespeare";
  std::puts(
      "Tiny Shakespeare, the text of the published losses, is not here yet: downloading it (1.1 MB) ...");
  const Fetched fetched = fetch_tiny_shakespeare(repository, /*seconds=*/20);
  if (fetched.interrupted) return std::nullopt;
  std::printf("%s: %s\n", fetched.ok ? "Done" : "Not done", fetched.what.c_str());
  if (fetched.ok) return "tinyshakespeare";
  std::printf("The built-in play serves instead; %s tries again whenever you like.\n",
              learn("data fetch").c_str());
  return "play";
}

fs::path model_file(const Repository& repository, int chapter) {
  return repository.runs() / (short_name(chapter) + ".safetensors");
}

/// Trains a chapter's model. Its progress, on standard error, is all that it shows;
/// the tour has its own words.
ExitStatus train(const Repository& repository, int chapter, const std::string& text, const RunFiles& files,
                 bool quick) {
  Command command{repository.program(chapter).string(), "--data", text, "--report", files.report.string()};
  command.insert(command.end(), {"--trace", files.trace.string()});
  command.insert(command.end(), {"--save", model_file(repository, chapter).string()});
  command.insert(command.end(), {"--tokens", std::to_string(spoken_letters)});
  if (quick) command.insert(command.end(), {"--steps", "200"});
  return call(command, Output::hidden);
}

/// At most n bytes of a text, not cut inside a letter of several bytes (UTF-8).
std::string beginning(const std::string& text, std::size_t n) {
  if (text.size() <= n) return text;
  while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) --n;
  return text.substr(0, n);
}

std::string first_words(const std::string& sample) {
  std::string line = beginning(sample, 60);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

Row row(const ChapterEntry& chapter, const Report& report) {
  return {std::to_string(chapter.number),
          chapter.adds,
          with_commas(report.parameters),
          with_commas(report.steps),
          std::to_string(std::lround(report.seconds)),
          loss_text(report.train_loss),
          loss_text(report.val_loss),
          loss_text(report.published_val_loss)};
}

void print_indented(const std::string& text) {
  std::string line;
  for (const char c : text + '\n') {
    if (c != '\n')
      line += c;
    else
      std::printf("  %s\n", std::exchange(line, "").c_str());
  }
}

/// The chapters that are trained: those that lead to the GPT, or all of them.
std::vector<ChapterEntry> chosen(const Repository& repository, bool all) {
  std::vector<ChapterEntry> chapters = repository.chapters();
  if (!all) std::erase_if(chapters, [](const ChapterEntry& chapter) { return !chapter.in_tour; });
  return chapters;
}

/// One program after the other.
/// @returns the reports of those that trained, and how the last one ended
std::pair<std::vector<Report>, ExitStatus> train_all(const Repository& repository,
                                                     const std::vector<ChapterEntry>& chapters,
                                                     const std::string& text, bool quick) {
  std::vector<Report> reports;
  ExitStatus status;
  for (const ChapterEntry& chapter : chapters) {
    std::printf("\n%zu of %zu: %s\n", reports.size() + 1, chapters.size(), chapter.adds.c_str());
    std::fflush(stdout);  // before another program writes to the same terminal
    const RunFiles files = fresh_files(repository, chapter.number);
    status = train(repository, chapter.number, text, files, quick);
    if (fs::exists(files.report)) {
      reports.push_back(keep(repository, chapter.number, files));
      fs::remove(files.report);
      fs::remove(files.trace);
      std::printf("It says: %s\n", first_words(reports.back().sample).c_str());
    }
    if (status.code != 0 || status.interrupted) break;
  }
  return {reports, status};
}

void print_results(const std::vector<ChapterEntry>& chapters, const std::vector<Report>& reports) {
  std::vector<Row> rows{{"", "what it added", "parameters", "steps", "seconds", "train", "val", "published"}};
  double seconds = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    rows.push_back(row(chapters[i], reports[i]));
    seconds += reports[i].seconds;
  }
  std::printf("\n%s\n", table(rows, "rlrrrrrr").c_str());
  std::printf("Learned from %s in %s. A loss is the surprise at the next letter: lower is better.\n",
              reports.back().corpus.c_str(), duration(seconds).c_str());
  std::printf("What the model of chapter %d says:\n\n", reports.back().chapter);
  print_indented(beginning(reports.back().sample, spoken_letters));
}

/// @param text what was learned from; one of the reader's own may lack the letters of our prompt
void print_next(const Repository& repository, const std::string& text) {
  const int last = repository.end_of_tour().number;
  const bool ours = text == "play" || text == "tinyshakespeare";
  std::printf("\nLet it say more:\n  %s --load %s %s\n", learn("run " + std::to_string(last)).c_str(),
              shell_word(fs::proximate(model_file(repository, last)).string()).c_str(),
              ours ? "--prompt \"My lord\"" : ("--data " + shell_word(text)).c_str());
  const ChapterEntry& first = repository.chapters().front();
  std::printf("Then learn how they work. Read docs/tensors.md, and chapter %d: chapters/%s/README.md\n",
              first.number, first.folder.c_str());
}

}  // namespace

int tour(const Repository& repository, const TourOptions& options) {
  const std::optional<std::string> text = choose_text(repository, options.data);
  if (!text) return 130;
  const std::vector<ChapterEntry> chapters = chosen(repository, options.all);
  const auto [reports, status] = train_all(repository, chapters, *text, options.quick);
  if (!reports.empty()) print_results(chapters, reports);
  if (status.interrupted) {
    std::puts("\nThe tour ends here, as you wished.");
    return 130;
  }
  if (status.code != 0) {
    std::fprintf(stderr, "learn: chapter %d stopped with exit code %d, and the tour with it\n",
                 chapters[reports.size()].number, status.code);
    return 1;
  }
  print_next(repository, *text);
  return 0;
}

}  // namespace gpt
