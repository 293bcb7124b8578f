#include "runner/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

extern char** environ;

namespace gpt {
namespace {

volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t child = 0;

void count_interrupt(int) { interrupts = interrupts + 1; }

// A terminal sends Ctrl-C to the child too; what `kill` sends to us alone has to be passed on.
void pass_on(int signal) {
  if (child > 0) kill(child, signal);
}

/// Handles a signal for as long as it lives. A handler, unlike "ignore", does not carry over into the child.
class SignalHandler {
 public:
  SignalHandler(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigaction(signal_, &action, &before_);
  }
  ~SignalHandler() { sigaction(signal_, &before_, nullptr); }
  SignalHandler(const SignalHandler&) = delete;
  SignalHandler& operator=(const SignalHandler&) = delete;

 private:
  int signal_;
  struct sigaction before_ = {};
};

/// Which files a new process is to have in place of the caller's.
class Redirections {
 public:
  Redirections() { posix_spawn_file_actions_init(&actions_); }
  ~Redirections() { posix_spawn_file_actions_destroy(&actions_); }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;

  void silence(int file) { posix_spawn_file_actions_addopen(&actions_, file, "/dev/null", O_WRONLY, 0); }
  void replace(int file, int by) { posix_spawn_file_actions_adddup2(&actions_, by, file); }
  void close(int file) { posix_spawn_file_actions_addclose(&actions_, file); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// @returns the process's number, or 0 if it could not be started
pid_t start(const Command& command, const Redirections& files) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t process = 0;
  return posix_spawnp(&process, arguments[0], files.get(), nullptr, arguments.data(), environ) == 0 ? process
                                                                                                    : 0;
}

Ended wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status)};
  return {WEXITSTATUS(status)};
}

}  // namespace

Ended call(const Command& command, Output output) {
  Redirections files;
  if (output == Output::hidden) files.silence(STDOUT_FILENO);
  interrupts = 0;
  const SignalHandler on_interrupt(SIGINT, count_interrupt), on_terminate(SIGTERM, pass_on);
  child = start(command, files);
  if (child == 0) return {127};
  Ended ended = wait_for(child);
  child = 0;
  ended.interrupted = interrupts > 0;
  return ended;
}

std::string output_of(const Command& command) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return {};
  Redirections files;
  files.replace(STDOUT_FILENO, pipe_ends[1]);
  files.close(pipe_ends[0]);
  files.close(pipe_ends[1]);
  files.silence(STDERR_FILENO);
  const pid_t process = start(command, files);
  close(pipe_ends[1]);
  std::string text;
  if (process > 0) {
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    if (wait_for(process).code != 0) text.clear();
  }
  close(pipe_ends[0]);
  return text;
}

std::string first_line_of(const Command& command) {
  const std::string text = output_of(command);
  return text.substr(0, text.find('\n'));
}

}  // namespace gpt
