/// @file commands.hpp
/// What the runner can do: each command is one function in a file of its name. main.cpp reads their options,
/// and help.txt tells readers about them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runner/repository.hpp"

namespace gpt {

struct TourOptions {
  std::string data;    // empty: Tiny Shakespeare where it can be had, else the built-in play
  bool quick = false;  // a few steps in each chapter
  bool all = false;    // the chapters after the GPT, too
};

struct CheckOptions {
  std::string which;    // an exercise's name or number; empty: the current one
  bool full = false;    // show all that the compiler said
  bool all = false;     // check every exercise
  double seconds = 20;  // after which the tests are ended
};

struct BenchOptions {
  std::vector<std::string> configs{"bigram", "blocks", "gpt-small", "gpt-laptop"};
  double seconds = 3;  // for each model and round
  std::size_t rounds = 3;
  std::size_t threads = 0;  // 0: as many as the library uses by itself
};

// Each returns the program's exit code: 0 for success, 1 where something failed, 130 after Ctrl-C.

/// Trains the chapters that lead to the GPT, in order, and ends with one table.
int tour(const Repository& repository, const TourOptions& options);
/// Runs a chapter's program with the reader's arguments and keeps the report.
int run(const Repository& repository, int chapter, const std::vector<std::string>& arguments);
/// The same, built from the reader's parts and, for what is missing, the reference's.
int run_mine(const Repository& repository, int chapter, const std::vector<std::string>& arguments);
/// Which chapters were run, with what result, and what comes next.
int where(const Repository& repository);
/// Compiler, libraries, processor, measured speed, corpora.
int doctor(const Repository& repository);
/// Times the chapters' training steps and their generation, side by side with PyTorch where that is installed.
int bench(const Repository& repository, const BenchOptions& options);
/// Lists the corpora; with `fetch`, downloads Tiny Shakespeare first.
/// @param what "gpt2", or "" for Tiny Shakespeare
int data(const Repository& repository, bool fetch, const std::string& what = "");

// The exercises. `which` is a name or a number; empty for the current one.

/// Makes an exercise the current one and puts its stub into my/, never over a file that is there.
int exercise(const Repository& repository, const std::string& which, bool edit);
/// What an exercise asks for, in the terminal.
int task(const Repository& repository, const std::string& which);
/// Tests the reader's file.
int check(const Repository& repository, const CheckOptions& options);
/// Tests it on every save, until the reader quits.
int watch(const Repository& repository, double seconds);
/// The next hint.
int hint(const Repository& repository, const std::string& which);
/// Which exercises are done, begun, open.
int list_exercises(const Repository& repository);
/// How the reader's file differs from the reference.
int solution(const Repository& repository, const std::string& which);
/// A chapter's open challenge: its task and files at first, then what the reader's model reaches; without a chapter,
/// all of them. @param arguments  for the chapter's program, such as --lr
int challenge(const Repository& repository, const std::string& which,
              const std::vector<std::string>& arguments);
/// Puts the reader's file aside and the stub in its place.
int reset(const Repository& repository, const std::string& which);

}  // namespace gpt
