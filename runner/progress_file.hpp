/// @file progress_file.hpp
/// What the reader has done: my/progress.txt, a text of lines such as "done head 8c3f...". If it is lost, checking the
/// parts in my/ finds out again what is done; the hints that were shown and the best of the challenges are forgotten.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace gpt {

/// The best that a challenge's model has reached within the rules.
struct ChallengeBest {
  double value = 0;  // what the challenge measures, mean of the seeds: the lower, the better
  std::size_t parameters = 0;
};

struct ReaderProgress {
  std::string current;                       // an exercise's name; empty at first
  std::map<std::string, std::string> done;   // those that have passed, and the fingerprint of what did
  std::map<std::string, std::size_t> hints;  // how many were shown of "head", "pairs:pair_loss"
  std::map<int, ChallengeBest> challenges;   // by chapter
};

/// Nothing is done if there is no such file; lines that make no sense are passed over.
ReaderProgress read_progress(const std::filesystem::path& file);

/// @throws std::runtime_error if the file cannot be written
void write_progress(const std::filesystem::path& file, const ReaderProgress& progress);

}  // namespace gpt
