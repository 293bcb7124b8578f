#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "common/files/shell_word.hpp"
#include "common/terminal/paragraphs.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/challenge.hpp"
#include "runner/commands.hpp"
#include "runner/compiler_log.hpp"
#include "runner/corpora.hpp"
#include "runner/course.hpp"
#include "runner/markdown.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"
#include "runner/terminal.hpp"
#include "runner/verdict.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string three_digits(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", x);
  return text;
}

/// my/challenge_02: the reader's files for it. What is not there comes from the reference, so that the exercises' files in
/// my/ stay as they are and take no part.
fs::path folder_of(const Course& course, const Challenge& challenge) {
  const std::string name = short_name(challenge.chapter);
  return course.workspace().my / ("challenge_" + name.substr(2));
}

/// Puts the files to work on into the challenge's folder, the reader's own where they have passed.
void prepare(const Course& course, const Challenge& challenge) {
  const fs::path folder = folder_of(course, challenge);
  for (const fs::path& file : challenge.files) {
    fs::path from = course.workspace().root / "chapters" / file;
    for (const Exercise& exercise : course.exercises()) {
      const bool passed = course.is_done(exercise) && !course.is_changed(exercise);
      if (exercise.part == file && passed) from = course.workspace().my / file;
    }
    fs::create_directories((folder / file).parent_path());
    fs::copy_file(from, folder / file, fs::copy_options::skip_existing);
  }
}

/// Is any file there another than the reference and than the reader's answer to its exercise?
bool is_changed(const Course& course, const Challenge& challenge) {
  const fs::path folder = folder_of(course, challenge);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const fs::path file = fs::relative(entry.path(), folder);
    const std::string text = contents_of(entry.path());
    if (text != contents_of(course.workspace().root / "chapters" / file) &&
        text != contents_of(course.workspace().my / file))
      return true;
  }
  return false;
}

std::string heading(const Challenge& challenge) {
  const Colours& c = colours();
  return c.bold + "The challenge of chapter " + std::to_string(challenge.chapter) + c.plain + ": " +
         challenge.title + "\n" + folded("  goal   " + goal_of(challenge), columns());
}

std::string whole_text(const Course& course, const Challenge& challenge) {
  const std::string text = contents_of(course.workspace().root / challenge.text);
  return in_terminal(text.substr(text.find('\n') + 1), columns(), colours());
}

std::string files_text(const Course& course, const Challenge& challenge) {
  std::string text;
  for (const fs::path& file : challenge.files) {
    text += "  write  " + clickable(folder_of(course, challenge) / file) + "\n";
  }
  return text;
}

std::string best_text(const Course& course, const Challenge& challenge) {
  const auto best = course.progress().challenges.find(challenge.chapter);
  if (best == course.progress().challenges.end()) return "not tried yet";
  return three_digits(best->second.value) + " with " + with_commas(best->second.parameters) + " parameters" +
         (best->second.value < challenge.goal ? ", reached" : "");
}

int list_all(const Course& course, const std::vector<Challenge>& all) {
  std::vector<Row> rows{{"", "challenge", "goal", "your best"}};
  for (const Challenge& challenge : all) {
    rows.push_back({std::to_string(challenge.chapter), challenge.title,
                    "below " + goal_number(challenge) + unit(challenge), best_text(course, challenge)});
  }
  print(table(rows, "rlll") + "\n" + learn("challenge N") +
        " begins one, and measures what you have made of it.\n");
  return 0;
}

/// Trains once with each seed. @returns the reports, fewer than seeds if a run has failed or was interrupted
std::pair<std::vector<Report>, ExitStatus> measure(const Repository& repository, const Course& course,
                                                   const Challenge& challenge, const std::string& program,
                                                   const std::vector<std::string>& arguments) {
  std::vector<Report> reports;
  ExitStatus status;
  const fs::path file = course.workspace().build / "bin" / (course.workspace().prefix + program);
  for (const int seed : challenge_seeds) {
    const RunFiles files = fresh_files(repository, challenge.chapter);
    Command command{file.string(), "--seed", std::to_string(seed)};
    if (challenge.is_about_text()) command.insert(command.end(), {"--data", "tinyshakespeare"});
    command.insert(command.end(), challenge.with.begin(), challenge.with.end());
    command.insert(command.end(), {"--tokens", "1", "--report", files.report.string()});
    command.insert(command.end(), arguments.begin(), arguments.end());
    ::setenv("BARDLING_CHALLENGE", "1",
             1);  // the program then makes sure that no later character is looked at
    ::setenv("BARDLING_CALLED_AS", learn("challenge " + std::to_string(challenge.chapter)).c_str(), 1);
    status = call(command, Output::hidden);
    const bool trained = status.code == 0 && !status.interrupted && fs::exists(files.report);
    if (!trained) {
      fs::remove(files.report);
      break;
    }
    reports.push_back(read_report(files.report));
    fs::remove(files.report);
    print("  seed " + std::to_string(seed) + "   " + three_digits(measured(challenge, reports.back())) +
          "\n");
    const std::string rule = broken_rule(challenge, reports.back());
    if (!rule.empty()) break;  // the other seeds would break it too
  }
  return {reports, status};
}

