#include "runner/course.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/files/shell_word.hpp"
#include "common/terminal/paragraphs.hpp"
#include "common/terminal/text.hpp"
#include "runner/closed.hpp"
#include "runner/compiler_log.hpp"
#include "runner/markdown.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

std::string indented(const std::string& text, const std::string& by) {
  std::string all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all += line.empty() ? "\n" : by + line + "\n";
  return all;
}

const char* word(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "PASSED";
    case Outcome::borrowed:
      return "PASSES, BUT IS NOT YOURS";
    case Outcome::missing:
      return "NOT BEGUN";
    case Outcome::not_compiled:
      return "DOES NOT COMPILE";
    case Outcome::not_built:
      return "NOT BUILT";
    case Outcome::not_proven:
      return "NOT PROVEN";
    case Outcome::not_written:
      return "NOT WRITTEN YET";
    case Outcome::failed:
      return "FAILED";
    case Outcome::crashed:
      return "CRASHED";
    case Outcome::out_of_time:
      return "TIMED OUT";
    case Outcome::stopped:
      break;
  }
  return "STOPPED";
}

/// "3 of 7 tests pass"; empty if none was run.
std::string count_of(const Verdict& verdict) {
  const std::vector<TestResult>& tests = verdict.tests;
  if (tests.empty()) return {};
  const auto passed =
      std::count_if(tests.begin(), tests.end(), [](const auto& test) { return test.passed(); });
  return std::to_string(passed) + " of " + std::to_string(std::max(verdict.all_tests, tests.size())) +
         " tests pass";
}

/// Which other tests failed, or were not reached, below the first one; empty if none.
std::string others(const Verdict& verdict) {
  std::string text;
  bool first = true;
  for (const TestResult& test : verdict.tests) {
    if (!test.passed() && !std::exchange(first, false)) text += folded("  - " + test.name, columns());
  }
  if (!text.empty()) text = "\nThese fail, too:\n" + text;
  if (verdict.all_tests > verdict.tests.size()) {
    const std::size_t n = verdict.all_tests - verdict.tests.size();
    text += "\n" + std::to_string(n) + (n == 1 ? " test was" : " tests were") + " not reached.\n";
  }
  return text;
}

/// 16 hexadecimal digits that another text would not have; empty if there is no such file. FNV-1a (Fowler, Noll and
/// Vo 1991).
std::string fingerprint(const fs::path& file) {
  if (!fs::is_regular_file(file)) return {};
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : contents_of(file)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

const TestResult* first_failed(const std::vector<TestResult>& tests) {
  const auto found =
      std::find_if(tests.begin(), tests.end(), [](const auto& test) { return !test.passed(); });
  return found == tests.end() ? nullptr : &*found;
}

/// Those for the function of the first test that failed, else those for the whole exercise, else the first.
const Hints& fitting(const std::vector<Hints>& all, const std::vector<TestResult>& tests) {
  const TestResult* const failed = first_failed(tests);
  const auto first = [&](auto condition) { return std::find_if(all.begin(), all.end(), condition); };
  auto found = first([&](const Hints& those) { return failed != nullptr && is_about(*failed, those.about); });
  if (found == all.end()) found = first([](const Hints& those) { return those.about.empty(); });
  return found == all.end() ? all.front() : *found;
}

std::string success(const Workspace& workspace, const Exercise& exercise, const Verdict& verdict) {
  const Colours& c = colours();
  std::string text = c.good + "PASSED" + c.plain + "  " + exercise.name + ": " + count_of(verdict) +
                     ", compiled from " + clickable(workspace.my / exercise.part) + "\n\n";
  text += "What your code has just shown:\n";
  for (const TestResult& test : verdict.tests)
    text += "  " + c.good + "+" + c.plain + folded("    " + test.name, columns()).substr(3);
  return text;
}

}  // namespace

std::string full_name(const Exercise& exercise) {
  return "Exercise " + std::to_string(exercise.number) + ", " + exercise.title;
}

