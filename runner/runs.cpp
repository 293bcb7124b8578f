#include "runner/runs.hpp"

#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "runner/closed.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

fs::path folder_of(const Repository& repository, Parts parts) {
  return parts == Parts::yours ? repository.runs() / "mine" : repository.runs();
}

fs::path latest_file(const fs::path& folder, int chapter) { return folder / (short_name(chapter) + ".json"); }

/// Of the same text, that is: two may have one name.
fs::path best_file(const fs::path& folder, int chapter, const Report& report) {
  std::string name;  // a corpus can have any name, and this one must not lead out of our folder
  for (const char c : report.corpus.substr(0, 100) + "-" + report.fingerprint.substr(0, 20)) {
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return folder / "best" / (short_name(chapter) + "-" + name + ".json");
}

bool is_better(const Report& report, const fs::path& best) {
  if (std::isnan(report.val_loss)) return false;
  if (!fs::exists(best)) return true;
  try {
    return !(read_report(best).val_loss < report.val_loss);
  } catch (const std::runtime_error&) {
    return true;  // what cannot be read is not worth keeping
  }
}

/// The FILE of "--report FILE" or "--report=FILE"; empty if the reader did not ask for one.
fs::path wanted_file(const std::string& option, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with(option + "=")) return arguments[i].substr(option.size() + 1);
  }
  return {};
}

/// Copy and rename, so that a kill in between leaves the old file whole.
void put(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  const fs::path part = to.string() + "." + std::to_string(::getpid()) + ".part";
  fs::copy_file(from, part, fs::copy_options::overwrite_existing);
  fs::rename(part, to);
}

}  // namespace

RunFiles fresh_files(const Repository& repository, int chapter) {
  const fs::path folder = repository.runs() / "new";  // out of sight of those who look for figures' data
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || ::access(folder.c_str(), W_OK) != 0) {
    const std::string why = why_closed(repository.root(), folder, Access::write);
    throw std::runtime_error("cannot write to " + repository.runs().string() +
                             ", where reports of runs are kept" +
                             (why.empty() ? " - is it somebody else's, or read-only?" : ": " + why));
  }
  // Each run has its own, by the number of its process; what processes have left that are gone, goes.
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const int process = std::atoi(entry.path().filename().c_str());
    if (process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH)) fs::remove(entry.path());
  }
  const fs::path name = folder / (std::to_string(::getpid()) + "-" + short_name(chapter));
  return {name.string() + ".json", name.string() + ".trace.json"};
}

Report keep(const Repository& repository, int chapter, const RunFiles& files, Parts parts) {
  Report report = read_report(files.report);
  if (report.curve.empty()) return report;
  const fs::path folder = folder_of(repository, parts), best = best_file(folder, chapter, report);
  if (is_better(report, best)) put(files.report, best);
  put(files.report, latest_file(folder, chapter));
  const bool traced = fs::exists(files.trace);
  if (traced) put(files.trace, folder / (short_name(chapter) + ".trace.json"));
  if (!report.variant.empty()) {
    const std::string variant = short_name(chapter) + "_" + report.variant;
    put(files.report, folder / (variant + ".json"));
    if (traced) put(files.trace, folder / (variant + ".trace.json"));
  }
  return report;
}

std::optional<Report> best_run(const Repository& repository, int chapter, Parts parts) {
  const fs::path folder = folder_of(repository, parts), latest = latest_file(folder, chapter);
  if (!fs::exists(latest)) return std::nullopt;
  Report report = read_report(latest);
  const fs::path best = best_file(folder, chapter, report);
  return fs::exists(best) ? read_report(best) : report;
}

void note_own_run(const Repository& repository, int chapter) {
  if (own_runs(repository).contains(chapter)) return;
  std::error_code none;  // losing this loses a piece of advice
  fs::create_directories(repository.runs(), none);
  std::ofstream(repository.runs() / "own.txt", std::ios::app) << chapter << '\n';
}

std::set<int> own_runs(const Repository& repository) {
  std::set<int> chapters;
  std::ifstream file(repository.runs() / "own.txt");
  for (int chapter = 0; file >> chapter;) chapters.insert(chapter);
  return chapters;
}

ExitStatus run_and_keep(const Repository& repository, int chapter, const fs::path& program,
                        const std::vector<std::string>& arguments, Parts parts,
                        const std::string& called_as) {
  Command command{program.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const RunFiles fresh = fresh_files(repository, chapter);
  RunFiles files{wanted_file("--report", arguments), wanted_file("--trace", arguments)};
  std::string added;
  if (files.report.empty()) {
    added += " --report";
    files.report = fresh.report;
    command.insert(command.end(), {"--report", files.report.string()});
  }
  if (files.trace.empty()) {
    added += " --trace";
    files.trace = fresh.trace;
    command.insert(command.end(), {"--trace", files.trace.string()});
  }
  const auto written = [&] {  // when; a file that was there before is no report of this run
    std::error_code none;
    return fs::last_write_time(files.report, none);
  };
  const fs::file_time_type before = written();
  ::setenv("BARDLING_CALLED_AS", called_as.c_str(), 1);
  ::setenv("BARDLING_ADDED", added.c_str(), 1);
  const ExitStatus status = call(command);
  ::unsetenv("BARDLING_ADDED");
  ::unsetenv("BARDLING_CALLED_AS");
  if ((status.code == 0 || status.interrupted) && fs::exists(files.report) && written() != before) {
    keep(repository, chapter, files, parts);
    note_own_run(repository, chapter);
  }
  fs::remove(fresh.report);
  fs::remove(fresh.trace);
  return status;
}

}  // namespace gpt
