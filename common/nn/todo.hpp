/// @file todo.hpp
/// What stands in an exercise where the reader's code will be.
#pragma once

#include <stdexcept>
#include <string>

namespace gpt {

/// Thrown by a part that is still to be written.
class NotWritten : public std::logic_error {
 public:
  /// @param name of the exercise
  explicit NotWritten(const std::string& name) : std::logic_error("not written yet: " + name) {}
};

/// Stands for code that the reader will write; being [[noreturn]], in functions of any result.
/// @param name of the exercise
/// @throws NotWritten, always
[[noreturn]] inline void todo(const char* name) { throw NotWritten(name); }

}  // namespace gpt
