/// @file atomic_file.hpp
/// A file that is either the old one or the new one, and never half of each.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace gpt {

/// Writes beside the real file, and takes its place only at commit().
///
/// What was there before stays whole until then, also when the disk is full or the program is killed. An
/// AtomicFile that goes away without a commit() leaves no trace; one whose program is killed leaves a file
/// that ends in ".tmp", which nobody reads and which may be deleted.
class AtomicFile {
 public:
  /// @param who   begins every error message: the function on whose behalf we write
  /// @param file  the name that the file will have; its folder must exist
  /// @throws std::runtime_error if no file can be made there, or something that is no file has the name
  AtomicFile(std::string who, std::filesystem::path file);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. @throws std::runtime_error if not all of it could be written
  void write(const void* data, std::size_t bytes);

  /// Makes sure that all is on the disk, then takes the real name. To be called once, last.
  /// @throws std::runtime_error if that fails; the old file is still there
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::string who_;
  std::filesystem::path file_;
  std::filesystem::path temporary_;  // empty once there is nothing to clean up
  int descriptor_ = -1;              // of temporary_, -1 when closed
};

}  // namespace gpt
