#include "runner/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

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

  void empty(int file) { posix_spawn_file_actions_addopen(&actions_, file, "/dev/null", O_RDONLY, 0); }
  void silence(int file) { posix_spawn_file_actions_addopen(&actions_, file, "/dev/null", O_WRONLY, 0); }
  void replace(int file, int by) { posix_spawn_file_actions_adddup2(&actions_, by, file); }
  void close(int file) { posix_spawn_file_actions_addclose(&actions_, file); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// How a new process differs from the caller otherwise.
class Attributes {
 public:
  Attributes() { posix_spawnattr_init(&attributes_); }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  /// A group of its own, which can be ended with all that it has started, and which Ctrl-C does not reach.
  void own_group() {
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

/// @returns the process's number, or 0 if it could not be started; then errno says why
pid_t start(const Command& command, const Redirections& files, const Attributes& attributes = {}) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t process = 0;
  errno = posix_spawnp(&process, arguments[0], files.get(), attributes.get(), arguments.data(), environ);
  return errno == 0 ? process : 0;
}

/// "curl could not be started: No such file or directory"; to be called right after start().
std::string not_started(const Command& command) {
  return command[0] + " could not be started: " + std::strerror(errno);
}

ExitStatus exit_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {128 + WTERMSIG(wait_status), WTERMSIG(wait_status)};
  return {WEXITSTATUS(wait_status)};
}

ExitStatus wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_status(status);
}

/// Adds what the pipe holds, but no more than a person could read: an endless loop may print without end.
/// @returns false once there will be no more
bool drain(int pipe_end, std::string& text) {
  constexpr std::size_t most = 1 << 20;
  std::array<char, 4096> buffer{};
  const ssize_t n = read(pipe_end, buffer.data(), buffer.size());
  if (n > 0 && text.size() < most) text.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Decides when a program has to end, and sees to it.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  Deadline(double seconds, const std::function<bool()>& stop, Stop how)
      : seconds_(seconds), stop_(stop), how_(how), begin_(Clock::now()) {}

  /// To be called again and again, until the program has ended.
  void enforce(pid_t process, Captured& result) {
    result.stopped = result.stopped || stop_();
    result.out_of_time = seconds_ > 0 && seconds_since(begin_) > seconds_;
    if (!result.stopped && !result.out_of_time) {
      last_wanted_ = Clock::now();
    } else {
      const bool patient = how_ == Stop::term && seconds_since(last_wanted_) < 5;
      kill(-process, patient ? SIGTERM : SIGKILL);  // to its whole group
    }
  }

 private:
  static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }

  double seconds_;
  const std::function<bool()>& stop_;
  Stop how_;
  Clock::time_point begin_, last_wanted_ = begin_;
};

/// While it lives, what a program starts and leaves behind becomes our child, even in a session of its own; afterwards
/// it is gone.
class Orphans {
 public:
#ifdef __linux__
  Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
  ~Orphans() {
    for (int round = 0; round < 100; ++round) {  // what one of them has started comes to us when it is gone
      std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
      bool any = false;
      for (pid_t one = 0; children >> one; any = true) {
        kill(one, SIGKILL);
        waitpid(one, nullptr, 0);
      }
      if (!any) break;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  }
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;
#endif
};

/// Reads what the program prints until it has ended. Something that it left behind may hold the pipe open:
/// nobody waits for that.
void follow(pid_t process, int pipe_end, Deadline deadline, Captured& result) {
  constexpr int pause = 20;  // milliseconds
  int status = 0;
  bool open = true;
  while (waitpid(process, &status, WNOHANG) == 0) {
    pollfd waiting{pipe_end, POLLIN, 0};
    if (!open) {
      std::this_thread::sleep_for(std::chrono::milliseconds(pause));  // it has closed its output and works on
    } else if (poll(&waiting, 1, pause) > 0) {
      open = drain(pipe_end, result.text);
    }
    deadline.enforce(process, result);
  }
  kill(-process, SIGKILL);  // what it may have started and left
  result.status = exit_status(status);
  std::size_t before = 0;
  do {
    before = result.text.size();
  } while (open && drain(pipe_end, result.text) && result.text.size() > before);
}

}  // namespace

Command with(const std::string& variables, const Command& command) {
  Command all{"sh", "-c", variables + " exec \"$0\" \"$@\""};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

ExitStatus call(const Command& command, Output output) {
  Redirections files;
  if (output == Output::hidden) files.silence(STDOUT_FILENO);
  interrupts = 0;
  const SignalHandler on_interrupt(SIGINT, count_interrupt), on_terminate(SIGTERM, pass_on);
  child = start(command, files);
  if (child == 0) {
    if (output != Output::hidden) std::fprintf(stderr, "learn: %s\n", not_started(command).c_str());
    return {127};
  }
  ExitStatus status = wait_for(child);
  child = 0;
  status.interrupted = interrupts > 0;
  return status;
}

Captured capture(const Command& command, double seconds, const std::function<bool()>& stop, Stop how,
                 const std::string& input) {
  Captured result{{127}, {}, false, false};
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) {
    result.text = not_started(command);
    return result;
  }
  fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
  std::array<int, 2> input_ends{-1, -1};
  if (!input.empty() && pipe(input_ends.data()) != 0) return result;
  Redirections files;
  files.empty(STDIN_FILENO);
  if (!input.empty()) {
    files.replace(STDIN_FILENO, input_ends[0]);
    files.close(input_ends[0]);
    files.close(input_ends[1]);
  }
  files.replace(STDOUT_FILENO, pipe_ends[1]);
  files.replace(STDERR_FILENO, pipe_ends[1]);
  files.close(pipe_ends[0]);
  files.close(pipe_ends[1]);
  Attributes attributes;
  attributes.own_group();
  std::optional<Orphans> orphans;
  if (how == Stop::kill) orphans.emplace();
  const pid_t process = start(command, files, attributes);
  if (process == 0) result.text = not_started(command);
  close(pipe_ends[1]);
  if (!input.empty()) {
    // It fits into the pipe, so that nobody waits for who does not read it.
    [[maybe_unused]] const ssize_t written = write(input_ends[1], input.data(), input.size());
    close(input_ends[0]);
    close(input_ends[1]);
  }
  if (process != 0) follow(process, pipe_ends[0], Deadline(seconds, stop, how), result);
  close(pipe_ends[0]);
  return result;
}

std::string signal_name(int signal) {
  static const std::map<int, const char*> names{
      {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGFPE, "SIGFPE"},
      {SIGILL, "SIGILL"},   {SIGBUS, "SIGBUS"},   {SIGKILL, "SIGKILL"},
      {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"}, {SIGTRAP, "SIGTRAP"}};
  const auto name = names.find(signal);
  std::string text = strsignal(signal);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text + " (" + (name == names.end() ? "signal " + std::to_string(signal) : name->second) + ")";
}

bool is_there(const std::string& program) { return !output_of({program, "--version"}).empty(); }

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
