/// @file exercise.hpp
/// Which exercises there are: found by looking into the chapters' folders, so that a
/// new one needs no word here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "runner/repository.hpp"

namespace gpt {

/// Where the reader works. The tests of the exercises work in folders of their own, so that they leave the
/// reader's alone: they set BARDLING_PARTS=trial_01.
struct Workspace {
  std::filesystem::path root;   // the tutorial's folder
  std::filesystem::path my;     // the reader's parts
  std::filesystem::path build;  // what CMake configured
  std::filesystem::path plan;   // what Ninja reads there; a test may have its own, to build beside others
  std::string prefix;           // of the programs that are built from the reader's parts: "my_"

  std::filesystem::path progress_file() const { return my / "progress.txt"; }
};

Workspace open_workspace(const Repository& repository);

/// One folder chapters/CH/exercise/K_NAME.
struct Exercise {
  std::size_t number;            // among all, from 1
  int chapter;                   // its number
  std::size_t order;             // in its chapter, K
  std::string name;              // NAME, "head"
  std::string title;             // of its README.md
  std::filesystem::path folder;  // "chapters/02_self_attention/exercise/3_head", below the tutorial's folder
  std::filesystem::path part;    // "02_self_attention/head.hpp", below my/ and below chapters/
  std::string by_hand =
      {};  // the function that is to be written, "relu_by_hand"; empty if nothing is forbidden
  std::set<std::string> not_to_be_called = {};  // by it: the library's own version of it

  std::filesystem::path stub() const { return folder / part.filename(); }
  std::filesystem::path reference() const { return "chapters" / part; }
  std::filesystem::path test() const { return reference().parent_path() / ("test_" + name + ".cpp"); }
};

/// All of them, in the order of the tutorial.
std::vector<Exercise> find_exercises(const std::filesystem::path& root);

/// @param which  a name, "head"; a number among all, "8"; or a chapter and a number in it, "2.3"
/// @throws std::invalid_argument if there is no such exercise, naming one that is spelled alike
const Exercise& find(const std::vector<Exercise>& exercises, const std::string& which);

/// Hints that belong together, from a nudge to nearly the answer.
struct Hints {
  std::string about;               // the function that they help with, "encode"; empty if with all
  std::vector<std::string> texts;  // at least one
};

/// The sections of an exercise's hints.md, without their headings: "## Hint 1", "## Hint 2" ... for all of it, and
/// "## Hint 1 for encode" for one function.
std::vector<Hints> hints(const std::filesystem::path& root, const Exercise& exercise);

/// A file's text; empty if it cannot be read.
std::string contents_of(const std::filesystem::path& file);

}  // namespace gpt
