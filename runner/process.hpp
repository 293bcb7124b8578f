/// @file process.hpp
/// Other programs: start one, wait for it, read what it prints.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gpt {

/// The program and its arguments. A name without a slash is looked for in PATH.
using Command = std::vector<std::string>;

struct ExitStatus {
  int code = 0;    // as a shell counts: 128 + n after signal n, 127 if the program could not be started
  int signal = 0;  // 0 if it ended by itself
  bool interrupted = false;  // Ctrl-C was pressed while it ran
};

/// What becomes of a program's standard output. Its standard error is always shown.
enum class Output { shown, hidden };

/// The command with these variables set, "LC_ALL=C". Not by `env`, which would take a program in a folder "a=b" for one more
/// variable.
Command with(const std::string& variables, const Command& command);

/// Runs a program in this terminal and waits. Ctrl-C reaches the program, which ends
/// as it likes, and not the caller.
ExitStatus call(const Command& command, Output output = Output::shown);

struct Captured {
  ExitStatus status;
  std::string text;          // standard output and standard error, in the order in which they came
  bool out_of_time = false;  // it was ended because it took too long
  bool stopped = false;      // it was ended because `stop` wanted so
};

/// How a program is ended: a build tool wants to be asked, for it ends its compilers and removes what is half
/// done; what never ends by itself wants to be killed.
enum class Stop { term, kill };

/// Runs a program, and what it starts, where it cannot read from the terminal nor write to it.
/// @param seconds  after these it is ended; 0 for no limit
/// @param stop     asked some fifty times a second; true ends the program
/// @param how      with Stop::kill nothing that it has started outlives it, where the system can tell (Linux)
/// @param input    what it reads on its standard input: no more than 4096 letters
Captured capture(const Command& command, double seconds, const std::function<bool()>& stop,
                 Stop how = Stop::kill, const std::string& input = {});

/// "segmentation fault (SIGSEGV)" for 11
std::string signal_name(int signal);

/// What a program prints on its standard output; nothing if it cannot be started or fails.
std::string output_of(const Command& command);

/// Whether a program can be called here; it must know --version.
bool is_there(const std::string& program);

/// Its first line.
std::string first_line_of(const Command& command);

}  // namespace gpt
