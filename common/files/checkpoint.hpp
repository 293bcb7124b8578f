/// @file checkpoint.hpp
/// Named numbers in a file, so that a model outlives the program that trained it.
///
/// The format is safetensors (https://github.com/huggingface/safetensors), which Python and most tools of the
/// field read. It is three things, one after the other:
///
///     8 bytes    N, the length of the header, least significant byte first
///     N bytes    the header, JSON: for each tensor its type, its shape, and where its numbers begin and end
///     the rest   the numbers: float32, least significant byte first, tensor after tensor without holes
///
/// \code{.json}
/// {"__metadata__": {"chapter": "02_self_attention"},
///  "head.query.weight": {"dtype": "F32", "shape": [32, 32], "data_offsets": [0, 4096]}}
/// \endcode
///
/// Unlike a pickle, such a file holds nothing that runs, and whether it is whole can
/// be seen before a number is read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/tensor/check.hpp"  // Shape

namespace gpt {

/// A tensor's name, its shape and its numbers, row-major, on no tape.
struct StoredTensor {
  std::string name;           ///< unique in its file
  Shape shape;                ///< sizes of its axes
  std::vector<float> values;  ///< one for each element of shape
};

/// All that one file holds.
struct Checkpoint {
  std::map<std::string, std::string> metadata;  ///< what else the numbers need: sizes, vocabulary
  std::vector<StoredTensor> tensors;            ///< in the order of the file
};

/// Writes a file, or replaces it in one step: a program that is killed while it saves leaves the old file
/// whole. Names are UTF-8, differ, have 1 to 1024 bytes and no control characters; metadata is UTF-8.
/// @throws std::invalid_argument if a name is not like that, or a shape and its number of values differ
/// @throws std::runtime_error    if the file cannot be written; then the old one is still there
void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

/// Reads a file, and trusts nothing in it: the whole header is checked before any number is read.
/// @throws std::runtime_error if there is no such file, or anything in it is not as it should be
Checkpoint load_checkpoint(const std::filesystem::path& file);

/// A file's metadata alone: no number is read.
/// @throws std::runtime_error as load_checkpoint() does
std::map<std::string, std::string> read_metadata(const std::filesystem::path& file);

}  // namespace gpt
