#include "common/files/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <regex>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace gpt {
namespace {

namespace fs = std::filesystem;

constexpr const char* prefix = "bardling-";

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// The file that a chain of symbolic links ends at, whether it is there or not. A circle ends nowhere.
fs::path behind_links(fs::path file) {
  std::error_code error;
  for (int links = 0; links < 40 && fs::is_symlink(fs::symlink_status(file, error)); ++links) {
    file = file.parent_path() / fs::read_symlink(file, error);  // an absolute one replaces the folder
  }
  return file;
}

/// Whoever writes a temporary file holds a lock on it, which goes with the process, however that ends.
/// @returns false if it was taken for an orphan in the moment before the lock
bool locked(int descriptor) {
  struct stat mine {};
  return (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
         ::fstat(descriptor, &mine) == 0 && mine.st_nlink > 0;
}

/// "bardling-4711-0.tmp"
bool is_temporary(const std::string& name) {
  static const std::regex pattern(std::string(prefix) + R"([0-9]+-[0-9]+\.tmp)");
  return std::regex_match(name, pattern);
}

/// Deletes what killed programs have left: temporary files that nobody has locked.
void delete_orphans(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is_temporary(at->path().filename().string())) continue;
    const int orphan = ::open(at->path().c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (orphan < 0) continue;
    if (::flock(orphan, LOCK_EX | LOCK_NB) == 0) ::unlink(at->path().c_str());
    ::close(orphan);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::string who, std::filesystem::path file)
    : who_(std::move(who)), file_(behind_links(std::move(file))) {
  struct stat old {};
  const bool exists = ::stat(file_.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  // rename() would gladly put a file where a device was: /dev/null, for one who may do anything.
  if (exists && !S_ISREG(old.st_mode)) {
    throw std::runtime_error(who_ + ": cannot write " + file_.string() +
                             ": there is something by this name that is not a file");
  }
  if (exists && ::access(file_.c_str(), W_OK) != 0) fail(errno);
  delete_orphans(folder_of(file_));
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ =
        folder_of(file_) / (prefix + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp");
    // O_EXCL takes a name only if nobody has it: neither another run that saves at this moment nor one that
    // was killed.
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    const bool taken = descriptor_ < 0 && errno == EEXIST && attempt < 10000;
    if (descriptor_ < 0 && errno != EINTR && !taken) fail(errno);
    if (descriptor_ >= 0 && !locked(descriptor_)) ::close(std::exchange(descriptor_, -1));
  }
  if (!exists) return;
  // Whose it was, and who may read it. Only root may give files away, so that may fail.
  [[maybe_unused]] const int given = ::fchown(descriptor_, old.st_uid, old.st_gid);
  ::fchmod(descriptor_, old.st_mode & 07777);
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
  if (std::rename(temporary_.c_str(), file_.c_str()) != 0) fail(errno);
  temporary_.clear();
  ::close(std::exchange(descriptor_, -1));  // and its lock with it: not before, or it would be an orphan
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
  std::error_code ignored;
  if (error == ENOENT && fs::is_directory(folder_of(file_), ignored)) {
    message += " - no file can be made in this folder";
  } else if (error == ENOENT) {
    message += " - does the folder " + folder_of(file_).string() + " exist?";
  }
  throw std::runtime_error(message);
}

}  // namespace gpt
