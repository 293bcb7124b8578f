#include "common/terminal/progress.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

namespace gpt {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Sets an environment variable for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* const before = getenv(name);
    was_set_ = before != nullptr;
    if (was_set_) before_ = before;
    setenv(name, value, 1);
  }
  ~Variable() { was_set_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool was_set_;
};

/// All that is written until both ends are closed.
std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(fd);
  return text;
}

/// What the body's Progress writes into a pipe.
template <class Body>
std::string in_a_pipe(Body body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::string text;
  std::thread reader([&] { text = read_all(ends[0]); });
  body(ends[1]);
  close(ends[1]);
  reader.join();
  return text;
}

/// What the body's Progress writes to a terminal so many columns wide.
template <class Body>
std::string in_a_terminal(unsigned short columns, Body body) {
  const int outside = posix_openpt(O_RDWR | O_NOCTTY);
  const bool opened = outside >= 0 && grantpt(outside) == 0 && unlockpt(outside) == 0;
  const int inside = opened ? open(ptsname(outside), O_RDWR | O_NOCTTY) : -1;
  // ctest counts a test that says so as skipped: some containers and build machines have none.
  if (inside < 0) FAIL("skipped: no pseudo-terminal can be opened here");
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  REQUIRE(ioctl(inside, TIOCSWINSZ, &size) == 0);
  std::string text;
  std::thread reader([&] { text = read_all(outside); });
  body(inside);
  close(inside);
  reader.join();
  return text;
}

/// A whole short run.
void train(int fd, bool quiet = false) {
  Progress progress("Chapter 1", 0, 3000, quiet, fd);
  progress.evaluated(0, 4.5f, 4.625f, true);
  for (std::size_t step = 1; step <= 3000; ++step) {
    progress.step(step, 2.5f);
    if (step % 1500 == 0) progress.evaluated(step, 2.25f, 2.375f, step == 1500);
  }
  progress.finish();
}

/// The frames that a terminal was shown, without colours and without what erases.
std::vector<std::string> frames(std::string text) {
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) {
    text.erase(at, text.find_first_of("mK", at) + 1 - at);
  }
  std::vector<std::string> result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    if (end > begin) result.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

TEST_CASE("Progress: quiet writes nothing, anywhere", "[progress]") {
  CHECK(in_a_pipe([](int fd) { train(fd, /*quiet=*/true); }).empty());
  CHECK(in_a_terminal(80, [](int fd) { train(fd, /*quiet=*/true); }).empty());
}

TEST_CASE("Progress: a pipe gets a plain line an evaluation, and one at the end", "[progress]") {
  const std::string text = in_a_pipe([](int fd) { train(fd); });
  CHECK(text.rfind("Chapter 1  step     0/3,000  train 4.5000  val 4.6250  best so far\n"
                   "Chapter 1  step 1,500/3,000  train 2.2500  val 2.3750  best so far\n"
                   "Chapter 1  step 3,000/3,000  train 2.2500  val 2.3750\n"
                   "Chapter 1  3,000/3,000 steps in 0:",
                   0) == 0);
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  CHECK_FALSE(contains(text, "\x1b"));
  CHECK_FALSE(contains(text, "\r"));
}

TEST_CASE("Progress: a dumb terminal, or one without a name, gets plain lines too", "[progress]") {
  const Variable term("TERM", GENERATE("dumb", ""));
  CHECK_FALSE(contains(in_a_terminal(80, [](int fd) { train(fd); }), "\x1b"));
}

TEST_CASE("Progress: a terminal gets one line, redrawn, and ended at the end", "[progress]") {
  const Variable term("TERM", "xterm"), locale("LC_ALL", "C.UTF-8"), colour("NO_COLOR", "");
  const std::string text = in_a_terminal(120, [](int fd) { train(fd); });
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.back() == '\n');
  CHECK(contains(text, "\x1b[32m"));

  const std::vector<std::string> shown = frames(text);
  REQUIRE(shown.size() >= 5);  // at the start, three evaluations, at the end
  CHECK(shown.front().rfind("Chapter 1  ", 0) == 0);
  CHECK(contains(shown.front(), "0/3,000"));
  CHECK(contains(shown.back(), "3,000/3,000"));
  CHECK(contains(shown.back(), "steps/s  in 0:"));
  CHECK(contains(shown.back(), "train 2.250  val 2.375"));
  CHECK(contains(shown.back(), "━"));
}

