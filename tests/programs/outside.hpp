/// @file outside.hpp
/// The chapters' programs as a shell sees them. The target defines PROGRAMS, the folder where they are.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"

namespace gpt {

struct Outcome {
  int code;  ///< exit code, or 128 and the signal
  std::string text;
};

/// What a line of shell prints, and how it ends.
inline Outcome shell(const std::string& line) {
  FILE* pipe = popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text};
}

/// How to call a program: both its outputs in one. All use the built-in play, which is always there.
inline std::string call(const std::string& command) {
  return "cd / && BARDLING_DATA= exec " PROGRAMS "/" + command + " 2>&1";
}

inline Outcome run(const std::string& command) { return shell(call(command)); }

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::size_t lines(const std::string& text) {
  std::size_t n = 0;
  for (const char c : text) n += c == '\n';
  return n;
}

/// A text of few letters, as short as the programs accept: what is measured on all of it takes no time. A model soon
/// knows it too well, so that its lowest validation loss is not its last.
inline std::string small_text() {
  Rng rng(3);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += i % 30 == 29 ? '\n' : static_cast<char>('a' + rng.below(5));
  return text;
}

}  // namespace gpt
