/// @file interrupt.hpp
/// Ctrl-C asks a training run to stop after the current step, instead of ending it in the middle of one.
#pragma once

#include <csignal>
#include <vector>

namespace gpt {

/// While it lives, the first SIGINT (Ctrl-C) or SIGTERM only sets a flag; the next one ends the process at
/// once, for those who cannot wait. What was in force before comes back when it dies. To be made on the main
/// thread: those that parallel_for() starts take no signals.
///
/// A signal that the process was told to ignore (a shell does that to SIGINT for jobs in the background of a
/// script) stays ignored.
class Interrupt {
 public:
  /// @throws std::logic_error if another one is alive: signals belong to the process, so there is one flag
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Has a signal come since this object was made?
  bool requested() const noexcept;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  std::vector<char> stack_ = std::vector<char>(65536);  // for the handler
  stack_t stack_before_{};
};

}  // namespace gpt