TEST_CASE("Progress: NO_COLOR leaves out the colours, a plain locale the box characters", "[progress]") {
  const Variable term("TERM", "xterm"), locale("LC_ALL", "C"), colour("NO_COLOR", "1");
  const std::string text = in_a_terminal(120, [](int fd) { train(fd); });
  CHECK_FALSE(contains(text, "\x1b[3"));
  CHECK(contains(text, "=============================="));
  CHECK(contains(text, ".............................."));
  CHECK(std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; }));
}

TEST_CASE("Progress: no frame is wider than the terminal, however narrow that is", "[progress]") {
  const Variable term("TERM", "xterm"), locale("LC_ALL", "C.UTF-8"), colour("NO_COLOR", "");
  for (unsigned short columns = 1; columns <= 130; ++columns) {
    INFO(columns);
    const std::vector<std::string> shown = frames(in_a_terminal(columns, [](int fd) {
      Progress progress("Chapter 6", 0, 5000, false, fd);
      progress.step(1, 4.25f);
      progress.evaluated(2500, 1.5f, 1.75f, true);
    }));
    for (const std::string& frame : shown) CHECK(columns_of(frame) < columns);
    if (columns >= 12) CHECK(contains(shown.back(), "2,500/5,000"));  // what is kept to the last
  }
}

TEST_CASE("Progress: 80 columns hold a bar, the speed, the time and the losses", "[progress]") {
  const Variable term("TERM", "xterm"), locale("LC_ALL", "C"), colour("NO_COLOR", "1");
  const std::string last = frames(in_a_terminal(80, [](int fd) { train(fd); })).back();
  for (const char* const part :
       {"==========", "3,000/3,000", "steps/s", "in 0:", "train 2.250", "val 2.375"}) {
    CHECK(contains(last, part));
  }
}

TEST_CASE("Progress: draws at most ten times a second", "[progress]") {
  const Variable term("TERM", "xterm");
  const auto start = std::chrono::steady_clock::now();
  const std::string text = in_a_terminal(80, [](int fd) {
    Progress progress("fast", 0, 3'000'000, false, fd);
    for (std::size_t step = 1; step <= 3'000'000; ++step) progress.step(step, 1);
  });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  // One at the start, one at the end.
  CHECK(static_cast<double>(frames(text).size()) <= 2 + taken.count() * 10);
}

TEST_CASE("Progress: a slow run is redrawn between evaluations", "[progress]") {
  const Variable term("TERM", "xterm");
  const std::string text = in_a_terminal(100, [](int fd) {
    Progress progress("slow", 0, 10, false, fd);
    for (std::size_t step = 1; step <= 2; ++step) {
      std::this_thread::sleep_for(std::chrono::milliseconds(120));
      progress.step(step, 3.5f);
    }
  });
  const std::vector<std::string> shown = frames(text);
  REQUIRE(shown.size() >= 3);  // at the start, at a step, at the end
  CHECK(contains(shown[1], "1/10"));
  CHECK(contains(shown[1], "left  train 3.500"));
  CHECK_FALSE(contains(shown[1], "val"));
  CHECK(contains(shown.back(), "2/10"));
}

TEST_CASE("Progress: a run of no steps, a run that goes on, and losses that are not numbers", "[progress]") {
  const Variable term("TERM", "xterm"), locale("LC_ALL", "C"), colour("NO_COLOR", "1");
  CHECK(contains(in_a_terminal(100, [](int fd) { Progress("none", 0, 0, false, fd); }), "0/0"));
  CHECK(contains(in_a_pipe([](int fd) { Progress("none", 0, 0, false, fd); }), "none  0/0 steps in 0:"));

  const std::string resumed = in_a_terminal(100, [](int fd) { Progress("on", 500, 1000, false, fd); });
  CHECK(contains(resumed, "500/1,000"));
  CHECK_FALSE(contains(resumed, "="));  // the bar shows this run only

  const std::string lost = in_a_terminal(100, [](int fd) {
    Progress progress("lost", 0, 10, false, fd);
    progress.step(1, std::numeric_limits<float>::quiet_NaN());
    progress.evaluated(1, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(),
                       false);
  });
  CHECK(contains(lost, "train inf  val nan"));
}

TEST_CASE("Progress: nobody at the other end does not stop the training", "[progress]") {
  Progress progress("alone", 0, 10, false, /*fd=*/-1);
  progress.evaluated(1, 1, 1, true);
  progress.finish();
  progress.finish();
  SUCCEED("no exception");
}

}  // namespace
}  // namespace gpt
