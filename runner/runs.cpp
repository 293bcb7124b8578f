#include "runner/runs.hpp"

#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace fs = std::filesystem;

namespace gpt {
namespace {

fs::path latest_file(const Repository& repository, int chapter) {
  return repository.runs() / (short_name(chapter) + ".json");
}

/// Of the same text, that is: two may have one name.
fs::path best_file(const Repository& repository, int chapter, const Report& report) {
  std::string name;  // a corpus can have any name, and this one must not lead out of our folder
  for (const char c : report.corpus.substr(0, 100) + "-" + report.fingerprint.substr(0, 20)) {
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return repository.runs() / "best" / (short_name(chapter) + "-" + name + ".json");
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
  fs::create_directories(folder);
  // Each run has its own, by the number of its process; what processes have left that are gone, goes.
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const int process = std::atoi(entry.path().filename().c_str());
    if (process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH)) fs::remove(entry.path());
  }
  const fs::path name = folder / (std::to_string(::getpid()) + "-" + short_name(chapter));
  return {name.string() + ".json", name.string() + ".trace.json"};
}

Report keep(const Repository& repository, int chapter, const RunFiles& files) {
  Report report = read_report(files.report);
  if (report.curve.empty()) return report;
  const fs::path best = best_file(repository, chapter, report);
  if (is_better(report, best)) put(files.report, best);
  put(files.report, latest_file(repository, chapter));
  const bool traced = fs::exists(files.trace);
  if (traced) put(files.trace, repository.runs() / (short_name(chapter) + ".trace.json"));
  if (!report.variant.empty()) {
    const std::string variant = short_name(chapter) + "_" + report.variant;
    put(files.report, repository.runs() / (variant + ".json"));
    if (traced) put(files.trace, repository.runs() / (variant + ".trace.json"));
  }
  return report;
}

std::optional<Report> best_run(const Repository& repository, int chapter) {
  const fs::path latest = latest_file(repository, chapter);
  if (!fs::exists(latest)) return std::nullopt;
  Report report = read_report(latest);
  const fs::path best = best_file(repository, chapter, report);
  return fs::exists(best) ? read_report(best) : report;
}

}  // namespace gpt
