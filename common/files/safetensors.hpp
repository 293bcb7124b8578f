/// @file safetensors.hpp
/// Inside the files of checkpoint.hpp: their header, checked before a number is read. Only for this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "common/tensor/check.hpp"  // Shape

namespace gpt {

/// What the header says of one tensor.
struct TensorEntry {
  std::string name;         ///< unique in its file
  Shape shape;              ///< sizes of its axes
  std::string type;         ///< "F32"
  std::uint64_t begin = 0;  ///< in bytes, from where the numbers begin
  std::uint64_t end = 0;    ///< where it ends
};

/// A file's header: its tensors as they lie in it, each byte of the numbers in one of them.
struct TensorHeader {
  std::map<std::string, std::string> metadata;  ///< names and texts
  std::vector<TensorEntry> entries;             ///< in the order of the file
  std::uint64_t data = 0;                       ///< where in the file the numbers begin
};

/// Reads a header, and trusts nothing in it; `in` stands behind it then.
/// @param types what is read: {"F32"}
/// @throws std::runtime_error if there is no such file, or anything in it is not as it should be
TensorHeader read_tensor_header(const std::filesystem::path& file, std::ifstream& in,
                                const std::vector<std::string>& types);

/// Reads on. @throws std::runtime_error if the file ends too early
void read_numbers(const std::filesystem::path& file, std::ifstream& in, void* to, std::uint64_t bytes);

/// @throws std::runtime_error always: it says that the file cannot be used, and why
[[noreturn]] void refuse_checkpoint(const std::filesystem::path& file, const std::string& why);

/// Bytes of one number of a type: 4 for "F32"; 0 for a type that the format has not.
std::uint64_t bytes_of_type(const std::string& type);

/// What safetensors files may hold.
/// @{
inline constexpr std::uint64_t max_header = 100'000'000;     ///< bytes of a header, the format's own limit
inline constexpr std::size_t max_axes = 64;                  ///< axes of a tensor
inline constexpr const char* metadata_key = "__metadata__";  ///< the header's entry that is no tensor
/// @}

/// Text from a file, made fit for an error message: one line, plain ASCII, not too long.
std::string in_quotes(const std::string& text);
/// What is wrong with a tensor's name, or nothing.
std::string fault_in_name(const std::string& name);
/// Bytes that a shape takes, or the largest number there is where that would not be large enough.
std::uint64_t byte_count(const Shape& shape, std::uint64_t bytes_of_one);

}  // namespace gpt