std::string in_short(const Verdict& verdict) {
  if (verdict.outcome == Outcome::passed) return "passed, " + count_of(verdict);
  if (verdict.outcome == Outcome::missing) return "not begun";
  const std::string first_line = verdict.problem.substr(0, verdict.problem.find('\n'));
  if (verdict.outcome == Outcome::not_compiled)
    return "does not compile: " + (verdict.where.empty() ? "" : verdict.where + ": ") + first_line;
  if (verdict.outcome == Outcome::borrowed) return first_line;
  return verdict.outcome == Outcome::not_written ? first_line : "failed: " + first_line;
}

Course::Course(const Repository& repository)
    : workspace_(open_workspace(repository)), exercises_(find_exercises(workspace_.root)) {
  require_open(workspace_.root, workspace_.progress_file(), Access::read);
  progress_ = read_progress(workspace_.progress_file());
  if (exercises_.empty()) {
    throw std::runtime_error("there are no exercises in " + (workspace_.root / "chapters").string());
  }
}

const Exercise& Course::chosen(const std::string& which) const {
  return which.empty() ? current() : find(exercises_, which);
}

const Exercise& Course::current() const {
  for (const Exercise& exercise : exercises_) {
    if (exercise.name == progress_.current) return exercise;
  }
  const Exercise* const open = next_open(exercises_.back());
  return open == nullptr ? exercises_.back() : *open;
}

const Exercise* Course::next_open(const Exercise& after) const {
  for (std::size_t i = 0; i < exercises_.size(); ++i) {
    const Exercise& exercise = exercises_[(after.number + i) % exercises_.size()];
    if (!is_done(exercise)) return &exercise;
  }
  return nullptr;
}

bool Course::is_begun(const Exercise& exercise) const { return fs::exists(workspace_.my / exercise.part); }

bool Course::is_changed(const Exercise& exercise) const {
  const auto passed = progress_.done.find(exercise.name);
  if (passed == progress_.done.end()) return false;
  const std::string now = fingerprint(workspace_.my / exercise.part);
  return passed->second.empty() ? now.empty() : now != passed->second;
}

std::size_t Course::count_done() const {
  return static_cast<std::size_t>(std::count_if(exercises_.begin(), exercises_.end(),
                                                [this](const auto& exercise) { return is_done(exercise); }));
}

bool Course::progress_is_lost() const {
  return !fs::exists(workspace_.progress_file()) &&
         std::any_of(exercises_.begin(), exercises_.end(),
                     [this](const auto& exercise) { return is_begun(exercise); });
}

template <typename Change>
void Course::record(Change change) {
  require_open(workspace_.root, workspace_.progress_file(), Access::write);
  if (fs::exists(workspace_.progress_file())) progress_ = read_progress(workspace_.progress_file());
  change(progress_);
  write_progress(workspace_.progress_file(), progress_);
}

bool Course::begin(const Exercise& exercise) {
  record([&](ReaderProgress& progress) { progress.current = exercise.name; });
  const fs::path mine = workspace_.my / exercise.part;
  if (fs::exists(mine)) return false;
  fs::remove(log_file(workspace_, exercise));  // it spoke of another file
  fs::create_directories(mine.parent_path());
  return fs::copy_file(workspace_.root / exercise.stub(), mine, fs::copy_options::skip_existing);
}

fs::path Course::start_again(const Exercise& exercise) {
  const fs::path mine = workspace_.my / exercise.part;
  fs::path aside;
  if (fs::exists(mine)) {
    for (int i = 1; aside.empty() || fs::exists(aside); ++i) aside = mine.string() + "." + std::to_string(i);
    fs::rename(mine, aside);
  }
  record([&](ReaderProgress& progress) {
    progress.done.erase(exercise.name);
    std::erase_if(progress.hints, [&](const auto& noted) {
      return noted.first.substr(0, noted.first.find(':')) == exercise.name;
    });
  });
  begin(exercise);
  return aside;
}

