#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "runner/commands.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// The FILE of "--report FILE" or "--report=FILE"; empty if the reader did not ask for one.
fs::path wanted_file(const std::string& option, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with(option + "=")) return arguments[i].substr(option.size() + 1);
  }
  return {};
}

}  // namespace

int run(const Repository& repository, int chapter, const std::vector<std::string>& arguments) {
  Command command{repository.program(chapter).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const RunFiles fresh = fresh_files(repository, chapter);
  RunFiles files{wanted_file("--report", arguments), wanted_file("--trace", arguments)};
  if (files.report.empty()) {
    files.report = fresh.report;
    command.insert(command.end(), {"--report", files.report.string()});
  }
  if (files.trace.empty()) {
    files.trace = fresh.trace;
    command.insert(command.end(), {"--trace", files.trace.string()});
  }
  // By this name the program tells how to go on when it is stopped.
  ::setenv("BARDLING_CALLED_AS", ("./learn run " + std::to_string(chapter)).c_str(), 1);
  const ExitStatus status = call(command);
  if (status.signal != 0 && !status.interrupted) {
    std::fprintf(stderr, "learn: chapter %d was ended by a signal: %s\n", chapter,
                 signal_name(status.signal).c_str());
  }
  if (status.code == 0 || status.interrupted) {
    if (fs::exists(files.report)) keep(repository, chapter, files);
  }
  fs::remove(fresh.report);
  fs::remove(fresh.trace);
  return status.code;
}

}  // namespace gpt
