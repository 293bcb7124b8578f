#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/files/shell_word.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/closed.hpp"
#include "runner/closing.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/course.hpp"
#include "runner/runs.hpp"

namespace gpt {
namespace {

/// The best of the reference's runs and of those of the reader's parts; nothing for a report that cannot be read, which
/// must not hide the others.
std::optional<Report> best(const Repository& repository, int chapter, Parts parts) {
  try {
    return best_run(repository, chapter, parts);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "learn: %s\n", error.what());
    return std::nullopt;
  }
}

Row row(const ChapterEntry& chapter, const std::optional<Report>& report,
        const std::optional<Report>& yours) {
  const std::string number = std::to_string(chapter.number);
  const std::optional<Report>& known = report ? report : yours;
  if (!known) return {number, chapter.adds, "-", "-"};
  const std::string variant = known->variant.empty() ? "" : ", " + known->variant;
  std::string from = known->corpus;
  if (report && yours && report->corpus != yours->corpus) from += ", yours: " + yours->corpus;
  return {number,
          chapter.adds + variant,
          report ? loss_text(report->val_loss) : "-",
          yours ? loss_text(yours->val_loss) : "-",
          loss_text(known->published_val_loss),
          with_commas(known->steps),
          from};
}

/// What comes next for whoever has not begun an exercise: the tour, the first page, and then chapter by chapter.
/// @param ran  the chapters that were run by themselves, which the tour's are not
void print_next(const Repository& repository, bool any_run, const std::set<int>& ran) {
  const std::vector<ChapterEntry>& chapters = repository.chapters();
  if (!any_run) {
    std::puts("Begin with a first impression: all chapters up to the GPT learn one text, and speak.");
    std::printf("  %s\n", learn("tour").c_str());
    return;
  }
  if (ran.empty()) {
    std::puts("Next: read docs/tensors.md, on what all of it is made of.");
    std::printf("Then chapter %d, chapters/%s/README.md, and its program:\n", chapters.front().number,
                chapters.front().folder.c_str());
    std::printf("  %s\n", learn("run " + std::to_string(chapters.front().number)).c_str());
    return;
  }
  const auto next =
      std::find_if(chapters.begin(), chapters.end(), [&](const auto& c) { return !ran.contains(c.number); });
  if (next == chapters.end()) {
    std::puts("All of them were run.");
    return;
  }
  std::printf("Next: read chapters/%s/README.md, and run its program.\n", next->folder.c_str());
  std::printf("  %s\n", learn("run " + std::to_string(next->number)).c_str());
}

/// How far the exercises are, where there are any.
void print_exercises(const Repository& repository, const Course& course, bool any_run) {
  const std::size_t all = course.exercises().size();
  if (course.all_done()) {
    std::fputs(closing_screen(repository, course).c_str(), stdout);
    return;
  }
  std::printf("Exercises done: %zu of %zu.", course.count_done(), all);
  const Exercise& now = course.current();
  if (course.is_begun(now)) {
    std::printf(" Going on with %s, of chapter %d:\n  %s\n", now.name.c_str(), now.chapter,
                learn("watch").c_str());
  } else if (course.count_done() > 0) {
    std::printf(" Going on:\n  %s\n", learn("exercise").c_str());
  } else {
    std::puts(any_run ? (" The first, when chapter 1 asks for it:\n  " + learn("exercise")).c_str() : "");
  }
}

void print_text_hint() {
  std::printf("Tiny Shakespeare, the text of the published losses, is not here yet:\n  %s\n",
              learn("data fetch").c_str());
}

}  // namespace

int where(const Repository& repository) {
  std::vector<Row> rows{{"", "chapter", "val loss", "yours", "published", "steps", "learned from"}};
  bool any_run = false;
  const std::string closed = why_closed(repository.root(), repository.runs(), Access::read);
  if (!closed.empty()) std::fprintf(stderr, "learn: cannot read your runs: %s\n", closed.c_str());
  for (const ChapterEntry& chapter : repository.chapters()) {
    std::optional<Report> report, yours;
    if (closed.empty()) {
      report = best(repository, chapter.number, Parts::reference);
      yours = best(repository, chapter.number, Parts::yours);
    }
    any_run = any_run || report || yours;
    rows.push_back(row(chapter, report, yours));
  }
  std::puts("Bardling: build a GPT in C++20, step by step.\n");
  std::fputs(table(rows, "rlrrrrl").c_str(), stdout);
  std::puts("");
  std::optional<Course> course;
  if (!find_exercises(repository.root()).empty()) course.emplace(repository);
  if (!course || !course->all_done()) print_next(repository, any_run, own_runs(repository));
  if (course) print_exercises(repository, *course, any_run);
  if (corpus_file(repository, "tinyshakespeare").empty()) print_text_hint();
  std::printf("\n%s lists everything else.\n", learn("help").c_str());
  return 0;
}

}  // namespace gpt
