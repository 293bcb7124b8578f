#include "common/terminal/interrupt.hpp"

#include <signal.h>

#include <atomic>
#include <stdexcept>

namespace gpt {

namespace {

// A handler may only touch what is safe in the middle of anything: lock-free atomics are, and sigaction() is.
std::atomic<bool> alive{false};
std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_signal(int number) {
  caught.store(number);
  struct sigaction at_once {
  }, now{};
  at_once.sa_handler = SIG_DFL;
  for (const int ends : {SIGINT, SIGTERM}) {
    sigaction(ends, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaction(ends, &at_once, nullptr);
  }
}  // a second SIGHUP is no second wish: a shell and the system may each send one for the same terminal

/// @returns what the signal did before
struct sigaction catch_signal(int number) {
  struct sigaction ours {};
  ours.sa_handler = on_signal;
  ours.sa_flags = SA_RESTART | SA_ONSTACK;  // a write in progress goes on, rather than failing with EINTR
  sigemptyset(&ours.sa_mask);
  struct sigaction before {};
  sigaction(number, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(number, &ours, nullptr);
  return before;
}

}  // namespace

Interrupt::Interrupt() {
  if (alive.exchange(true)) throw std::logic_error("Interrupt: expected one at a time, but another is alive");
  caught.store(0);
  // A handler with a stack of its own: oneDNN's kernels point the stack register at numbers of theirs, and
  // what a handler put there would go over them.
  stack_t own{};
  own.ss_sp = stack_.data();
  own.ss_size = stack_.size();
  sigaltstack(&own, &stack_before_);
  before_int_ = catch_signal(SIGINT);
  before_term_ = catch_signal(SIGTERM);
  before_hup_ = catch_signal(SIGHUP);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGHUP, &before_hup_, nullptr);
  sigaltstack(&stack_before_, nullptr);
  alive.store(false);
}

int Interrupt::signal() const noexcept { return caught.load(std::memory_order_relaxed); }

}  // namespace gpt
