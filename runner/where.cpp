#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/runs.hpp"
#include "runner/table.hpp"

namespace gpt {
namespace {

Row row(const Chapter& chapter, const std::optional<Report>& run) {
  const std::string number = std::to_string(chapter.number);
  if (!run) return {number, chapter.adds, "", "", "", "not run yet"};
  return {number,
          chapter.adds,
          loss_text(run->val_loss),
          loss_text(run->published_val_loss),
          with_commas(run->steps),
          run->corpus};
}

void print_next(int next) {
  if (next > static_cast<int>(all_chapters.size())) {
    std::puts(
        "All six were run. Next: let the GPT speak on, or train a larger one:\n"
        "  ./learn run 6 --help         what it can do");
    return;
  }
  const Chapter& chapter = all_chapters[static_cast<std::size_t>(next - 1)];
  std::puts("Next:");
  if (next == 1) std::puts("  ./learn tour                 all six in a few minutes, for a first impression");
  std::printf("  chapters/%s/README.md\n", chapter.folder);
  std::printf("  ./learn run %d                and its program\n", next);
}

}  // namespace

int where(const Place& place) {
  std::vector<Row> rows{{"", "chapter", "val loss", "published", "steps", "text"}};
  int next = 0;
  for (const Chapter& chapter : all_chapters) {
    std::optional<Report> shown;
    try {
      shown = best_run(place, chapter.number);
    } catch (const std::runtime_error& error) {  // one broken report must not hide the others
      std::fprintf(stderr, "learn: %s\n", error.what());
    }
    if (!shown && next == 0) next = chapter.number;
    rows.push_back(row(chapter, shown));
  }
  std::puts("Bardling: build a GPT in C++20, step by step.\n");
  std::fputs(table(rows, "llrrrl").c_str(), stdout);
  std::puts("");
  print_next(next == 0 ? 7 : next);
  if (corpus_file(place, "tinyshakespeare").empty()) {
    std::puts("  ./learn data fetch           gets Tiny Shakespeare, the text of the published losses");
  }
  std::puts("  ./learn help                 everything else");
  return 0;
}

}  // namespace gpt
