/// @file commands.hpp
/// What the runner can do: each command is one function in a file of its name. main.cpp reads their options,
/// and help.txt tells readers about them.
#pragma once

#include <string>
#include <vector>

#include "runner/place.hpp"

namespace gpt {

struct TourOptions {
  std::string data;    // empty: Tiny Shakespeare where it can be had, else the built-in play
  bool quick = false;  // a few steps a chapter
};

// Each returns the program's exit code: 0 for success, 1 where something failed, 130 after Ctrl-C.

/// Trains the chapters in order and ends with one table.
int tour(const Place& place, const TourOptions& options);
/// Runs a chapter's program with the reader's arguments and keeps the report.
int run(const Place& place, int chapter, const std::vector<std::string>& arguments);
/// Which chapters were run, with what result, and what comes next.
int where(const Place& place);
/// Compiler, libraries, processor, measured speed, corpora.
int doctor(const Place& place);
/// Lists the corpora; with `fetch`, downloads Tiny Shakespeare first.
int data(const Place& place, bool fetch);

}  // namespace gpt
