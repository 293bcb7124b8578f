/// @file main.cpp
/// main() of all test programs: Catch2 runs the tests, and learn is told that they ran to their end.
///
/// What is tested is a reader's code, in this very process: it may end the program with exit code 0, or write what looks
/// like a log of tests that passed. So learn says a word on standard input that nobody else knows, and believes who says
/// it back. Catch2 2 has a main() in its library, from which the linker takes nothing where a reader's file has one
/// already; so that the linker still complains about two, it stays, and the linker puts this one before it.
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "common/kernels/memory.hpp"

#ifdef WRAPPED_MAIN
extern "C" int __real_main(int argc, char* argv[]);
extern "C" int __wrap_main(int argc, char* argv[]);
#else
#include <catch2/catch_session.hpp>
#endif

namespace {

char word[33];           // 32 letters and an end; empty if nobody asked
int answers = -1;        // standard output, also when the reader's code has closed that
bool has_ended = false;  // have all tests had their turn?
volatile bool forked = false;

// Before anything of the reader's runs, also before what it computes ahead of main().
__attribute__((constructor(101))) void listen() {
  if (std::getenv("BARDLING_ASKS") == nullptr) return;
  std::size_t got = 0;
  for (ssize_t n = 1; n > 0 && got < sizeof word - 1; got += static_cast<std::size_t>(n > 0 ? n : 0)) {
    n = read(STDIN_FILENO, word + got, sizeof word - 1 - got);
  }
  unsetenv("BARDLING_ASKS");
  answers = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);  // above those that a loop over a few would close
}

void tell(const char* what, int result) {
  std::fflush(nullptr);
  if (word[0] == 0) return;
  char line[80];
  const int length = std::snprintf(line, sizeof line, "\n%s %s %d\n", word, what, result);
  if (write(answers, line, static_cast<std::size_t>(length)) < 0) std::_Exit(3);
}

// Somebody called exit() in the middle of a test. Catch2 takes what is destroyed then for a crash.
void leave() {
  if (has_ended) return;
  tell("exit", 0);
  std::_Exit(1);
}

int run(int argc, char* argv[]) {
  std::atexit(leave);
  pthread_atfork(
      nullptr, [] { forked = true; }, [] { forked = true; });
  gpt::spoil_returned_blocks();  // or a span of a tensor that is gone would often still read what it held
#ifdef WRAPPED_MAIN
  const int result = __real_main(argc, argv);
#else
  const int result = Catch::Session().run(argc, argv);
#endif
  has_ended = true;
  if (forked) tell("forked", 0);
  tell("ran", result);
  return result;
}

}  // namespace

#ifdef WRAPPED_MAIN
int __wrap_main(int argc, char* argv[]) { return run(argc, argv); }
#else
int main(int argc, char* argv[]) { return run(argc, argv); }
#endif
