#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/terminal/table.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/desk.hpp"
#include "runner/runs.hpp"

namespace gpt {
namespace {

Row row(const ChapterEntry& chapter, const std::optional<Report>& report) {
  const std::string number = std::to_string(chapter.number);
  if (!report) return {number, chapter.adds, "-"};
  const std::string variant = report->variant.empty() ? "" : ", " + report->variant;
  return {number,
          chapter.adds + variant,
          loss_text(report->val_loss),
          loss_text(report->published_val_loss),
          with_commas(report->steps),
          report->corpus};
}

/// How far the exercises are, where there are any.
void print_exercises(const Place& place) {
  if (find_exercises(place.root).empty()) return;
  const Desk desk(place);
  std::printf("Exercises done: %zu of %zu.", desk.count_done(), desk.exercises().size());
  std::puts(desk.all_done()          ? " The GPT of your own parts:\n  ./learn run 6 --mine"
            : desk.count_done() == 0 ? " The first:\n  ./learn exercise"
                                     : " Going on:\n  ./learn watch");
}

/// @param next the first chapter that was not run; 0 if all were
void print_next(int next) {
  if (next == 0) {
    std::puts("All six were run. Next: let the GPT say more, or train a larger one.");
    std::puts("  ./learn run 6 --help");
    return;
  }
  const ChapterEntry& chapter = all_chapters[static_cast<std::size_t>(next - 1)];
  std::printf("Next: read chapters/%s/README.md, and run its program.\n", chapter.folder);
  std::printf("  ./learn run %d\n", next);
  if (next == 1) std::puts("Or all six at once, for a first impression:\n  ./learn tour");
}

void print_text_hint() {
  std::puts("Tiny Shakespeare, the text of the published losses, is not here yet:\n  ./learn data fetch");
}

}  // namespace

int where(const Place& place) {
  std::vector<Row> rows{{"", "chapter", "val loss", "published", "steps", "learned from"}};
  int next = 0;
  for (const ChapterEntry& chapter : all_chapters) {
    std::optional<Report> best;
    try {
      best = best_run(place, chapter.number);
    } catch (const std::runtime_error& error) {  // one broken report must not hide the others
      std::fprintf(stderr, "learn: %s\n", error.what());
    }
    if (!best && next == 0) next = chapter.number;
    rows.push_back(row(chapter, best));
  }
  std::puts("Bardling: build a GPT in C++20, step by step.\n");
  std::fputs(table(rows, "llrrrl").c_str(), stdout);
  std::puts("");
  print_next(next);
  print_exercises(place);
  if (corpus_file(place, "tinyshakespeare").empty()) print_text_hint();
  std::puts("\n./learn help lists everything else.");
  return 0;
}

}  // namespace gpt
