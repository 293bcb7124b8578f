#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <thread>
#include <utility>

#include "common/files/shell_word.hpp"
#include "common/terminal/interrupt.hpp"
#include "common/terminal/screen.hpp"
#include "common/terminal/text.hpp"
#include "runner/closing.hpp"
#include "runner/commands.hpp"
#include "runner/compiler_log.hpp"
#include "runner/course.hpp"
#include "runner/terminal.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// Times and sizes of the reader's parts. Not inode numbers: an editor that saves
/// into a new file changes the time too.
using Snapshot = std::map<fs::path, std::pair<fs::file_time_type, std::uintmax_t>>;

Snapshot look_at(const fs::path& my) {
  Snapshot seen;
  std::error_code gone;  // a file may go while we look
  const auto links_too = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator i(my, links_too, gone), end; !gone && i != end; i.increment(gone)) {
    if (i.depth() == 0 && i->path().filename().string().starts_with("challenge_"))
      i.disable_recursion_pending();
    if (i->path().extension() != ".hpp") continue;
    std::error_code none;
    const auto time = fs::last_write_time(i->path(), none);
    if (!none) seen[i->path()] = {time, fs::file_size(i->path(), none)};
  }
  return seen;
}

class Watch {
 public:
  Watch(const Repository& repository, Course& course, double seconds)
      : repository_(repository), course_(course), seconds_(seconds), exercise_(&course.current()) {}

  /// @returns the exit code
  int run() {
    if (course_.is_done(*exercise_)) go_on();
    open();
    while (!over()) {
      check();
      if (!over() && !changed()) wait();
    }
    print("\n" + bar(course_.count_done(), course_.exercises().size()) + "   " + learn("watch") +
          " goes on from here\n");
    return interrupt_.requested() ? 130 : 0;
  }

 private:
  static constexpr double pause = 0.15;  // seconds between two looks at the files

  static void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  bool over() const { return quit_ || interrupt_.requested(); }
  bool changed() const { return look_at(course_.workspace().my) != seen_; }

  void open() { notice_ = course_.begin(*exercise_) ? "The stub was put into " + mine() + "\n" : ""; }
  void go_on() {
    if (const Exercise* const next = course_.next_open(*exercise_)) exercise_ = next;
  }
  std::string mine() const { return clickable(course_.workspace().my / exercise_->part); }

  void check() {
    settle();
    fresh_screen();
    print(course_.task(*exercise_) + notice_ + "\nchecking ...\n");
    const Verdict verdict = course_.check(*exercise_, {seconds_, [this] { return interrupted(); }});
    if (verdict.outcome == Outcome::stopped) return;
    passed_ = verdict.outcome == Outcome::passed;
    page_ = course_.task(*exercise_) + std::exchange(notice_, "") + "\n" + course_.tell(*exercise_, verdict);
    if (passed_ && course_.all_done()) page_ += "\n" + closing_screen(repository_, course_);
    show(page_);
  }

  /// Waits until an editor has written all it wants to.
  void settle() {
    do {
      seen_ = look_at(course_.workspace().my);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    } while (changed() && !interrupt_.requested());
  }

  /// Asked while a check runs: a key that leads elsewhere, or another save, ends it.
  bool interrupted() {
    if (const char key = keys_.next(0); key != 0) key_ = key;
    if (key_ == 'q') quit_ = true;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_look_ < std::chrono::duration<double>(pause)) return over();
    last_look_ = now;
    return over() || changed();
  }

  void show(const std::string& page) {
    fresh_screen();
    const std::string gap = columns() < 75 ? "\n" : "   ";
    print(page + "\n" + bar(course_.count_done(), course_.exercises().size()) + gap + colours().bold +
          (passed_ ? "n next   " : "") + "t task   h hint   " + (passed_ ? "" : "n next   ") +
          "l list   q quit" + colours().plain + "\n");
  }

  /// As much of the task as the screen has lines for; the key again shows what comes then, and at its end the beginning.
  void show_task() {
    const std::vector<std::string> lines = lines_of(course_.whole_task(*exercise_));
    const std::size_t height = std::max<std::size_t>(screen_lines(STDOUT_FILENO, lines.size() + 6), 12) - 6;
    if (task_line_ >= lines.size()) task_line_ = 0;
    std::string page;
    const std::size_t end = std::min(lines.size(), task_line_ + height);
    for (std::size_t i = task_line_; i < end; ++i) page += lines[i] + "\n";
    if (end < lines.size()) page += colours().dim + "... t goes on" + colours().plain + "\n";
    task_line_ = end;
    show(page);
  }

  /// Until a file changes, or a key asks for another exercise or for the end.
  void wait() {
    while (!over() && !changed()) {
      const char key = key_ != 0 ? std::exchange(key_, '\0') : keys_.next(pause);
      if (key != 't' && key != 0) task_line_ = 0;
      switch (key) {
        case 't':
          show_task();
          break;
        case 'q':
          quit_ = true;
          return;
        case 'h':
          show(course_.task(*exercise_) + "\n" + course_.next_hint(*exercise_));
          break;
        case 'l':
          show(course_.list());
          break;
        case 'n':
          if (course_.all_done()) break;
          go_on();
          open();
          return;
        case 0:
          break;
        default:
          show(page_);
          break;  // back from a hint or the list
      }
    }
  }

  const Repository& repository_;
  Course& course_;
  double seconds_;
  const Exercise* exercise_;
  const Interrupt interrupt_;
  Keys keys_;
  Snapshot seen_;
  std::chrono::steady_clock::time_point last_look_;
  std::string page_;           // what the last check said
  std::string notice_;         // shown once
  char key_ = 0;               // pressed while a check ran
  std::size_t task_line_ = 0;  // of the task, the first that was not shown yet
  bool passed_ = false;
  bool quit_ = false;
};

}  // namespace

int watch(const Repository& repository, double seconds) {
  Course course(repository);
  if (course.progress_is_lost()) {
    std::puts("my/progress.txt is gone; checking all that is in my/ again.\n");
    CheckOptions all;
    all.all = true;
    all.seconds = seconds;
    if (check(repository, all) == 130) return 130;
    course = Course(repository);
  }
  return Watch(repository, course, seconds).run();
}

}  // namespace gpt