Verdict Course::check(const Exercise& exercise, const Limits& limits) {
  if (fs::exists(workspace_.my)) require_open(workspace_.root, workspace_.progress_file(), Access::write);
  Verdict verdict = examine(workspace_, exercise, limits);
  const bool unclear = verdict.outcome == Outcome::failed || verdict.outcome == Outcome::crashed ||
                       verdict.outcome == Outcome::out_of_time;
  if (unclear) verdict.first = part_that_fails_first(exercise, limits);
  if (verdict.outcome == Outcome::stopped || verdict.outcome == Outcome::not_built) return verdict;
  if (!fs::exists(workspace_.my)) {  // nothing is done, and there is no place to note that down
    progress_.done.clear();
    return verdict;
  }
  record([&](ReaderProgress& progress) {
    if (verdict.outcome == Outcome::passed)
      progress.done[exercise.name] = fingerprint(workspace_.my / exercise.part);
  });
  return verdict;
}

std::string Course::part_that_fails_first(const Exercise& exercise, const Limits& limits) const {
  const std::vector<fs::path> sources = sources_of(workspace_, "exercise_" + exercise.name);
  for (const Exercise& other : exercises_) {
    const fs::path file = (workspace_.my / other.part).lexically_normal();
    if (other.part == exercise.part || (is_done(other) && !is_changed(other)) ||
        std::find(sources.begin(), sources.end(), file) == sources.end()) {
      continue;
    }
    const Verdict its = examine(workspace_, other, limits);
    if (its.outcome == Outcome::passed || its.outcome == Outcome::borrowed || its.outcome == Outcome::stopped)
      continue;
    return "Your " + other.name +
           ", which is used here, does not pass its own tests: " + learn("check " + other.name) +
           ". Begin there.";
  }
  return {};
}

std::string Course::next_hint(const Exercise& exercise) {
  const std::vector<Hints> all = hints(workspace_.root, exercise);
  if (all.empty()) return "There is no hint for " + exercise.name + ".\n";
  const std::vector<TestResult> results = read_test_log(contents_of(log_file(workspace_, exercise)));
  const Hints& those = fitting(all, results);
  const std::string name = exercise.name + (those.about.empty() ? "" : ":" + those.about);
  std::size_t shown = 0;
  record([&](ReaderProgress& progress) {
    std::size_t& noted = progress.hints[name];
    shown = noted = std::min(noted + 1, those.texts.size());
  });
  std::string text = colours().bold + "Hint " + std::to_string(shown) + " of " +
                     std::to_string(those.texts.size()) + colours().plain + " for " + exercise.name +
                     (those.about.empty() ? "" : ": " + those.about) + "\n\n" +
                     reflowed(those.texts[shown - 1], columns()) + "\n";
  if (shown < those.texts.size())
    return text + colours().dim + "Ask again for one that says more.\n" + colours().plain;
  return text + colours().dim + "That was the last one; " + learn("solution " + exercise.name) +
         " shows how the reference does it.\n" + colours().plain;
}

std::string Course::task(const Exercise& exercise) const {
  return colours().bold + full_name(exercise) + colours().plain + " (chapter " +
         std::to_string(exercise.chapter) + ", " + exercise.name + ")\n" + "  read   " +
         clickable(workspace_.root / exercise.folder / "README.md") + "\n" + "  write  " +
         clickable(workspace_.my / exercise.part) + "\n";
}

std::string Course::whole_task(const Exercise& exercise) const {
  const std::string readme = contents_of(workspace_.root / exercise.folder / "README.md");
  std::string text;
  bool begun = false;  // the title and the file's name stand in task() already
  for (const std::string& line : lines_of(readme)) {
    if (!begun && (line.empty() || line.starts_with("# ") || line.starts_with("File:"))) continue;
    begun = true;
    text += line + "\n";
  }
  return task(exercise) + "\n" + in_terminal(text, columns(), colours());
}

void Course::note_challenge(int chapter, const ChallengeBest& reached) {
  record([&](ReaderProgress& progress) {
    const auto [best, is_first] = progress.challenges.try_emplace(chapter, reached);
    if (!is_first && reached.value < best->second.value) best->second = reached;
  });
}

