#include "common/terminal/run_program.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>  // program_invocation_short_name
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>

#include "common/terminal/interrupt.hpp"

namespace gpt {

namespace {

/// One line, whatever the message holds.
int report_failure(std::string message, int exit_code) {
  for (char& c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  std::cout.flush();
  std::cerr << program_name() << ": " << message << std::endl;
  return exit_code;
}

/// Has whoever read our output left?
bool broken_pipe() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int run_program(const std::function<void()>& body) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    body();
    errno = 0;
    if (!std::cout.flush() || std::fflush(stdout) != 0 || std::ferror(stdout)) {
      if (errno == EPIPE || broken_pipe()) return 128 + SIGPIPE;
      return report_failure("cannot write to standard output", 1);
    }
    return 0;
  } catch (const Interrupted& interrupted) {
    return 128 + interrupted.signal();
  } catch (const HelpRequested& help) {
    std::cout << help.what() << std::flush;
    return 0;
  } catch (const CommandLineError& error) {
    return report_failure(std::string(error.what()) + " (--help explains the options)", 2);
  } catch (const std::bad_alloc&) {
    return report_failure("not enough memory - try a smaller --batch or --context", 1);
  } catch (const std::exception& error) {
    return report_failure(error.what(), 1);
  } catch (...) {
    return report_failure("failed, and did not say why", 1);
  }
}

std::string program_name(const std::string& otherwise) {
  const char* const called_as = std::getenv("BARDLING_CALLED_AS");
  if (called_as != nullptr && *called_as != 0) return called_as;
  if (!otherwise.empty()) return otherwise;
#if defined(__GLIBC__)
  return program_invocation_short_name;
#elif defined(__APPLE__) || defined(__FreeBSD__)
  return getprogname();
#else
  return "bardling";
#endif
}

}  // namespace gpt
