/// @file published.hpp
/// Files that others publish, too large to be anybody's but theirs: what they are, and how they are got.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/corpora.hpp"  // Fetched

namespace gpt {

/// One of several files that belong together.
struct PublishedFile {
  std::string name;         // in the folder, and behind the address
  std::uint64_t bytes = 0;  // its length
  std::string sha256;       // of all of it
};

/// Reads data/gpt2.txt, and such: an address, and a line for each file.
struct Published {
  std::string address;  // ends with a slash
  std::vector<PublishedFile> files;
};

/// @throws std::runtime_error if the list is not there, or a line of it is not as it should be
Published read_published(const std::filesystem::path& list);

/// Downloads what is not in the folder yet. A file has its name only once its hash was found right; what has come of one that
/// broke off stays beside it, NAME.part, and is gone on with.
Fetched fetch_published(const Published& published, const std::filesystem::path& folder);

/// Is all of it there, with the right lengths?
bool is_whole(const Published& published, const std::filesystem::path& folder);

}  // namespace gpt