std::string Course::after_success(const Exercise& exercise) const {
  std::string text = "\nThe reference: " + clickable(workspace_.root / exercise.reference()) + " (" +
                     learn("solution " + exercise.name) + " compares)\n";
  const auto of_chapter = [&](const Exercise& other) {
    return other.chapter != exercise.chapter || is_done(other);
  };
  if (std::all_of(exercises_.begin(), exercises_.end(), of_chapter)) {
    const std::string chapter = std::to_string(exercise.chapter);
    text += "All of chapter " + chapter + " is done: " + learn("run " + chapter + " --mine") +
            " runs it with your parts.\n";
  }
  if (const Exercise* const next = next_open(exercise)) {
    return text + "Next: " + full_name(*next) + " - " + learn("exercise " + next->name) + "\n";
  }
  return text;
}

std::string Course::tell(const Exercise& exercise, const Verdict& verdict) const {
  const Colours& c = colours();
  if (verdict.outcome == Outcome::passed) {
    return success(workspace_, exercise, verdict) + after_success(exercise);
  }
  std::string text = c.bad + word(verdict.outcome) + c.plain + "  " + exercise.name;
  if (!verdict.tests.empty()) text += ": " + count_of(verdict);
  text += "\n\n";
  if (!verdict.first.empty()) text += c.bold + folded(verdict.first, columns()) + c.plain + "\n";
  const bool from_compiler = verdict.outcome == Outcome::not_compiled;
  if (from_compiler && !verdict.where.empty()) text += c.bold + verdict.where + c.plain + "\n";
  const TestResult* const test = first_failed(verdict.tests);
  if (test != nullptr) text += folded("  " + test->name, columns());
  const std::string problem = indented(verdict.problem, test != nullptr ? "    " : "  ");
  text += c.bold + (from_compiler ? problem : folded(problem, columns())) + c.plain;
  if (!from_compiler && !verdict.where.empty())
    text += c.dim + "  (the test: " + verdict.where + ")" + c.plain + "\n";
  if (!verdict.hint.empty()) text += "\n" + folded(verdict.hint, columns());
  if (test != nullptr && verdict.outcome != Outcome::not_written) text += others(verdict);
  if (!verdict.printed.empty()) text += "\nYour code printed:\n" + indented(verdict.printed, "  | ");
  if (is_done(exercise)) {
    text += folded(
        is_changed(exercise)
            ? "\nIt passed before, and that counts; your file has changed since."
            : "\nIt passed before with this very file, and that counts: something that it uses has changed "
              "since, or its tests have.",
        columns());
  }
  if (verdict.outcome == Outcome::missing) return text;
  text += "\n" + c.dim + "Your file: " + clickable(workspace_.my / exercise.part) + "\n" +
          "Task: " + learn("task") + "   Stuck? " + learn("hint") +
          (from_compiler ? "   All errors: " + learn("check --full") : "") + c.plain + "\n";
  return text;
}

std::string Course::list() const {
  const Colours& c = colours();
  const Exercise& now = current();
  std::string text;
  int chapter = 0;
  for (const Exercise& exercise : exercises_) {
    if (std::exchange(chapter, exercise.chapter) != exercise.chapter) {
      text += c.bold + "Chapter " + std::to_string(chapter) + c.plain + "\n";
    }
    const bool done = is_done(exercise), here = exercise.name == now.name;
    const std::string state = done ? "done" : is_begun(exercise) ? "begun" : "open";
    std::string number = std::to_string(exercise.number), name = exercise.name;
    number.insert(0, number.size() < 2 ? 1 : 0, ' ');
    name.resize(std::max<std::size_t>(name.size(), 22), ' ');
    text += std::string(here ? "> " : "  ") + number + "  " + (done ? c.good : c.plain) + state +
            std::string(7 - state.size(), ' ') + c.plain + name + " " + exercise.title + "\n";
    if (!is_changed(exercise)) continue;
    const bool gone = !is_begun(exercise);
    text += std::string(13, ' ') + c.dim +
            (gone ? "its file is gone since it passed" : "its file has changed since it passed") + c.plain +
            "\n";
  }
  return text;
}

}  // namespace gpt
