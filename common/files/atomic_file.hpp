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
/// by a name like "bardling-4711-0.tmp", which the next AtomicFile in that folder deletes.
///
/// A symbolic link stays one, and what it points to is written. A file keeps its mode, and its owner if it can.
class AtomicFile {
 public:
  /// @param who   begins every error message: the function on whose behalf we write
  /// @param file  the name that the file will have; its folder must exist
  /// @throws std::runtime_error if no file can be made there, the file there is write-protected, or something
  ///         that is no file has the name
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
  std::filesystem::path file_;       // what the links end at
  std::filesystem::path temporary_;  // empty once there is nothing to clean up
  int descriptor_ = -1;              // of temporary_, -1 when closed
};

/// Better said before an hour of training than after it.
/// @throws std::runtime_error if an AtomicFile could not be made there
inline void require_writable(const std::string& who, const std::filesystem::path& file) {
  AtomicFile(who, file);
}

}  // namespace gpt
