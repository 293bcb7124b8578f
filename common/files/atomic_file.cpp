#include "common/files/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace gpt {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

AtomicFile::AtomicFile(std::string who, std::filesystem::path file)
    : who_(std::move(who)), file_(std::move(file)) {
  // rename() would gladly put a file where a device was: /dev/null, for one who may do anything.
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file_, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw std::runtime_error(who_ + ": cannot write " + file_.string() +
                             ": there is something by this name that is not a file");
  }
  // O_EXCL takes a name only if nobody has it: neither another run that saves at
  // this moment nor one that was killed.
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    const std::string process = std::to_string(::getpid());
    temporary_ = file_.string() + "." + process + "-" + std::to_string(attempt) + ".tmp";
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    const bool taken = descriptor_ < 0 && errno == EEXIST && attempt < 10000;
    if (descriptor_ < 0 && errno != EINTR && !taken) fail(errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    // Systems write at most 2 GB at a time, and a signal may cut a write short: whatever is left goes next.
    const ssize_t written = ::write(descriptor_, next, std::min<std::size_t>(bytes, 1u << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(written < 0 ? errno : ENOSPC);
    next += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  // The order matters: the name must not change hands before the numbers are on the disk.
  if (::fsync(descriptor_) != 0) fail(errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (std::rename(temporary_.c_str(), file_.c_str()) != 0) fail(errno);
  temporary_.clear();
  // The new name is in the folder, so the folder goes to the disk too. Some file systems can't do that for a
  // folder; the file is good all the same, hence no error.
  const int folder = ::open(folder_of(file_).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

void AtomicFile::fail(int error) const {
  std::string message =
      who_ + ": cannot write " + file_.string() + ": " + std::generic_category().message(error);
  if (error == ENOENT) message += " - does the folder " + folder_of(file_).string() + " exist?";
  throw std::runtime_error(message);
}

}  // namespace gpt
