#include "runner/verdict.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>

#include "common/files/shell_word.hpp"
#include "common/terminal/interrupt.hpp"
#include "runner/closed.hpp"
#include "runner/compiler_log.hpp"
#include "runner/process.hpp"
#include "runner/source_text.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

constexpr const char* unwritten = "not written yet: ";  // as todo() says it

/// A call of Ninja. It goes by the name that CMake found: some systems call it ninja-build.
Command ninja(const Workspace& workspace, const std::vector<std::string>& arguments) {
  std::string name = "ninja";
  std::istringstream cache(contents_of(workspace.build / "CMakeCache.txt"));
  for (std::string line; std::getline(cache, line);) {
    if (line.starts_with("CMAKE_MAKE_PROGRAM:")) name = line.substr(line.find('=') + 1);
  }
  Command all{name, "-C", workspace.build.string(), "-f", workspace.plan.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return with("LC_ALL=C", all);
}

/// While it lives, no other learn builds by this plan: two of Ninja mix up what they have compiled from what.
class BuildLock {
 public:
  BuildLock(const Workspace& workspace, const Limits& limits)
      : file_(open((workspace.build / workspace.plan.parent_path() / "learn.lock").c_str(),
                   O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
    while (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && !limits.stop()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ~BuildLock() { close(file_); }
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;

 private:
  int file_;
};

/// A program that cannot harm the machine: it ends by itself if we are gone, and a loop that grows without end gets
/// std::bad_alloc. Where a system has no such limits, it does without.
/// @param memory   kibibytes
/// @param files    the largest it may write, in blocks of 512 bytes
/// @param seconds  of the processor, for each process
Command limited(const Command& command, long memory, long files, long seconds) {
  const std::string limits = "ulimit -c 0; ulimit -v " + std::to_string(memory) + "; ulimit -f " +
                             std::to_string(files) + "; ulimit -t " + std::to_string(seconds);
  Command all{"sh", "-c", "{ " + limits + "; } 2>/dev/null; exec \"$@\"", "sh"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

Command limited_tests(const fs::path& program, const fs::path& log, double seconds) {
  return limited(with("OMP_NUM_THREADS=1 BARDLING_ASKS=1",
                      {program.string(), "--reporter", "xml", "--out", log.string()}),
                 4 << 20, 200 << 10, static_cast<long>(std::ceil(seconds)) + 10);
}

/// A build. The reader's code may keep the compiler busy for ever, too: a template that makes itself again and again.
Command limited_build(const Command& ninja) { return limited(ninja, 4 << 20, 2 << 20, 300); }

/// 32 letters that nobody guesses.
std::string new_word() {
  std::random_device dice;
  std::string word;
  while (word.size() < 32) word += "0123456789abcdef"[dice() % 16];
  return word;
}

/// How the test program says that it ended, in a line that begins with the word it was given; see tests/support/main.cpp.
struct Ending {
  bool ran = false;     // all tests had their turn
  bool exited = false;  // somebody called exit() before
  bool forked = false;  // there is another process like it
};

/// Reads it from what was printed, and takes it out.
Ending take_ending(std::string& printed, const std::string& word) {
  Ending ending;
  for (std::size_t at = 0; (at = printed.find("\n" + word + " ")) != std::string::npos;) {
    const std::size_t end = std::min(printed.find('\n', at + 1), printed.size());
    const std::string said = printed.substr(at + 1 + word.size() + 1, end - at - word.size() - 2);
    ending.ran = ending.ran || said.starts_with("ran ");
    ending.exited = ending.exited || said.starts_with("exit ");
    ending.forked = ending.forked || said.starts_with("forked ");
    printed.erase(at, end == printed.size() ? std::string::npos : end - at + 1);
  }
  return ending;
}

/// How many tests a file has.
std::size_t count_tests(const fs::path& file) {
  std::istringstream lines(contents_of(file));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("TEST_CASE(")) ++count;
  }
  return count;
}

std::string tail(const std::string& text, std::size_t lines) {
  std::size_t begin = text.size();
  if (begin > 0) --begin;  // the last line's own end
  while (begin > 0 && (text[begin - 1] != '\n' || --lines > 0)) --begin;
  const std::size_t most = 2000;  // a loop may print without a line's end, too
  return text.size() - begin > most ? "..." + text.substr(text.size() - most) : text.substr(begin);
}

bool contains(const std::vector<fs::path>& files, const fs::path& file) {
  return std::find(files.begin(), files.end(), file.lexically_normal()) != files.end();
}

/// Whatever it is called: through a link, or by way of the compiler's own folder.
bool is_same_file(const Workspace& workspace, const fs::path& file, const fs::path& other) {
  std::string name = file.string();
  for (const char* const own : {"/proc/self/cwd", "/dev/fd/../cwd"}) {
    if (name.starts_with(own)) name = workspace.build.string() + name.substr(std::string(own).size());
  }
  std::error_code none;
  return fs::equivalent(name, other, none);
}

bool is_below(const fs::path& file, const fs::path& folder) {
  const fs::path way = file.lexically_normal().lexically_relative(folder.lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

/// A name that belongs to the tests, and that the reader's code gives another meaning or speaks of; empty if none. With
/// `#define expect_close(...)`, every test would pass.
std::string name_of_the_tests(const std::string& source, const std::string& test) {
  const std::set<std::string> of_test = names_in(test);
  for (const std::string& name : macros_in(source)) {
    if (of_test.contains(name)) return name;
  }
  for (const std::string& name : names_in(source)) {
    const bool own = name == "expect" || name == "Catch" || name == "Unmet" || name == "TEST_CASE";
    if (own || name.starts_with("expect_") || name.starts_with("CATCH_") || name.starts_with("REQUIRE"))
      return name;
  }
  return {};
}

/// Empty if this file leaves the tests' names alone.
std::string why_tests_mean_nothing(const fs::path& source, const std::string& test) {
  const std::string name = name_of_the_tests(contents_of(source), test);
  if (name.empty()) return {};
  return clickable(source) + " speaks of " + name +
         ", which the tests use, so they prove nothing: choose another name";
}

/// Empty if the program was compiled from the reader's file and from nobody else's of that name.
std::string why_not_proven(const Workspace& workspace, const Exercise& exercise) {
  const fs::path mine = workspace.my / exercise.part, reference = workspace.root / exercise.reference();
  const std::vector<fs::path> sources = sources_of(workspace, "exercise_" + exercise.name);
  if (is_same_file(workspace, mine, reference)) {
    return clickable(mine) + " is a link to the reference, " + exercise.reference().string() +
           ", so nothing is proven about it";
  }
  if (!contains(sources, mine)) {
    return "the tests were not compiled from " + clickable(mine) + ", so nothing is proven about it";
  }
  for (const fs::path& source : sources) {
    if (!is_same_file(workspace, source, reference)) continue;
    return clickable(mine) + " includes the reference, " + exercise.reference().string() +
           ", so nothing is proven about it";
  }
  const std::string test = contents_of(workspace.root / exercise.test());
  for (const fs::path& source : sources) {
    if (!is_below(source, workspace.my)) continue;
    const std::string why = why_tests_mean_nothing(source, test);
    if (!why.empty()) return why;
  }
  return {};
}

void judge_crash(Verdict& verdict, const Captured& run, const Ending& ending, const TestResult* last) {
  verdict.outcome = Outcome::crashed;
  if (run.status.signal != 0) {
    verdict.problem = "the program crashed: " + signal_name(run.status.signal);
    verdict.hint =
        "Usual causes: an index past the end, recursion that never ends, a reference to something gone.";
  } else if (ending.ran && run.status.code == 0) {
    verdict.problem =
        "the tests ran, and their log breaks off: does your code close files that are not its own?";
  } else if (ending.ran) {
    verdict.problem = "the tests ran, and ended with exit code " + std::to_string(run.status.code);
  } else {
    verdict.problem = ending.exited
                          ? "your code called exit(), which ends the whole program, the tests as well"
                          : "the program ended before its tests did, with exit code " +
                                std::to_string(run.status.code) + ": does your code call _exit()?";
    verdict.hint = "A function ends by return; what is wrong is thrown, as std::invalid_argument.";
  }
  if (run.status.signal == SIGFPE || (last != nullptr && last->problem.find("SIGFPE") != std::string::npos)) {
    verdict.hint = "Usual cause: a whole number divided by 0, with / or %.";
  }
  if (is_uncaught(run.text)) {
    verdict.problem = "an exception was thrown where nothing can catch it";
    verdict.hint =
        "That is outside of the tests, as in the value of a variable at namespace scope, in a destructor, or "
        "in a "
        "function that is noexcept.";
  }
  if (const std::string found = misuse(run.text); !found.empty()) {
    verdict.problem = found;
    verdict.printed.clear();  // that was the standard library speaking, in more words
    verdict.hint = "Is there a loop that runs one too far, or a list shorter than it should be?";
  }
  if (last != nullptr) verdict.where = clickable(last->file) + ":" + last->line;
}

void judge_failure(Verdict& verdict, const TestResult& test, const Exercise& exercise) {
  verdict.where = clickable(test.file) + ":" + test.line;
  verdict.problem = test.problem;
  verdict.outcome = Outcome::failed;
  const std::size_t found = test.problem.find(unwritten);
  if (found != std::string::npos) {
    verdict.outcome = Outcome::not_written;
    verdict.problem = test.problem.substr(found);
    const std::string name = verdict.problem.substr(std::string(unwritten).size());
    if (name != exercise.name) {
      verdict.hint = "This exercise builds on " + name + ": " + learn("exercise " + name);
    }
  } else if (test.problem == "Unknown exception") {
    verdict.problem = "your code threw something that is no std::exception";
    verdict.hint = "Errors are thrown as std::invalid_argument, with a message.";
  } else if (test.problem.find("got nan") != std::string::npos ||
             test.problem.find("got -nan") != std::string::npos) {
    verdict.hint =
        "nan, which is no number, comes of 0 / 0, of infinity less infinity, and in the tests of a tensor "
        "that is gone: a "
        "span only points to numbers, so the tensor that holds them needs a name that lives as long.";
  } else if (test.problem.find("bad_alloc") != std::string::npos) {
    verdict.problem = "memory ran out (" + test.problem + ")";
    verdict.hint = "Is there a loop that grows something without end, or a size below 0?";
  }
}

/// The value that a variable without one has in the tests, in the words in which they print numbers; else empty. The
/// compiler fills them with bytes: g++ with 0xFE, clang with 0xAA.
std::string without_value(const std::string& problem) {
  for (const char* const bytes :
       {"-1.6947e+38", "-1.69474e+38", "-1694739530317379", "18374403900871474942", "-72340172838076674",
        "12297829382473034410", "-6148914691236517206", "-3.0316e-13"}) {
    if (problem.find(bytes) != std::string::npos) return bytes;
  }
  // An int that something small was added to.
  for (std::size_t at = 0; (at = problem.find("-1684", at)) != std::string::npos; ++at) {
    const std::size_t end = problem.find_first_not_of("0123456789", at + 1);
    const std::string number = problem.substr(at, std::min(end, problem.size()) - at);
    if (number.size() == 9 && std::abs(std::stol(number) + 16843010) < 5000) return number;
  }
  return {};
}

/// @param log  what Catch2 wrote, up to where the program got
void judge(Verdict& verdict, const Captured& run, const Ending& ending, const std::string& log,
           const Exercise& exercise, double seconds) {
  verdict.tests = read_test_log(log);
  verdict.printed = tail(run.text, 20);
  const auto failed = std::find_if(verdict.tests.begin(), verdict.tests.end(),
                                   [](const TestResult& test) { return !test.problem.empty(); });
  const TestResult* const last = verdict.tests.empty() ? nullptr : &verdict.tests.back();
  const bool crashed = run.status.signal != 0 || verdict.tests.empty() || !last->finished || !ending.ran;
  if (run.stopped) {
    verdict.outcome = Outcome::stopped;
  } else if (failed != verdict.tests.end() && !(crashed && &*failed == last)) {
    judge_failure(verdict, *failed, exercise);
  } else if (run.out_of_time) {
    verdict.outcome = Outcome::out_of_time;
    std::ostringstream problem;
    problem << "not done after " << seconds << " seconds: is there a loop that never ends?";
    verdict.problem = problem.str();
    if (last != nullptr) verdict.where = clickable(last->file) + ":" + last->line;
  } else if (crashed || run.status.code != 0) {
    judge_crash(verdict, run, ending, last);
  } else if (ending.forked || verdict.tests.size() > verdict.all_tests) {
    verdict.outcome = Outcome::not_proven;
    verdict.problem = "does your code call fork()? What two processes say about one file proves nothing";
  } else if (verdict.tests.size() < verdict.all_tests) {
    verdict.outcome = Outcome::not_proven;
    verdict.problem = "only " + std::to_string(verdict.tests.size()) + " of " +
                      std::to_string(verdict.all_tests) + " tests ran, so nothing is proven";
  } else {
    verdict.outcome = Outcome::passed;
  }
  if (const std::string found = without_value(verdict.problem); !found.empty()) {
    verdict.hint =
        found + " is what the tests find in a variable that was never given a value: `float total;` holds " +
        "anything, `float total = 0;` holds 0.";
  }
}

/// What was to be made without arguments and cannot be: g++ names the class, clang the member. Empty if that is
/// not the error.
std::string default_constructed(const std::string& error) {
  const std::string before = "no matching function for call to '", of_clang = "initialize the member '";
  if (const std::size_t at = error.find(of_clang); at != std::string::npos) {
    const std::size_t name = at + of_clang.size();
    return "`" + error.substr(name, error.find('\'', name) - name) + "`";
  }
  const std::size_t end = error.find("()'");
  if (!error.starts_with(before) || end == std::string::npos) return {};
  const std::string call = error.substr(before.size(), end - before.size());  // "gpt::Linear::Linear"
  const std::size_t colons = call.rfind("::");
  const std::string scope = call.substr(0, colons);
  const std::string type = scope.substr(scope.find_last_of(':') + 1);
  return colons != std::string::npos && call.substr(colons + 2) == type ? "A " + type : std::string();
}

/// Ninja looks at dates alone. A file whose content changed and whose date did not, from a backup or by `mv`, gets
/// today's; what was in it at the last look is remembered by a number.
void notice_old_dates(const Workspace& workspace) {
  const fs::path list = workspace.build / (workspace.prefix + "contents_of_my.txt");
  std::map<std::string, std::size_t> before;
  std::ifstream in(list);
  std::size_t number = 0;
  for (std::string name; in >> number && in.ignore() && std::getline(in, name);) before[name] = number;
  std::error_code none;
  const fs::file_time_type last_look = fs::last_write_time(list, none);
  std::ostringstream now;
  const auto links_too = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator i(workspace.my, links_too, none), end; !none && i != end;
       i.increment(none)) {
    if (i->path().extension() != ".hpp" || !i->is_regular_file(none)) continue;
    const std::string name = i->path().string();
    const std::size_t content = std::hash<std::string>()(contents_of(i->path()));
    const bool changed = before.count(name) > 0 && before[name] != content;
    if (changed && fs::last_write_time(name, none) <= last_look) {
      fs::last_write_time(name, fs::file_time_type::clock::now(), none);
    }
    now << content << ' ' << name << '\n';
  }
  std::ofstream(list) << now.str();
}

/// Empty if the compiler can read all that is called like a header in my/: no pipe, no file or folder of somebody else's.
std::string why_unreadable(const Workspace& workspace) {
  std::error_code none;
  const auto links_too = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator i(workspace.my, links_too, none), end; !none && i != end;
       i.increment(none)) {
    std::error_code gone;
    const bool is_folder = i->is_directory(gone);
    if ((!is_folder && i->path().extension() != ".hpp") || !i->exists(gone)) continue;
    if (!is_folder && !i->is_regular_file(gone)) {
      return clickable(i->path()) +
             " is not a file that can be read: the compiler would wait for it for ever. Remove it, or put a "
             "file "
             "in its place.";
    }
    const std::string closed = why_closed(workspace.root, i->path(), Access::read);
    if (!closed.empty()) return closed;
  }
  return {};
}

/// What the reader's text shows: passing the tests by the library's own version is right, and is not what the exercise is
/// for; and some mistakes stand in it for all to see, where the numbers that come out do not tell them.
void notice_in_text(Verdict& verdict, const Exercise& exercise, const std::string& source) {
  const std::string name = called_by(exercise.by_hand, exercise.not_to_be_called, source);
  if (verdict.outcome == Outcome::passed && !name.empty()) {
    verdict.outcome = Outcome::borrowed;
    verdict.problem =
        "the tests pass, but with " + name + ", the library's own: to write that yourself was the exercise";
    verdict.hint = "It does not count as done before " + exercise.by_hand + " does without " + name + ".";
  }
  if (verdict.outcome != Outcome::failed) return;
  const auto add = [&](const std::string& hint) {
    verdict.hint += (verdict.hint.empty() ? "" : "\n") + hint;
  };
  if (!name.empty()) add("It calls " + name + ", the library's own: to write that yourself is the exercise.");
  if (const std::string unset = unset_variable_in(source); !unset.empty()) {
    add(unset +
        " seems to be used before it was ever given a value: what it holds then is whatever the memory "
        "held.");
  }
  if (const std::string division = whole_number_division_in(source); !division.empty()) {
    add("If both are whole numbers, " + division +
        " is one, too: what comes after the point is lost, and 1 / 3 is 0. " + "1.0f is no whole number.");
  }
}

Verdict build_locked(const Workspace& workspace, const std::vector<std::string>& targets,
                     const Limits& limits) {
  Verdict verdict;
  if (verdict.problem = why_unreadable(workspace); !verdict.problem.empty()) {
    verdict.outcome = Outcome::not_built;
    return verdict;
  }
  notice_old_dates(workspace);
  std::vector<std::string> arguments;
  if (targets.size() > 1) arguments = {"-k", "0"};
  for (const std::string& target : targets) arguments.push_back(workspace.prefix + target);
  const Captured ninja_run = capture(limited_build(ninja(workspace, arguments)), 0, limits.stop, Stop::term);
  verdict.log = ninja_run.text;
  if (ninja_run.stopped) return verdict;
  verdict.outcome = Outcome::passed;
  if (ninja_run.status.code == 0) return verdict;
  if (const std::string gave_up = why_compiler_gave_up(ninja_run.text); !gave_up.empty()) {
    verdict.outcome = Outcome::not_compiled;
    verdict.problem = gave_up;
    verdict.hint =
        "Is there a template that makes itself again and again, a constexpr loop without end, or a huge "
        "array?";
    return verdict;
  }
  const CompilerError error = first_error(ninja_run.text, workspace.build, workspace.my);
  const bool from_linker = error.text.find("undefined reference") != std::string::npos ||
                           error.text.starts_with("multiple definition of");
  verdict.outcome = error.where.empty() && !from_linker ? Outcome::not_built : Outcome::not_compiled;
  verdict.problem = error.text;
  verdict.where = error.where;
  if (const std::string made = default_constructed(error.text); !made.empty()) {
    verdict.hint = made +
                   " is not made without arguments. A member gets them before the constructor's body, " +
                   "as in `: name_(arguments) {`.";
  } else if (!error.via.empty()) {
    verdict.hint = "It comes from your line " + error.via + ".";
  } else if (!error.where.empty() && error.where.find(clickable(workspace.my)) != 0 &&
             error.text.starts_with("expected")) {
    verdict.hint =
        "That is where the compiler got to after your file: is a ; or a } missing at the end of yours?";
  } else if (!error.where.empty() && error.where.find(clickable(workspace.my)) != 0) {
    verdict.hint =
        "That is not your file, but it uses yours: keep the names, arguments, results and const of the stub.";
  }
  return verdict;
}

}  // namespace

std::string why_not_built(const Verdict& verdict) {
  std::string lines;
  for (const std::string& part : {verdict.where, verdict.problem, verdict.hint}) {
    if (!part.empty()) lines += part + "\n";
  }
  return lines;
}

bool built(const Workspace& workspace, const std::string& program, const std::string& line) {
  const Interrupt interrupt;
  std::printf("%s", line.c_str());
  std::fflush(stdout);
  const Verdict verdict = build(workspace, {program}, {0, [&] { return interrupt.requested(); }});
  if (verdict.outcome == Outcome::passed) return true;
  if (verdict.outcome != Outcome::stopped) std::fprintf(stderr, "\n%s", why_not_built(verdict).c_str());
  return false;
}

std::vector<fs::path> sources_of(const Workspace& workspace, const std::string& program) {
  const std::string objects_folder = workspace.prefix + program + ".dir/";
  std::vector<std::string> ask{"-t", "deps"};
  std::istringstream inputs(
      output_of(ninja(workspace, {"-t", "query", "bin/" + workspace.prefix + program})));
  for (std::string line; std::getline(inputs, line);) {
    const std::size_t name = line.find_first_not_of(" |");
    if (name != std::string::npos && line.find(objects_folder) != std::string::npos && line.ends_with(".o")) {
      ask.push_back(line.substr(name));
    }
  }
  std::vector<fs::path> sources;
  if (ask.size() == 2) return sources;  // no objects: asking would list every program's
  std::istringstream dependencies(output_of(ninja(workspace, ask)));
  for (std::string line; std::getline(dependencies, line);) {
    if (!line.starts_with("    ")) continue;  // a file's name is indented
    fs::path file = line.substr(4);
    if (file.is_relative()) file = workspace.build / file;
    sources.push_back(file.lexically_normal());
  }
  return sources;
}

fs::path log_file(const Workspace& workspace, const Exercise& exercise) {
  return workspace.build / (workspace.prefix + "exercise_" + exercise.name + ".xml");
}

Verdict build(const Workspace& workspace, const std::vector<std::string>& targets, const Limits& limits) {
  const BuildLock lock(workspace, limits);
  return build_locked(workspace, targets, limits);
}

Verdict examine(const Workspace& workspace, const Exercise& exercise, const Limits& limits) {
  const fs::path mine = workspace.my / exercise.part;
  Verdict verdict;
  if (!fs::exists(mine)) {
    verdict.outcome = Outcome::missing;
    verdict.problem = "there is no " + clickable(mine) + " yet";
    verdict.hint = learn("exercise " + exercise.name) + " puts its beginning there.";
    return verdict;
  }
  if (!fs::is_regular_file(mine)) {
    verdict.outcome = Outcome::missing;
    verdict.problem = clickable(mine) + " is not a file that can be read";
    verdict.hint = learn("reset " + exercise.name) + " puts its beginning there.";
    return verdict;
  }
  if (verdict.problem = why_closed(workspace.root, mine, Access::read); !verdict.problem.empty()) {
    verdict.outcome = Outcome::not_built;
    return verdict;
  }
  const std::string text = contents_of(mine);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    verdict.outcome = Outcome::missing;
    verdict.problem = clickable(mine) + " is empty";
    verdict.hint = learn("reset " + exercise.name) + " puts its beginning there.";
    return verdict;
  }
  const bool zeros = text.substr(0, 4).find('\0') != std::string::npos;
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || zeros) {
    verdict.outcome = Outcome::missing;
    verdict.problem = clickable(mine) + " is UTF-16 or UTF-32, which compilers do not read";
    verdict.hint = "Have your editor save it as UTF-8.";
    return verdict;
  }
  verdict.problem = why_tests_mean_nothing(mine, contents_of(workspace.root / exercise.test()));
  if (!verdict.problem.empty()) {
    verdict.outcome = Outcome::not_proven;
    return verdict;
  }
  const BuildLock lock(workspace, limits);
  verdict = build_locked(workspace, {"exercise_" + exercise.name}, limits);
  if (verdict.outcome != Outcome::passed) return verdict;
  const std::string warning = first_warning(verdict.log, workspace.build, workspace.my);
  verdict.problem = why_not_proven(workspace, exercise);
  if (!verdict.problem.empty()) {
    verdict.outcome = Outcome::not_proven;
    return verdict;
  }
  const fs::path log = log_file(workspace, exercise);
  fs::remove(log);
  const fs::path program = workspace.build / "bin" / (workspace.prefix + "exercise_" + exercise.name);
  const std::string word = new_word();
  Captured run =
      capture(limited_tests(program, log, limits.seconds), limits.seconds, limits.stop, Stop::kill, word);
  const Ending ending = take_ending(run.text, word);
  const std::string xml = contents_of(log);
  verdict.log += run.text + xml;
  verdict.all_tests = count_tests(workspace.root / exercise.test());
  judge(verdict, run, ending, xml, exercise, limits.seconds);
  notice_in_text(verdict, exercise, text);
  if (!warning.empty() && verdict.outcome != Outcome::not_written) {
    verdict.hint += (verdict.hint.empty() ? "" : "\n") + ("The compiler warns: " + warning);
  }
  return verdict;
}

}  // namespace gpt
