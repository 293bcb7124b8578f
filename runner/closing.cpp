#include "runner/closing.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "common/files/shell_word.hpp"
#include "common/terminal/paragraphs.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/challenge.hpp"
#include "runner/runs.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// The lines of code of a file: without those that are empty or hold nothing but a comment.
std::vector<std::string> code_of(const fs::path& file) {
  std::vector<std::string> code;
  for (const std::string& line : lines_of(contents_of(file))) {
    const std::string words = trimmed(line);
    if (!words.empty() && !words.starts_with("//")) code.push_back(words);
  }
  return code;
}

/// How many lines of the reader's file are not those of the stub.
std::size_t lines_written(const Course& course, const Exercise& exercise) {
  std::map<std::string, int> given;
  for (const std::string& line : code_of(course.workspace().root / exercise.stub())) ++given[line];
  std::size_t written = 0;
  for (const std::string& line : code_of(course.workspace().my / exercise.part)) {
    if (--given[line] < 0) ++written;
  }
  return written;
}

/// The run that comes with the repository; of a chapter with variants, the best.
std::optional<Report> shipped_run(const Repository& repository, int chapter) {
  const fs::path runs = repository.root() / "docs" / "runs";
  if (const fs::path one = runs / (short_name(chapter) + ".json"); fs::exists(one)) return read_report(one);
  std::optional<Report> best;
  if (!fs::exists(runs)) return best;
  for (const fs::directory_entry& entry : fs::directory_iterator(runs)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(short_name(chapter) + "_") || name.ends_with(".trace.json")) continue;
    if (Report report = read_report(entry.path()); !best || report.val_loss < best->val_loss)
      best = std::move(report);
  }
  return best;
}

/// A run's report, or nothing; one that cannot be read is as good as none here.
std::optional<Report> run_of(const Repository& repository, int chapter, Parts parts) {
  try {
    if (std::optional<Report> best = best_run(repository, chapter, parts)) return best;
    if (parts == Parts::yours) return std::nullopt;
    return shipped_run(repository, chapter);
  } catch (const std::runtime_error&) {
  }
  return std::nullopt;
}

std::optional<float> loss_of(const std::optional<Report>& report) {
  if (!report) return std::nullopt;
  return report->val_loss;
}

}  // namespace

std::string closing_screen(const Repository& repository, const Course& course) {
  const Colours& c = colours();
  std::size_t parts = 0, lines = 0;
  for (const Exercise& exercise : course.exercises()) {
    if (!course.is_begun(exercise)) continue;
    ++parts;
    lines += lines_written(course, exercise);
  }
  const std::string last = std::to_string(repository.end_of_tour().number);
  std::string text = c.good + "*** That was the last exercise. ***" + c.plain + "\n\n";
  text += folded("You have written " + std::to_string(parts) + (parts == 1 ? " part in " : " parts in ") +
                     with_commas(lines) +
                     " lines: from characters that become numbers to machines that train one GPT.",
                 columns()) +
          "\n";
  std::vector<Row> rows{{"", "validation loss", "yours", "reference", "learned from"}};
  int not_run = 0;
  for (const ChapterEntry& chapter : repository.chapters()) {
    const std::optional<Report> yours = run_of(repository, chapter.number, Parts::yours);
    const std::optional<Report> reference = run_of(repository, chapter.number, Parts::reference);
    if (!yours && not_run == 0 && chapter.in_tour) not_run = chapter.number;
    std::string from = yours ? yours->corpus : reference ? reference->corpus : "";
    if (yours && reference && yours->corpus != reference->corpus) from += ", " + reference->corpus;
    rows.push_back({std::to_string(chapter.number), chapter.adds, loss_text(loss_of(yours)),
                    loss_text(loss_of(reference)), from});
  }
  text += table(rows, "rlrrl") + "\n";
  const std::vector<Challenge> challenges = find_challenges(repository);
  const auto reached = std::count_if(challenges.begin(), challenges.end(), [&](const Challenge& challenge) {
    const auto best = course.progress().challenges.find(challenge.chapter);
    return best != course.progress().challenges.end() && best->second.value < challenge.goal;
  });
  text += c.bold + "What to do next" + c.plain + "\n";
  if (not_run != 0 && std::to_string(not_run) != last) {
    text += "  " + learn("run " + std::to_string(not_run) + " --mine") + "   fills the column \"yours\"\n";
  }
  text += "  " + learn("run " + last + " --mine") + "   the GPT made of your parts trains, and speaks\n";
  if (!challenges.empty()) {
    text += "  " + learn("challenge") + "      " + std::to_string(challenges.size()) +
            " goals that nobody shows you the way to; reached: " + std::to_string(reached) + "\n";
  }
  text += "  " + learn("docs") + "           the site, with your runs in its figures\n";
  return text;
}

}  // namespace gpt
