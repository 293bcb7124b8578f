#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "common/files/shell_word.hpp"
#include "common/terminal/interrupt.hpp"
#include "common/terminal/screen.hpp"
#include "runner/closing.hpp"
#include "runner/commands.hpp"
#include "runner/compiler_log.hpp"
#include "runner/course.hpp"
#include "runner/process.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

int check_all(const Repository& repository, Course& course, const Limits& limits) {
  std::vector<std::string> targets;
  for (const Exercise& exercise : course.exercises()) {
    if (course.is_begun(exercise)) targets.push_back("exercise_" + exercise.name);
  }
  // All at once first, so that the compiler is busy on every core; what it says comes up again one by one.
  if (!targets.empty()) build(course.workspace(), targets, limits);
  for (const Exercise& exercise : course.exercises()) {
    const Verdict verdict = course.check(exercise, limits);
    if (verdict.outcome == Outcome::stopped) return 130;
    const bool passed = verdict.outcome == Outcome::passed;
    std::printf("%2zu  %s%-22s%s %s\n", exercise.number, passed ? colours().good.c_str() : "",
                exercise.name.c_str(), colours().plain.c_str(), in_short(verdict).c_str());
    std::fflush(stdout);
  }
  print("\n" + bar(course.count_done(), course.exercises().size()) + "\n");
  if (course.all_done()) print("\n" + closing_screen(repository, course));
  return course.all_done() ? 0 : 1;
}

/// With the colours that `git diff` has.
std::string coloured(const std::string& differences) {
  const Colours& c = colours();
  std::string all;
  std::istringstream lines(differences);
  for (std::string line; std::getline(lines, line);) {
    const bool added = line.starts_with('+'), removed = line.starts_with('-');
    all += (added ? c.good : removed ? c.bad : c.plain) + line + c.plain + "\n";
  }
  return all;
}

bool agreed(const std::string& question) {
  print(question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (!std::cin) print("\n");
  return answer.starts_with('y') || answer.starts_with('Y');
}

}  // namespace

int exercise(const Repository& repository, const std::string& which, bool edit) {
  Course course(repository);
  const Exercise* chosen = &course.chosen(which);
  if (which.empty() && course.is_done(*chosen) && course.next_open(*chosen) != nullptr) {
    chosen = course.next_open(*chosen);
  }
  const bool fresh = course.begin(*chosen);
  print(course.task(*chosen));
  if (!fresh) print("         (it is there already, and was left as it is)\n");
  print("  then   " + learn("task") + " shows what to do here; " + learn("check") + " tests it, " +
        learn("watch") + " on every save\n");
  if (!edit) return 0;
  const char* const editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == 0) {
    std::fprintf(stderr, "learn: --edit wants to know your editor: EDITOR=nano %s\n",
                 learn("exercise --edit").c_str());
    return 2;
  }
  // EDITOR may hold options: the shell splits it.
  return call({"sh", "-c", std::string(editor) + " \"$1\"", "sh",
               (course.workspace().my / chosen->part).string()})
      .code;
}

int check(const Repository& repository, const CheckOptions& options) {
  Course course(repository);
  const Interrupt interrupt;
  const Limits limits{options.seconds, [&] { return interrupt.requested(); }};
  if (options.all || (options.which.empty() && course.progress_is_lost())) {
    if (!options.all) print("my/progress.txt is gone; checking all that is in my/ again.\n\n");
    return check_all(repository, course, limits);
  }
  const Exercise& chosen = course.chosen(options.which);
  if (is_screen(STDOUT_FILENO)) print("checking " + chosen.name + " ...");
  const Verdict verdict = course.check(chosen, limits);
  if (is_screen(STDOUT_FILENO)) print("\r\033[K");
  if (verdict.outcome == Outcome::stopped) return 130;
  if (options.full) print(verdict.log + "\n");
  print(course.tell(chosen, verdict));
  if (verdict.outcome == Outcome::passed && course.all_done())
    print("\n" + closing_screen(repository, course));
  print("\n" + bar(course.count_done(), course.exercises().size()) + "\n");
  return verdict.outcome == Outcome::passed ? 0 : 1;
}

int task(const Repository& repository, const std::string& which) {
  const Course course(repository);
  print(course.whole_task(course.chosen(which)));
  return 0;
}

int hint(const Repository& repository, const std::string& which) {
  Course course(repository);
  print(course.next_hint(course.chosen(which)));
  return 0;
}

int list_exercises(const Repository& repository) {
  const Course course(repository);
  print(course.list() + "\n" + bar(course.count_done(), course.exercises().size()) + "\n");
  return 0;
}

int solution(const Repository& repository, const std::string& which) {
  const Course course(repository);
  const Exercise& chosen = course.chosen(which);
  if (!course.is_done(chosen) &&
      !agreed(chosen.name + " has not passed its tests yet. Show the solution all the same?")) {
    print("As you wish. " + learn("hint " + chosen.name) + " says a little, and then a little more.\n");
    return 1;
  }
  const fs::path mine = course.workspace().my / chosen.part,
                 reference = course.workspace().root / chosen.reference();
  if (!course.is_begun(chosen)) {
    print(contents_of(reference));
    return 0;
  }
  const Captured differences =
      capture({"diff", "-u", mine.string(), reference.string()}, 20, [] { return false; });
  if (differences.status.code == 0) {
    print("Yours is the reference, letter by letter.\n");
  } else if (differences.status.code == 1) {
    print("Lines with - are yours, lines with + are the reference's:\n\n" + coloured(differences.text));
  } else {  // there is no `diff` here
    print("The reference, " + clickable(reference) + ":\n\n" + contents_of(reference));
  }
  return 0;
}

int reset(const Repository& repository, const std::string& which) {
  Course course(repository);
  const Exercise& chosen = course.chosen(which);
  const fs::path aside = course.start_again(chosen);
  if (!aside.empty()) print("Your file was kept as " + clickable(aside) + "\n");
  print(clickable(course.workspace().my / chosen.part) + " is at its beginning again.\n");
  return 0;
}

}  // namespace gpt
