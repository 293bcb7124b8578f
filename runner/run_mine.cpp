#include <algorithm>
#include <cstdio>

#include "common/files/shell_word.hpp"
#include "common/terminal/paragraphs.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/course.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"
#include "runner/terminal.hpp"
#include "runner/verdict.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// Names of exercises, by where their parts come from in a program.
struct Shares {
  std::vector<std::string> yours, reference;
  std::vector<std::string> elsewhere;  // passed, and not needed by this program
  bool all_passed = true;              // yours are the files that passed their tests
};

Shares shares(const Course& course, const std::string& program) {
  const std::vector<fs::path> sources = sources_of(course.workspace(), program);
  const auto holds = [&](const fs::path& file) {
    return std::find(sources.begin(), sources.end(), file.lexically_normal()) != sources.end();
  };
  Shares found;
  for (const Exercise& exercise : course.exercises()) {
    const bool passed = course.is_done(exercise), changed = course.is_changed(exercise);
    if (holds(course.workspace().my / exercise.part)) {
      const char* const note = !passed ? " (not passed yet)" : changed ? " (changed since it passed)" : "";
      found.yours.push_back(exercise.name + note);
      found.all_passed = found.all_passed && passed && !changed;
    } else if (holds(course.workspace().root / exercise.reference())) {
      found.reference.push_back(exercise.name);
    } else if (passed) {
      found.elsewhere.push_back(exercise.name);
    }
  }
  return found;
}

void print_names(const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::fputs(folded(what + (": " + joined(names, ", ")), columns()).c_str(), stdout);
}

bool only_help(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

}  // namespace

int run_mine(const Repository& repository, int chapter, const std::vector<std::string>& arguments) {
  const Course course(repository);
  const std::string program = short_name(chapter);
  if (!built(course.workspace(), program, "building " + program + " with your parts ...\n")) return 1;
  const Shares parts = shares(course, program);
  print_names("Yours", parts.yours);
  print_names("From the reference", parts.reference);
  print_names("Yours, and not needed by this program", parts.elsewhere);
  std::puts("");
  std::fflush(stdout);

  const fs::path file = course.workspace().build / "bin" / (course.workspace().prefix + program);
  const ExitStatus status = run_and_keep(repository, chapter, file, arguments, Parts::yours,
                                         learn("run " + std::to_string(chapter) + " --mine"));
  if (status.signal != 0 && !status.interrupted) {
    std::fprintf(stderr, "learn: the program crashed: %s. %s looks at your parts.\n",
                 signal_name(status.signal).c_str(), learn("check --all").c_str());
  } else if (status.code == 1 && !parts.all_passed) {
    std::fputs(
        "learn: not all parts of yours pass their tests; the reference takes a part's place while its file "
        "is "
        "not in my/.\n",
        stderr);
  } else if (status.code == 0 && !only_help(arguments) && !parts.yours.empty() && parts.reference.empty() &&
             parts.all_passed) {
    std::printf("\n%s%s%s", colours().good.c_str(),
                folded("*** Every part of this program that is an exercise is yours: " +
                           std::to_string(parts.yours.size()) + " of them, and all pass their tests. ***",
                       columns())
                    .c_str(),
                colours().plain.c_str());
    std::fputs(
        folded(
            "The library's are the tensors, their tape and their operations, linear layers, embeddings and "
            "the optimiser.",
            columns())
            .c_str(),
        stdout);
  }
  return status.code;
}

}  // namespace gpt
