#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"
#include "runner/table.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

constexpr std::size_t spoken_letters = 300;

struct Stop {
  const Chapter* chapter;
  Ended ended;
};

/// The text to learn from: what the reader named, else Tiny Shakespeare if it is here or comes within
/// seconds.
/// @returns nothing after Ctrl-C
std::optional<std::string> choose_text(const Place& place, const std::string& named) {
  if (!named.empty()) return named;
  if (!corpus_file(place, "tinyshakespeare").empty()) return "tinyshakespeare";
  std::puts(
      "Tiny Shakespeare, the text of the published losses, is not here yet: downloading it (1.1 MB) ...");
  const Fetched fetched = fetch_tiny_shakespeare(place, /*seconds=*/20);
  if (fetched.interrupted) return std::nullopt;
  std::printf("%s: %s\n", fetched.ok ? "Done" : "Not done", fetched.what.c_str());
  if (fetched.ok) return "tinyshakespeare";
  std::puts("The built-in play serves instead; ./learn data fetch tries again whenever you like.");
  return "play";
}

Command chapter_command(const Place& place, const Chapter& chapter, const std::string& text,
                        const fs::path& report, bool quick) {
  Command command{
      place.program(chapter.number).string(), "--data", text, "--report", report.string(), "--tokens",
      std::to_string(spoken_letters)};
  if (quick) command.insert(command.end(), {"--steps", "200"});
  return command;
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

Row row(const Chapter& chapter, const Report& run) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.0f", run.seconds);
  return {std::to_string(chapter.number),
          chapter.adds,
          with_commas(run.parameters),
          with_commas(run.steps),
          seconds,
          loss_text(run.train_loss),
          loss_text(run.val_loss),
          loss_text(run.published_val_loss)};
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

void print_result(const std::vector<Row>& rows, const std::vector<Report>& runs) {
  double seconds = 0;
  for (const Report& run : runs) seconds += run.seconds;
  std::puts("");
  std::fputs(table(rows, "llrrrrrr").c_str(), stdout);
  std::printf("\nLosses are nats a letter, on %s; training took %s.\n", runs.back().corpus.c_str(),
              duration(seconds).c_str());
  std::printf("What chapter %s's model says:\n\n", rows.back()[0].c_str());
  print_indented(beginning(runs.back().sample, spoken_letters));
}

int explain(const Stop& stop) {
  if (stop.ended.interrupted) {
    std::puts("\nThe tour ends here, as you wished.");
    return 130;
  }
  std::fprintf(stderr, "learn: chapter %d stopped with exit code %d, and the tour with it\n",
               stop.chapter->number, stop.ended.code);
  return 1;
}

}  // namespace

int tour(const Place& place, const TourOptions& options) {
  const std::optional<std::string> text = choose_text(place, options.data);
  if (!text) return 130;
  std::vector<Row> rows{{"", "what it added", "parameters", "steps", "seconds", "train", "val", "published"}};
  std::vector<Report> runs;
  std::optional<Stop> stop;
  for (const Chapter& chapter : all_chapters) {
    std::printf("\nChapter %d of %zu: %s\n", chapter.number, all_chapters.size(), chapter.adds);
    std::fflush(stdout);  // before another program writes to the same terminal
    const fs::path report = fresh_report(place, chapter.number);
    const Ended ended = call(chapter_command(place, chapter, *text, report, options.quick),
                             Output::hidden);  // its progress goes to standard error
    if (fs::exists(report)) {
      runs.push_back(keep(place, chapter.number, report));
      rows.push_back(row(chapter, runs.back()));
      fs::remove(report);
      std::printf("It says: %s\n", first_words(runs.back().sample).c_str());
    }
    if (ended.code != 0 || ended.interrupted) {
      stop = Stop{&chapter, ended};
      break;
    }
  }
  if (!runs.empty()) print_result(rows, runs);
  if (stop) return explain(*stop);
  std::puts(
      "\nNext: chapters/01_bigram/README.md tells how the first of them works, and ./learn run 1 runs it.");
  return 0;
}

}  // namespace gpt
