#include "common/interrupt.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/catch.hpp"

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
    const Interrupt interrupt;
    body(interrupt);
    _exit(interrupt.requested() ? 3 : 4);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_CASE("Interrupt: the first Ctrl-C or SIGTERM only sets a flag", "[interrupt]") {
  const int number = GENERATE(SIGINT, SIGTERM);
  const Handler handler(number, SIG_DFL);
  const Interrupt interrupt;
  CHECK_FALSE(interrupt.requested());
  raise(number);
  CHECK(interrupt.requested());
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

TEST_CASE("Interrupt: there is one at a time", "[interrupt]") {
  const Interrupt interrupt;
  REQUIRE_THROWS_AS(Interrupt(), std::logic_error);
}

}  // namespace
}  // namespace gpt
