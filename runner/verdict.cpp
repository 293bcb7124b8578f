#include "runner/verdict.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <system_error>
#include <thread>

#include "common/files/shell_word.hpp"
#include "runner/compiler_log.hpp"
#include "runner/process.hpp"

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
  Command all{"env", "LC_ALL=C", name, "-C", workspace.build.string(), "-f", workspace.plan.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
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

/// A program that cannot harm the machine: it ends by itself if we are gone, and a loop that grows without
/// end gets std::bad_alloc. Where a system has no such limits, it does without.
Command limited(const Command& command, double seconds) {
  const std::string limits = "ulimit -c 0; ulimit -v 4194304; ulimit -f 204800; ulimit -t " +
                             std::to_string(static_cast<int>(std::ceil(seconds)) + 10);
  Command all{"sh", "-c", "{ " + limits + "; } 2>/dev/null; OMP_NUM_THREADS=1 exec \"$@\"", "sh"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
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

/// Empty if the program was compiled from the reader's file and from nobody else's of that name.
std::string why_not_proven(const Workspace& workspace, const Exercise& exercise) {
  const std::vector<fs::path> sources = sources_of(workspace, "exercise_" + exercise.name);
  if (!contains(sources, workspace.my / exercise.part)) {
    return "the tests were not compiled from " + clickable(workspace.my / exercise.part) +
           ", so nothing is proven about it";
  }
  if (contains(sources, workspace.root / exercise.reference())) {
    return clickable(workspace.my / exercise.part) + " includes the reference, " +
           exercise.reference().string() + ", so nothing is proven about it";
  }
  return {};
}

void judge_crash(Verdict& verdict, const Captured& run, const TestResult* last) {
  verdict.outcome = Outcome::crashed;
  verdict.problem = run.status.signal != 0
                        ? "the program crashed: " + signal_name(run.status.signal)
                        : "the program ended early, with exit code " + std::to_string(run.status.code);
  verdict.hint =
      "Usual causes: an index past the end, recursion that never ends, a reference to something gone.";
  if (run.status.signal == SIGFPE || (last != nullptr && last->problem.find("SIGFPE") != std::string::npos)) {
    verdict.hint = "Usual cause: a whole number divided by 0, with / or %.";
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
  } else if (test.problem.find("bad_alloc") != std::string::npos) {
    verdict.problem = "memory ran out (" + test.problem + ")";
    verdict.hint = "Is there a loop that grows something without end, or a size below 0?";
  }
}

/// @param log  what Catch2 wrote, up to where the program got
void judge(Verdict& verdict, const Captured& run, const std::string& log, const Exercise& exercise,
           double seconds) {
  verdict.tests = read_test_log(log);
  verdict.printed = tail(run.text, 20);
  const auto failed = std::find_if(verdict.tests.begin(), verdict.tests.end(),
                                   [](const TestResult& test) { return !test.problem.empty(); });
  const TestResult* const last = verdict.tests.empty() ? nullptr : &verdict.tests.back();
  const bool crashed = run.status.signal != 0 || verdict.tests.empty() || !last->finished;
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
    judge_crash(verdict, run, last);
  } else {
    verdict.outcome = Outcome::passed;
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

Verdict build_locked(const Workspace& workspace, const std::vector<std::string>& targets,
                     const Limits& limits) {
  notice_old_dates(workspace);
  std::vector<std::string> arguments;
  if (targets.size() > 1) arguments = {"-k", "0"};
  for (const std::string& target : targets) arguments.push_back(workspace.prefix + target);
  const Captured ninja_run = capture(ninja(workspace, arguments), 0, limits.stop, Stop::term);
  Verdict verdict;
  verdict.log = ninja_run.text;
  if (ninja_run.stopped) return verdict;
  verdict.outcome = Outcome::passed;
  if (ninja_run.status.code == 0) return verdict;
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
  const std::string text = contents_of(mine);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    verdict.outcome = Outcome::missing;
    verdict.problem = clickable(mine) + " is empty";
    verdict.hint = learn("reset " + exercise.name) + " puts its beginning there.";
    return verdict;
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    verdict.outcome = Outcome::missing;
    verdict.problem = clickable(mine) + " is UTF-16, which compilers do not read";
    verdict.hint = "Have your editor save it as UTF-8.";
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
  const fs::path log = workspace.build / (workspace.prefix + "exercise_" + exercise.name + ".xml");
  fs::remove(log);
  const fs::path program = workspace.build / "bin" / (workspace.prefix + "exercise_" + exercise.name);
  const Captured run =
      capture(limited({program.string(), "--reporter", "xml", "--out", log.string()}, limits.seconds),
              limits.seconds, limits.stop);
  const std::string xml = contents_of(log);
  verdict.log += run.text + xml;
  judge(verdict, run, xml, exercise, limits.seconds);
  if (!warning.empty() && verdict.outcome != Outcome::not_written) {
    verdict.hint += (verdict.hint.empty() ? "" : "\n") + ("The compiler warns: " + warning);
  }
  return verdict;
}

}  // namespace gpt
