#include <algorithm>
#include <cstdio>

#include "common/terminal/interrupt.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/compiler_log.hpp"
#include "runner/course.hpp"
#include "runner/process.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// Builds the program. @returns false if that failed, which it tells
bool built(const Course& course, const std::string& program) {
  const Interrupt interrupt;
  std::printf("building %s with your parts ...\n", program.c_str());
  std::fflush(stdout);
  const Verdict verdict = build(course.workspace(), {program}, {0, [&] { return interrupt.requested(); }});
  if (verdict.outcome == Outcome::passed) return true;
  if (verdict.outcome != Outcome::stopped) {
    std::fprintf(stderr, "\n%s\n%s\n%s\n", verdict.where.c_str(), verdict.problem.c_str(),
                 verdict.hint.c_str());
  }
  return false;
}

struct Shares {
  std::vector<std::string> yours, reference;  // names of exercises whose parts are in the program
};

Shares shares(const Course& course, const std::string& program) {
  const std::vector<fs::path> sources = sources_of(course.workspace(), program);
  const auto holds = [&](const fs::path& file) {
    return std::find(sources.begin(), sources.end(), file.lexically_normal()) != sources.end();
  };
  Shares found;
  for (const Exercise& exercise : course.exercises()) {
    if (holds(course.workspace().my / exercise.part)) {
      found.yours.push_back(exercise.name + (course.is_done(exercise) ? "" : " (not passed yet)"));
    } else if (holds(course.workspace().root / exercise.reference())) {
      found.reference.push_back(exercise.name);
    }
  }
  return found;
}

}  // namespace

int run_mine(const Repository& repository, int chapter, const std::vector<std::string>& arguments) {
  const Course course(repository);
  const std::string program = short_name(chapter);
  if (!built(course, program)) return 1;
  const Shares parts = shares(course, program);
  if (!parts.yours.empty()) std::printf("Yours: %s\n", joined(parts.yours, ", ").c_str());
  if (!parts.reference.empty())
    std::printf("From the reference: %s\n", joined(parts.reference, ", ").c_str());
  std::puts("");
  std::fflush(stdout);

  Command command{(course.workspace().build / "bin" / (course.workspace().prefix + program)).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ExitStatus status = call(command);
  if (status.signal != 0 && !status.interrupted) {
    std::fprintf(stderr, "learn: the program crashed: %s. ./learn check --all looks at your parts.\n",
                 signal_name(status.signal).c_str());
  } else if (status.code != 0 && !status.interrupted) {
    std::fprintf(
        stderr,
        "learn: a part of yours that is not finished stops the program; the reference takes its place while "
        "its file is not in my/.\n");
  } else if (chapter == repository.end_of_tour().number && course.all_done() && parts.reference.empty()) {
    std::printf(
        "\n%s*** Every part of the GPT that just spoke is yours. You have built it; well done! ***%s\n",
        colours().good.c_str(), colours().plain.c_str());
  }
  return status.code;
}

}  // namespace gpt
