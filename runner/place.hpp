/// @file place.hpp
/// Where things are in the tutorial's folder, and what its chapters are called.
#pragma once

#include <array>
#include <filesystem>
#include <string>

namespace gpt {

/// A line in the table of contents.
struct ChapterEntry {
  int number;
  const char* folder;
  const char* adds;  // what it adds to the chapter before, in at most 22 letters
};

inline constexpr std::array<ChapterEntry, 6> all_chapters{{
    {1, "01_bigram", "bigram table"},
    {2, "02_self_attention", "one attention head"},
    {3, "03_multi_head_attention", "four heads"},
    {4, "04_feed_forward", "feed-forward"},
    {5, "05_blocks", "blocks that go deep"},
    {6, "06_gpt", "the GPT"},
}};

/// "ch06", the name of a chapter's program and of its report.
inline std::string short_name(int chapter) { return "ch0" + std::to_string(chapter); }

/// The tutorial's folder. The `learn` script knows it and passes it on in BARDLING_ROOT.
struct Place {
  std::filesystem::path root;

  std::filesystem::path program(int chapter) const {
    return root / "build/release/bin" / short_name(chapter);
  }
  /// Reports of the reader's own runs, and the models that the tour trained.
  std::filesystem::path runs() const { return root / "runs"; }
  std::filesystem::path data() const { return root / "data"; }
};

}  // namespace gpt
