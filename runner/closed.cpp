#include "runner/closed.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <stdexcept>

#include "common/files/shell_word.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

bool is_at_or_below(const fs::path& file, const fs::path& folder) {
  const fs::path way = file.lexically_relative(fs::absolute(folder).lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

std::string name_of_user(uid_t user) {
  const passwd* const entry = ::getpwuid(user);
  return entry == nullptr ? "user " + std::to_string(user) : entry->pw_name;
}

/// What is there and in the way; nothing if this file is open, or not there.
std::string why_this_is_closed(const fs::path& file, const struct stat& about, Access access) {
  const int search = S_ISDIR(about.st_mode) ? X_OK : 0;
  const int wanted = search | R_OK | (access == Access::write ? W_OK : 0);
  if (::faccessat(AT_FDCWD, file.c_str(), wanted, AT_EACCESS) == 0) return {};
  struct statvfs disk {};
  if (access == Access::write && ::statvfs(file.c_str(), &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0)
    return file.string() + " is on a disk that is read-only";
  const std::string word = shell_word(file.string());
  if (about.st_uid != ::geteuid()) {
    return file.string() + " belongs to " + name_of_user(about.st_uid) +
           ". To make it yours: sudo chown -R \"$(id -un)\" " + word;
  }
  return file.string() + " is closed. To open it: chmod -R u+rwX " + word;
}

}  // namespace

std::string why_closed(const fs::path& root, const fs::path& file, Access access) {
  bool is_folder = false;  // the nearest folder that is there was looked at, and not only the file
  for (fs::path at = fs::absolute(file).lexically_normal(); !is_folder && is_at_or_below(at, root);
       at = at.parent_path()) {
    struct stat about {};
    if (::stat(at.c_str(), &about) != 0) continue;  // not there, or in a folder that may not be searched
    if (std::string why = why_this_is_closed(at, about, access); !why.empty()) return why;
    is_folder = S_ISDIR(about.st_mode);
  }
  return {};
}

void require_open(const fs::path& root, const fs::path& file, Access access) {
  const std::string why = why_closed(root, file, access);
  if (why.empty()) return;
  throw std::runtime_error(std::string("cannot ") + (access == Access::write ? "write " : "read ") +
                           file.string() + ": " + why);
}

}  // namespace gpt
