/// @file verdict.hpp
/// Is this part right? Builds the tests of an exercise with the reader's file in the reference's place, makes
/// sure that it was this file, and runs them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runner/exercise.hpp"
#include "runner/test_log.hpp"

namespace gpt {

enum class Outcome {
  passed,
  borrowed,      // passes, by the library's own version of what was to be written
  missing,       // there is no such file in my/
  not_compiled,  // what the compiler says is in `problem`
  not_built,     // something else failed, which is not the reader's fault
  not_proven,    // it was not the reader's file that was compiled
  not_written,   // still says todo()
  failed,        // an expectation was not met
  crashed,
  out_of_time,
  stopped,  // on request
};

struct Verdict {
  Outcome outcome = Outcome::stopped;
  std::string first;              // another part of the reader's that should be mended before; may be empty
  std::string problem;            // in a line, or a few
  std::string where;              // file:line
  std::string hint;               // what usually helps; may be empty
  std::vector<TestResult> tests;  // as far as they came
  std::size_t all_tests = 0;      // how many there are; 0 if none was begun
  std::string printed;            // what the reader's code printed
  std::string log;                // all that the compiler or the tests said
};

struct Limits {
  double seconds = 20;  // for the tests; the compiler may take longer
  std::function<bool()> stop = [] { return false; };
};

Verdict examine(const Workspace& workspace, const Exercise& exercise, const Limits& limits);

/// What the tests of an exercise write at each check that comes so far; see read_test_log().
std::filesystem::path log_file(const Workspace& workspace, const Exercise& exercise);

/// Builds programs of this name from the reader's parts; the target's name without
/// its prefix, "exercise_head".
/// @returns a verdict of passed, not_compiled, not_built or stopped
Verdict build(const Workspace& workspace, const std::vector<std::string>& targets, const Limits& limits);

/// Where, what and what usually helps, each in a line of its own, as far as it is known.
std::string why_not_built(const Verdict& verdict);

/// Builds a program for somebody who waits for it: prints the line first, and, if it cannot be built, why. Ctrl-C stops it.
bool built(const Workspace& workspace, const std::string& program, const std::string& line);

/// The files of my/ and chapters/ that a program was compiled from, as the compiler noted them down.
/// @param program  its name without the prefix: "exercise_head", "ch02"
std::vector<std::filesystem::path> sources_of(const Workspace& workspace, const std::string& program);

}  // namespace gpt
