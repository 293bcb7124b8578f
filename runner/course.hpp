/// @file course.hpp
/// The reader at work: the exercises, how far they are, and what to say about each.
/// For the commands that guide them.
#pragma once

#include <string>
#include <vector>

#include "runner/exercise.hpp"
#include "runner/progress_file.hpp"
#include "runner/verdict.hpp"

namespace gpt {

class Course {
 public:
  /// @throws std::runtime_error if there are no exercises
  explicit Course(const Repository& repository);

  const Workspace& workspace() const { return workspace_; }
  const std::vector<Exercise>& exercises() const { return exercises_; }

  /// The one that is named, by name or number; if nothing is, the current one.
  const Exercise& chosen(const std::string& which) const;
  /// The one that the reader works on: on record, else the first that is not done.
  const Exercise& current() const;
  /// The first after this one that is not done, or the first of all; null if all are done.
  const Exercise* next_open(const Exercise& after) const;

  /// Has it passed? What has stays so; is_changed() tells whether the file is still the one that did.
  bool is_done(const Exercise& exercise) const { return progress_.done.contains(exercise.name); }
  /// It has passed, and the reader's file is another since, or gone.
  bool is_changed(const Exercise& exercise) const;
  bool is_begun(const Exercise& exercise) const;
  std::size_t count_done() const;
  bool all_done() const { return count_done() == exercises_.size(); }
  /// There are parts in my/ but no progress file: all should be checked again.
  bool progress_is_lost() const;

  /// Makes it the current one, and puts the stub into my/ unless there is a file already.
  /// @returns was the stub put there?
  bool begin(const Exercise& exercise);
  /// Puts the reader's file aside, and the stub in its place.
  /// @returns the file's new name
  std::filesystem::path start_again(const Exercise& exercise);
  /// Checks, and records what came out.
  Verdict check(const Exercise& exercise, const Limits& limits);
  /// The next hint that was not shown yet, or the last again; as a text with a heading. It belongs to the function whose
  /// test failed first at the last check, where there are hints for that.
  std::string next_hint(const Exercise& exercise);

  /// Which file to read, which to write.
  std::string task(const Exercise& exercise) const;
  /// The same with all that the exercise's README.md says.
  std::string whole_task(const Exercise& exercise) const;
  /// What came out of a check, and what to do now.
  std::string tell(const Exercise& exercise, const Verdict& verdict) const;
  const ReaderProgress& progress() const { return progress_; }
  /// Notes down what a challenge's model has reached, unless an earlier one was better.
  void note_challenge(int chapter, const ChallengeBest& reached);
  /// All exercises, a line each.
  std::string list() const;

 private:
  std::string after_success(const Exercise& exercise) const;
  /// Tests may fail because of another part of the reader's that they use: the first such that fails its own tests.
  std::string part_that_fails_first(const Exercise& exercise, const Limits& limits) const;
  /// Changes the progress as the file has it by now: another learn may have written there, such as a hint
  /// beside a watch.
  template <typename Change>
  void record(Change change);

  Workspace workspace_;
  std::vector<Exercise> exercises_;
  ReaderProgress progress_;
};

/// "Exercise 8, Multi-head attention"
std::string full_name(const Exercise& exercise);

/// "failed: row 3 of the attention weights sums to 1.37, expected 1", in one line.
std::string in_short(const Verdict& verdict);

}  // namespace gpt
