/// @file corpus.hpp
/// The text to learn from: found by name or by path, and checked before it is trained on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpt {

/// A text and where it came from.
struct Corpus {
  std::string name = {};            ///< "play", "tinyshakespeare", or the name of the reader's own file
  std::filesystem::path file = {};  ///< where it was read
  std::string text = {};            ///< all of it, in UTF-8, with a \n at the end of each line
  /// What was read otherwise than it stands in the file, or may surprise: a sentence each.
  std::vector<std::string> remarks = {};
  bool published = false;        ///< true for Tiny Shakespeare: losses compare with the published ones
  std::string fingerprint = {};  ///< 16 hexadecimal digits: another text has others, whatever its name
};

/// Where corpora are looked for: the folder that the environment variable BARDLING_DATA names (if it is set),
/// then the data/ folder of this repository.
std::vector<std::filesystem::path> corpus_folders();

/// The file of a corpus that has a name, or an empty path if no folder holds it.
/// @param name    "play" or "tinyshakespeare"
/// @param folders where to look; the first that has it wins
/// @throws std::invalid_argument for any other name
std::filesystem::path find_corpus(const std::string& name,
                                  const std::vector<std::filesystem::path>& folders = corpus_folders());

/// Reads a corpus. A byte-order mark is left out, and line ends of Windows (CR LF) and old Macs (CR) are read
/// as \n; Corpus::remarks says so.
/// @param name_or_file "play", "tinyshakespeare" or the path of a text file; "" is
///                     Tiny Shakespeare where it is present, else the play
/// @param folders      where the named ones are looked for
/// @throws std::runtime_error if it is not there, cannot be read, is not plain text in UTF-8, is shorter than
///         1,000 characters (too few to split into a part to train on and a part to validate) or larger than
///         1 GiB
Corpus open_corpus(const std::string& name_or_file,
                   const std::vector<std::filesystem::path>& folders = corpus_folders());

}  // namespace gpt
