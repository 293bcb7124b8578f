/// @file repository.hpp
/// The tutorial's folder: where things are in it, and which chapters it has. The `learn` script knows the folder and
/// passes it on in BARDLING_ROOT; chapters/chapters.txt lists the chapters.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpt {

/// A line of chapters/chapters.txt.
struct ChapterEntry {
  int number = 0;
  std::string folder;    // "06_gpt"
  std::string adds;      // what it adds to the chapter before, in a few words
  bool in_tour = false;  // does the tour train it unless more is asked for?
};

class Repository {
 public:
  /// @throws std::runtime_error if the list of chapters is not there, or empty
  explicit Repository(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path program(int chapter) const;
  /// Reports of the reader's own runs, and the models that the tour trained.
  /// Tests have theirs elsewhere, in BARDLING_RUNS.
  std::filesystem::path runs() const;
  std::filesystem::path data() const { return root_ / "data"; }

  /// In the order in which they are read.
  const std::vector<ChapterEntry>& chapters() const { return chapters_; }
  /// @param number  as the reader writes it: "7", "07" or "10"
  /// @throws std::invalid_argument if there is no such chapter, naming those that there are
  const ChapterEntry& chapter(const std::string& number) const;
  /// The chapter in which the tour ends: the one whose program is made of all the exercises' parts.
  const ChapterEntry& end_of_tour() const;

 private:
  std::filesystem::path root_;
  std::vector<ChapterEntry> chapters_;
};

/// "ch06", the name of a chapter's program and of its report.
std::string short_name(int chapter);

}  // namespace gpt
