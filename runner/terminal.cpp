#include "runner/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "common/terminal/screen.hpp"

namespace gpt {
namespace {

volatile std::sig_atomic_t resumed = 0;
void note_resumed(int) { resumed = 1; }

void one_by_one(const termios& before) {
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl-C and Ctrl-Z keep their meaning
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

}  // namespace

const Colours& colours() {
  static const bool wanted = is_screen(STDOUT_FILENO) && colours_allowed();
  static const Colours some{"\033[32m", "\033[31m", "\033[2m", "\033[1m", "\033[0m"};
  static const Colours none;
  return wanted ? some : none;
}

std::size_t columns() {
  constexpr std::size_t narrowest = 40, widest = 96;
  return std::clamp(screen_columns(STDOUT_FILENO, /*otherwise=*/widest), narrowest, widest);
}

Keys::Keys() : terminal_(isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before_) == 0) {
  if (!terminal_) return;
  std::signal(SIGCONT, note_resumed);  // after Ctrl-Z and fg, the shell has put the terminal back
  one_by_one(before_);
}

Keys::~Keys() {
  if (!terminal_) return;
  std::signal(SIGCONT, SIG_DFL);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

char Keys::next(double seconds) {
  if (resumed != 0 && terminal_) {
    resumed = 0;
    one_by_one(before_);
  }
  if (ended_) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return 0;
  }
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(seconds * 1000)) <= 0) return 0;
  char key = 0;
  const ssize_t n = read(STDIN_FILENO, &key, 1);
  if (n == 1) return key;
  if (terminal_) return 'q';
  ended_ = n == 0;
  return 0;
}

void fresh_screen() { std::fputs(is_screen(STDOUT_FILENO) ? "\033[H\033[2J" : "\n", stdout); }

std::string bar(std::size_t done, std::size_t all) {
  constexpr std::size_t width = 24;
  const std::size_t full = all == 0 ? 0 : width * done / all;
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "] " + std::to_string(done) +
         " of " + std::to_string(all);
}

}  // namespace gpt
