#include "runner/runs.hpp"

#include <cctype>
#include <cmath>
#include <stdexcept>

namespace fs = std::filesystem;

namespace gpt {
namespace {

fs::path latest_file(const Place& place, int chapter) {
  return place.runs() / (short_name(chapter) + ".json");
}

fs::path best_file(const Place& place, int chapter, const std::string& corpus) {
  std::string name;  // a corpus can have any name, and this one must not lead out of our folder
  for (const char c : corpus.substr(0, 100)) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return place.runs() / "best" / (short_name(chapter) + "-" + name + ".json");
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
  const fs::path part = to.string() + ".part";
  fs::copy_file(from, part, fs::copy_options::overwrite_existing);
  fs::rename(part, to);
}

}  // namespace

fs::path fresh_report(const Place& place, int chapter) {
  fs::create_directories(place.runs());
  const fs::path report = place.runs() / (short_name(chapter) + ".new.json");
  fs::remove(report);  // one that a killed run left is not this run's
  return report;
}

Report keep(const Place& place, int chapter, const fs::path& file) {
  Report report = read_report(file);
  if (report.curve.empty()) return report;
  const fs::path best = best_file(place, chapter, report.corpus);
  if (is_better(report, best)) put(file, best);
  put(file, latest_file(place, chapter));
  return report;
}

std::optional<Report> best_run(const Place& place, int chapter) {
  const fs::path latest = latest_file(place, chapter);
  if (!fs::exists(latest)) return std::nullopt;
  Report report = read_report(latest);
  const fs::path best = best_file(place, chapter, report.corpus);
  return fs::exists(best) ? read_report(best) : report;
}

}  // namespace gpt
