/// @file progress_file.hpp
/// What the reader has done: my/progress.txt, a text of lines such as "done head". Losing it loses nothing,
/// since checking the parts in my/ finds it all out again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace gpt {

struct ReaderProgress {
  std::string current;                       // an exercise's name; empty at first
  std::set<std::string> done;                // names of those that passed when they were checked last
  std::map<std::string, std::size_t> hints;  // how many were shown
};

/// Nothing is done if there is no such file; lines that make no sense are passed over.
ReaderProgress read_progress(const std::filesystem::path& file);

/// @throws std::runtime_error if the file cannot be written
void write_progress(const std::filesystem::path& file, const ReaderProgress& progress);

}  // namespace gpt
