#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "runner/commands.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// The FILE of "--report FILE" or "--report=FILE"; empty if the reader did not ask for one.
fs::path wanted_report(const std::vector<std::string>& arguments) {
  const std::string option = "--report";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with(option + "=")) return arguments[i].substr(option.size() + 1);
  }
  return {};
}

}  // namespace

int run(const Place& place, int chapter, const std::vector<std::string>& arguments) {
  Command command{place.program(chapter).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  fs::path report = wanted_report(arguments);
  const bool own = report.empty();
  if (own) {
    report = fresh_report(place, chapter);
    command.insert(command.end(), {"--report", report.string()});
  }
  const Ended ended = call(command);
  if (ended.signal != 0 && !ended.interrupted) {
    std::fprintf(stderr, "learn: chapter %d was ended by signal %d\n", chapter, ended.signal);
  }
  if (ended.code == 0 || ended.interrupted) {
    if (fs::exists(report)) keep(place, chapter, report);
  }
  if (own) fs::remove(report);
  return ended.code;
}

}  // namespace gpt
