#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "common/terminal/interrupt.hpp"
#include "runner/commands.hpp"
#include "runner/compiler_log.hpp"
#include "runner/desk.hpp"
#include "runner/process.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

int check_all(Desk& desk, const Patience& patience) {
  std::vector<std::string> targets;
  for (const Exercise& exercise : desk.exercises()) {
    if (desk.is_begun(exercise)) targets.push_back("exercise_" + exercise.name);
  }
  // All at once first, so that the compiler is busy on every core; what it says comes up again one by one.
  if (!targets.empty()) build(desk.workshop(), targets, patience);
  for (const Exercise& exercise : desk.exercises()) {
    const Verdict verdict = desk.check(exercise, patience);
    if (verdict.outcome == Outcome::stopped) return 130;
    const bool passed = verdict.outcome == Outcome::passed;
    std::printf("%2zu  %s%-22s%s %s\n", exercise.number, passed ? colours().good.c_str() : "",
                exercise.name.c_str(), colours().plain.c_str(), in_short(verdict).c_str());
    std::fflush(stdout);
  }
  print("\n" + bar(desk.count_done(), desk.exercises().size()) + "\n");
  if (desk.all_done()) print("Every part of the GPT is yours: ./learn run 6 --mine\n");
  return desk.all_done() ? 0 : 1;
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

int exercise(const Place& place, const std::string& which, bool edit) {
  Desk desk(place);
  const Exercise* chosen = &desk.chosen(which);
  if (which.empty() && desk.is_done(*chosen) && desk.next_open(*chosen) != nullptr) {
    chosen = desk.next_open(*chosen);
  }
  const bool fresh = desk.begin(*chosen);
  print(desk.task(*chosen));
  if (!fresh) print("         (it is there already, and was left as it is)\n");
  print("  then   ./learn check, or ./learn watch in a second terminal\n");
  if (!edit) return 0;
  const char* const editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == 0) {
    std::fprintf(stderr, "learn: --edit wants to know your editor: EDITOR=nano ./learn exercise --edit\n");
    return 2;
  }
  // EDITOR may hold options: the shell splits it.
  return call({"sh", "-c", std::string(editor) + " \"$1\"", "sh",
               (desk.workshop().my / chosen->part).string()})
      .code;
}

int check(const Place& place, const CheckOptions& options) {
  Desk desk(place);
  const Interrupt interrupt;
  const Patience patience{options.seconds, [&] { return interrupt.requested(); }};
  if (options.all || (options.which.empty() && desk.notes_are_lost())) {
    if (!options.all) print("my/progress.txt is gone; checking all that is in my/ again.\n\n");
    return check_all(desk, patience);
  }
  const Exercise& chosen = desk.chosen(options.which);
  if (isatty(STDOUT_FILENO) != 0) print("checking " + chosen.name + " ...");
  const Verdict verdict = desk.check(chosen, patience);
  if (isatty(STDOUT_FILENO) != 0) print("\r\033[K");
  if (verdict.outcome == Outcome::stopped) return 130;
  if (options.full) print(verdict.log + "\n");
  print(desk.tell(chosen, verdict));
  print("\n" + bar(desk.count_done(), desk.exercises().size()) + "\n");
  return verdict.outcome == Outcome::passed ? 0 : 1;
}

int hint(const Place& place, const std::string& which) {
  Desk desk(place);
  print(desk.next_hint(desk.chosen(which)));
  return 0;
}

int list_exercises(const Place& place) {
  const Desk desk(place);
  print(desk.list() + "\n" + bar(desk.count_done(), desk.exercises().size()) + "\n");
  return 0;
}

int solution(const Place& place, const std::string& which) {
  const Desk desk(place);
  const Exercise& chosen = desk.chosen(which);
  if (!desk.is_done(chosen) &&
      !agreed(chosen.name + " has not passed its tests yet. Show the solution all the same?")) {
    print("As you wish. ./learn hint " + chosen.name + " says a little, and then a little more.\n");
    return 1;
  }
  const fs::path mine = desk.workshop().my / chosen.part,
                 reference = desk.workshop().root / chosen.reference();
  if (!desk.is_begun(chosen)) {
    print(text_of(reference));
    return 0;
  }
  const Captured differences =
      capture({"diff", "-u", mine.string(), reference.string()}, 20, [] { return false; });
  if (differences.ended.code == 0) {
    print("Yours is the reference, letter by letter.\n");
  } else if (differences.ended.code == 1) {
    print("Lines with - are yours, lines with + are the reference's:\n\n" + coloured(differences.text));
  } else {  // there is no `diff` here
    print("The reference, " + clickable(reference) + ":\n\n" + text_of(reference));
  }
  return 0;
}

int reset(const Place& place, const std::string& which) {
  Desk desk(place);
  const Exercise& chosen = desk.chosen(which);
  const fs::path aside = desk.start_again(chosen);
  if (!aside.empty()) print("Your file was kept as " + clickable(aside) + "\n");
  print(clickable(desk.workshop().my / chosen.part) + " is at its beginning again.\n");
  return 0;
}

}  // namespace gpt
