/// @file shell_word.hpp
/// A file's name as a shell must be given it, for commands that we print.
#pragma once

#include <cstdlib>
#include <string>

namespace gpt {

/// The word itself where that will do; 'in quotes' if it has blanks or anything else that a shell would obey.
inline std::string shell_word(const std::string& word) {
  const char* const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:@%,=";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// A command of learn as it must be given where the reader stands: "./learn data fetch" in the tutorial's folder. The script
/// says in BARDLING_LEARN how it was called.
/// @param rest what comes after learn, "data fetch"
inline std::string learn(const std::string& rest = "") {
  const char* const called = std::getenv("BARDLING_LEARN");
  const std::string word = called == nullptr ? "./learn" : shell_word(called);
  return rest.empty() ? word : word + " " + rest;
}

}  // namespace gpt
