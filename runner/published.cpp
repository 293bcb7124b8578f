#include "runner/published.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "common/terminal/text.hpp"  // with_commas
#include "runner/process.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  return error ? 0 : size;
}

/// Goes on where `to` ends. A connection that says nothing for half a minute is given up.
Command download(const std::string& address, const fs::path& to) {
  if (is_there("curl")) {
    return {"curl", "-fL#", "--connect-timeout", "10",   "--speed-limit", "1", "--speed-time", "30", "-C",
            "-",    "-o",   to.string(),         address};
  }
  if (is_there("wget"))
    return {"wget", "-q", "--show-progress", "--tries=1", "--timeout=30", "-c", "-O", to.string(), address};
  return {};
}

std::string by_hand(const Published& published, const fs::path& folder) {
  std::string names;
  for (const PublishedFile& file : published.files) names += (names.empty() ? "" : ", ") + file.name;
  return "by hand: put " + names + " from " + published.address + " into " + folder.string();
}

/// One file. @returns what is wrong, or nothing
Fetched fetch(const Published& published, const PublishedFile& file, const fs::path& folder) {
  const fs::path goal = folder / file.name, part = folder / (file.name + ".part");
  const auto right = [&](const fs::path& path) {
    return size_of(path) == file.bytes && sha256(path) == file.sha256;
  };
  if (right(goal)) return {true, false, ""};
  const std::string size = with_commas(file.bytes) + " bytes";
  if (fs::exists(goal)) {  // put there by hand, perhaps: it is not ours to delete
    return {false, false,
            goal.string() + " is there and is not the published file of " + size +
                "; move it away and call this again"};
  }
  if (size_of(part) > file.bytes) fs::remove(part);
  if (size_of(part) < file.bytes) {
    std::printf("%s, %s%s\n", file.name.c_str(), size.c_str(),
                size_of(part) > 0 ? (", of which " + with_commas(size_of(part)) + " are here").c_str() : "");
    std::fflush(stdout);
    const Command command = download(published.address + file.name, part);
    if (command.empty())
      return {false, false, "neither curl nor wget is here to download it; " + by_hand(published, folder)};
    ExitStatus status = call(command);
    constexpr int no_resume = 33;  // curl: the server can only send all of it
    if (status.code == no_resume && command[0] == "curl") {
      fs::remove(part);
      status = call(command);
    }
    const std::string come = with_commas(size_of(part)) + " of " + size + " of " + file.name;
    if (status.interrupted)
      return {false, true, come + " have come; call this again and it goes on from there"};
    if (status.code != 0 || size_of(part) < file.bytes) {
      if (size_of(part) > 0)
        return {false, false,
                "the download broke off: " + come + " have come; call this again and it goes on from there"};
      return {false, false,
              command[0] + " could not download " + file.name + " (exit code " + std::to_string(status.code) +
                  "); is there a network? Or " + by_hand(published, folder)};
    }
  }
  if (!sha256(part)) return {false, false, "neither sha256sum nor shasum is here to check " + file.name};
  if (!right(part)) {
    fs::remove(part);
    return {
        false, false,
        "what came as " + file.name + " is not the published file (its SHA-256 differs), so it was not kept"};
  }
  fs::rename(part, goal);
  return {true, false, ""};
}

}  // namespace

Published read_published(const fs::path& list) {
  std::ifstream in(list);
  if (!in) throw std::runtime_error(list.string() + " is not here - is this checkout whole?");
  Published published;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    if (published.address.empty()) {
      published.address = line + (line.ends_with('/') ? "" : "/");
      continue;
    }
    PublishedFile file;
    std::istringstream words(line);
    const bool right = words >> file.sha256 >> file.bytes >> file.name && file.sha256.size() == 64 &&
                       file.bytes > 0 && file.name.find('/') == std::string::npos;
    if (!right) {
      throw std::runtime_error(list.string() + ": line " + std::to_string(number) +
                               " must be a hash, a number of bytes and a name, and is \"" + line + "\"");
    }
    published.files.push_back(file);
  }
  return published;
}

Fetched fetch_published(const Published& published, const fs::path& folder) {
  fs::create_directories(folder);
  for (const PublishedFile& file : published.files) {
    const Fetched fetched = fetch(published, file, folder);
    if (!fetched.ok) return fetched;
  }
  return {true, false, "all of it is in " + folder.string() + ", and each SHA-256 is the published one"};
}

bool is_whole(const Published& published, const fs::path& folder) {
  for (const PublishedFile& file : published.files)
    if (size_of(folder / file.name) != file.bytes) return false;
  return !published.files.empty();
}

}  // namespace gpt
