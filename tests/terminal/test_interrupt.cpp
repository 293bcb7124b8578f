#include "common/terminal/interrupt.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/kernels/parallel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

volatile sig_atomic_t outer_calls = 0;
extern "C" void count_call(int) { outer_calls = outer_calls + 1; }

/// Puts a handler in force for the length of a test: under a test runner it may be anything.
class Handler {
 public:
  Handler(int number, void (*handler)(int)) : number_(number), before_(signal(number, handler)) {}
  ~Handler() { signal(number_, before_); }

 private:
  int number_;
  void (*before_)(int);
};

/// How a process ends that does this in an Interrupt's life.
template <class Body>
int status_of(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    const Interrupt interrupt;
    body(interrupt);
    _exit(interrupt.requested() ? 3 : 4);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_CASE("Interrupt: the first Ctrl-C, SIGTERM or SIGHUP only sets a flag", "[interrupt]") {
  const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
  const Handler handler(number, SIG_DFL);
  const Interrupt interrupt;
  CHECK_FALSE(interrupt.requested());
  raise(number);
  CHECK(interrupt.requested());
  CHECK(interrupt.signal() == number);
}

TEST_CASE("Interrupt: a terminal that goes away may say so twice", "[interrupt]") {
  const int status = status_of([&](const Interrupt&) {
    raise(SIGHUP);
    raise(SIGHUP);
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
}

TEST_CASE("Interrupt: the second signal ends the process at once", "[interrupt]") {
  const int first = GENERATE(SIGINT, SIGTERM);
  const int second = GENERATE(SIGINT, SIGTERM);
  const int status = status_of([&](const Interrupt&) {
    raise(first);
    raise(second);
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == second);

  const int once = status_of([&](const Interrupt&) { raise(first); });
  REQUIRE(WIFEXITED(once));
  CHECK(WEXITSTATUS(once) == 3);
}

TEST_CASE("Interrupt: what was in force before comes back", "[interrupt]") {
  outer_calls = 0;
  const Handler handler(SIGINT, count_call);
  {
    const Interrupt interrupt;
    raise(SIGINT);
    CHECK(interrupt.requested());
    CHECK(outer_calls == 0);
  }
  raise(SIGINT);
  CHECK(outer_calls == 1);
  const Interrupt next;
  CHECK_FALSE(next.requested());  // it knows nothing of the one before
}

TEST_CASE("Interrupt: a signal that is ignored stays ignored", "[interrupt]") {
  const Handler handler(SIGINT, SIG_IGN);
  const Interrupt interrupt;
  raise(SIGINT);
  CHECK_FALSE(interrupt.requested());
}

TEST_CASE("Interrupt: a signal that is ignored stays ignored when another has come", "[interrupt]") {
  const Handler handler(SIGINT, SIG_IGN);
  const Interrupt interrupt;
  raise(SIGTERM);
  CHECK(interrupt.signal() == SIGTERM);
  raise(SIGINT);  // would end the test
  CHECK(interrupt.signal() == SIGTERM);
}

TEST_CASE("Interrupt: there is one at a time", "[interrupt]") {
  const Interrupt interrupt;
  REQUIRE_THROWS_AS(Interrupt(), std::logic_error);
}

// oneDNN's kernels, compiled as it runs, keep numbers where a signal handler's stack would begin.
TEST_CASE("Interrupt: a signal in the middle of a matrix product leaves memory as it was", "[interrupt]") {
  constexpr std::size_t n = 96;
  const Handler handler(SIGINT, SIG_DFL);
  const std::vector<float> a(n * n, 1.0f), b(n * n, 2.0f);
  const pthread_t here = pthread_self();
  bool all_right = true;
  for (int round = 0; round < 200; ++round) {
    const Interrupt interrupt;
    std::atomic<bool> begun{false};
    std::thread other([&] {
      while (!begun) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(5 * round));
      pthread_kill(here, SIGINT);
    });
    while (!interrupt.requested()) {
      std::vector<float> c(n * n);  // anew each time: free() notices what is broken
      begun = true;
      gemm(Trans::no, Trans::no, n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n);
      for (const float value : c) all_right = all_right && value == 2.0f * n;
    }
    other.join();
  }
  CHECK(all_right);
}

TEST_CASE("Interrupt: signals are for the thread that waits for them, not for those that help it",
          "[interrupt]") {
  for (const std::size_t count : {2, 3, 5}) {
    const WithThreads with(count);
    const std::thread::id here = std::this_thread::get_id();
    std::atomic<int> helpers{0}, blocked{0};
    parallel_for(count, 1, [&](std::size_t, std::size_t) {
      sigset_t mask;
      pthread_sigmask(SIG_BLOCK, nullptr, &mask);
      if (std::this_thread::get_id() == here) {
        CHECK(sigismember(&mask, SIGINT) == 0);
      } else {
        ++helpers;
        blocked += sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
      }
    });
    CHECK(blocked == helpers);
  }
}

}  // namespace
}  // namespace gpt
