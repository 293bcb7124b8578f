#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/course.hpp"
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
void print_exercises(const Repository& repository) {
  if (find_exercises(repository.root()).empty()) return;
  const Course course(repository);
  std::printf("Exercises done: %zu of %zu.", course.count_done(), course.exercises().size());
  std::puts(course.all_done()          ? " The GPT of your own parts:"
            : course.count_done() == 0 ? " The first:\n  ./learn exercise"
                                       : " Going on:\n  ./learn watch");
  if (course.all_done()) std::printf("  ./learn run %d --mine\n", repository.end_of_tour().number);
}

/// @param next the first chapter that was not run; null if all were
void print_next(const Repository& repository, const ChapterEntry* next) {
  if (next == nullptr) {
    std::puts("All of them were run. Next: let the GPT say more, or train a larger one.");
    std::printf("  ./learn run %d --help\n", repository.end_of_tour().number);
    return;
  }
  std::printf("Next: read chapters/%s/README.md, and run its program.\n", next->folder.c_str());
  std::printf("  ./learn run %d\n", next->number);
  if (next == &repository.chapters().front()) {
    std::puts("Or all that lead to the GPT at once, for a first impression:\n  ./learn tour");
  }
}

void print_text_hint() {
  std::puts("Tiny Shakespeare, the text of the published losses, is not here yet:\n  ./learn data fetch");
}

}  // namespace

int where(const Repository& repository) {
  std::vector<Row> rows{{"", "chapter", "val loss", "published", "steps", "learned from"}};
  const ChapterEntry* next = nullptr;
  for (const ChapterEntry& chapter : repository.chapters()) {
    std::optional<Report> best;
    try {
      best = best_run(repository, chapter.number);
    } catch (const std::runtime_error& error) {  // one broken report must not hide the others
      std::fprintf(stderr, "learn: %s\n", error.what());
    }
    if (!best && next == nullptr) next = &chapter;
    rows.push_back(row(chapter, best));
  }
  std::puts("Bardling: build a GPT in C++20, step by step.\n");
  std::fputs(table(rows, "rlrrrl").c_str(), stdout);
  std::puts("");
  print_next(repository, next);
  print_exercises(repository);
  if (corpus_file(repository, "tinyshakespeare").empty()) print_text_hint();
  std::puts("\n./learn help lists everything else.");
  return 0;
}

}  // namespace gpt
