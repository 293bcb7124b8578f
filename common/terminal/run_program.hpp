/// @file run_program.hpp
/// What main() does with its work's end: success, --help, an error, Ctrl-C, a reader of the output who has left.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace gpt {

/// A wrong command line; what() says which option, what was expected and what came.
class CommandLineError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// --help was asked for; what() is the text to print.
class HelpRequested : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// All of main(): whatever the body throws becomes one line on standard error.
/// @returns the process' exit code: 0 if all went well (or --help was printed), 2 for a wrong command line, 128 + the
/// signal's number for Interrupted, else 1. Who reads our output may leave (`| head`): what is left to do is done all
/// the same, in silence, and the exit code is 141, as for any command in a pipe.
int run_program(const std::function<void()>& body);

/// The program as the reader called it: whoever has called it for them may say by what command that was, in
/// BARDLING_CALLED_AS (learn does).
/// @param otherwise  the name where nobody says so; empty: that of the process
std::string program_name(const std::string& otherwise = {});

}  // namespace gpt
