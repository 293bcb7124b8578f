/// @file launch.hpp
/// Chapter 11. A program that starts itself several times, for whoever does not want to know mpirun's options.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// Is this process one of several already?
inline bool started_by_mpirun() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

/// This program's own file, all bytes of it: another build has others. Empty where the system does not show it.
inline std::string this_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The words of `mpirun -n RANKS PROGRAM ARGUMENTS...` as they have to be on this machine.
/// @param cores how many processes can work at once here
inline std::vector<std::string> mpirun_words(size_t ranks, size_t cores, bool root,
                                             const std::vector<std::string>& program) {
  std::vector<std::string> words{"mpirun", "-n", std::to_string(ranks)};
  words.insert(words.end(), {"--bind-to", "none"});       // or a rank's threads would share one core
  if (root) words.push_back("--allow-run-as-root");       // as in a container
  if (ranks > cores) words.push_back("--oversubscribe");  // they take turns
  words.insert(words.end(), program.begin(), program.end());
  return words;
}

/// Becomes mpirun, which starts this program again, `ranks` times.
/// @param cores how many processes can work at once here
/// @throws std::runtime_error if there is no mpirun
[[noreturn]] inline void launch(size_t ranks, size_t cores, int argc, char** argv) {
  std::vector<std::string> words =
      mpirun_words(ranks, cores, ::geteuid() == 0, std::vector<std::string>(argv, argv + argc));
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execvp(pointers[0], pointers.data());
  throw std::runtime_error(std::string("--ranks needs mpirun, and it cannot be started (") +
                           std::strerror(errno) +
                           "). On Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev");
}

}  // namespace gpt
