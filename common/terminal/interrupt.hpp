/// @file interrupt.hpp
/// Ctrl-C, or a terminal that goes away, asks a training run to stop after the current step, instead of ending it in the middle of one.
#pragma once

#include <csignal>
#include <exception>
#include <vector>

namespace gpt {

/// While it lives, the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is gone) only sets a flag; the next
/// one ends the process at once, for those who cannot wait. What was in force before comes back when it dies. To be made on the main
/// thread: those that parallel_for() starts take no signals.
///
/// A signal that the process was told to ignore (a shell does that to SIGINT for jobs in the background of a
/// script, and nohup to SIGHUP) stays ignored.
class Interrupt {
 public:
  /// @throws std::logic_error if another one is alive: signals belong to the process, so there is one flag
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Has a signal come since this object was made?
  bool requested() const noexcept { return signal() != 0; }
  /// Which one; 0 if none has.
  int signal() const noexcept;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  struct sigaction before_hup_ {};
  std::vector<char> stack_ = std::vector<char>(65536);  // for the handler
  stack_t stack_before_{};
};

/// To be thrown when a signal has ended a run and all is saved: run_program() makes it the exit code that shells
/// give to such an end, 130 for Ctrl-C.
class Interrupted : public std::exception {
 public:
  /// @param signal its number, as SIGINT
  explicit Interrupted(int signal) : signal_(signal) {}
  int signal() const noexcept { return signal_; }                       ///< the number of the signal
  const char* what() const noexcept override { return "interrupted"; }  ///< always the same

 private:
  int signal_;
};

}  // namespace gpt