/// What came out, in words. @returns the exit code
int judge(Course& course, const Challenge& challenge, const std::vector<Report>& reports) {
  const Colours& c = colours();
  if (const std::string rule = broken_rule(challenge, reports.back()); !rule.empty()) {
    print("\n" + folded(c.bad + "AGAINST THE RULES" + c.plain + "  " + rule + ".", columns()));
    return 1;
  }
  double total = 0, lowest = measured(challenge, reports[0]), highest = lowest;
  for (const Report& report : reports) {
    const double value = measured(challenge, report);
    total += value;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const ChallengeBest reached{total / static_cast<double>(reports.size()), reports.back().parameters};
  if (!std::isfinite(reached.value)) {
    print("\n" + c.bad + "NOT YET" + c.plain + "  what counts is no number\n");
    return 1;
  }
  print("  mean     " + three_digits(reached.value) + ", from " + three_digits(lowest) + " to " +
        three_digits(highest) + "; " + with_commas(reached.parameters) + " parameters\n\n");
  course.note_challenge(challenge.chapter, reached);
  const bool done = reached.value < challenge.goal;
  if (done) {
    print(c.good + "REACHED" + c.plain + "  " + three_digits(challenge.goal - reached.value) +
          " below the goal\n");
  } else {
    print(c.bad + "NOT YET" + c.plain + "  " + three_digits(reached.value - challenge.goal) + " to go\n");
  }
  print("Your best: " + best_text(course, challenge) + "\n");
  return done ? 0 : 1;
}

void require_free(const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    for (const char* const ours : {"--seed", "--data", "--report", "--tokens", "--load"}) {
      if (word.substr(0, word.find('=')) == ours)
        throw std::invalid_argument(std::string(ours) + ": the challenge sets this itself");
    }
  }
}

}  // namespace

int challenge(const Repository& repository, const std::string& which,
              const std::vector<std::string>& arguments) {
  Course course(repository);
  const std::vector<Challenge> all = find_challenges(repository);
  if (which.empty()) return list_all(course, all);
  const int chapter = repository.chapter(which).number;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Challenge& challenge) { return challenge.chapter == chapter; });
  if (found == all.end()) {
    const std::string text = "chapters/" + repository.chapter(which).folder + "/exercise/challenge.md";
    throw std::invalid_argument(fs::exists(repository.root() / text)
                                    ? "what chapter " + which +
                                          " asks for has no goal to be measured here: see " + text
                                    : "chapter " + which + " has no challenge");
  }
  const Challenge& challenge = *found;
  require_free(arguments);
  const bool fresh = !fs::exists(folder_of(course, challenge));
  prepare(course, challenge);
  print(heading(challenge) + files_text(course, challenge));
  if (fresh || !is_changed(course, challenge)) {
    print(folded("         These are copies, used by the challenge alone: what you wrote for the exercises "
                 "stays as it "
                 "is.",
                 columns()) +
          "\n" + whole_text(course, challenge) + "\n");
    print("When you have changed something: " + learn("challenge " + std::to_string(chapter)) + "\n");
    return fresh ? 0 : 1;
  }
  if (challenge.is_about_text() && corpus_file(repository, "tinyshakespeare").empty()) {
    throw std::runtime_error("the goals are those for Tiny Shakespeare, which is not here yet: " +
                             learn("data fetch"));
  }
  const std::string program = "challenge_" + short_name(chapter);
  if (!built(course.workspace(), program, "building ...\n")) return 1;
  const auto [reports, status] = measure(repository, course, challenge, program, arguments);
  if (status.interrupted) return 130;
  if (reports.empty() || status.code != 0) {
    std::fprintf(stderr, "learn: the challenge's program ended with exit code %d\n", status.code);
    return 1;
  }
  return judge(course, challenge, reports);
}

}  // namespace gpt
