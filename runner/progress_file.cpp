#include "runner/progress_file.hpp"

#include <fstream>
#include <sstream>

#include "common/files/atomic_file.hpp"

namespace fs = std::filesystem;

namespace gpt {

ReaderProgress read_progress(const fs::path& file) {
  ReaderProgress progress;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what, name;
    std::size_t count = 0;
    if (!(words >> what >> name)) continue;
    if (what == "current") progress.current = name;
    if (what == "done") progress.done.insert(name);
    if (what == "hints" && words >> count) progress.hints[name] = count;
  }
  return progress;
}

void write_progress(const fs::path& file, const ReaderProgress& progress) {
  std::ostringstream text;
  text << "# Kept by ./learn. If it is lost, ./learn check --all finds it all out again.\n";
  if (!progress.current.empty()) text << "current " << progress.current << '\n';
  for (const std::string& name : progress.done) text << "done " << name << '\n';
  for (const auto& [name, count] : progress.hints) text << "hints " << name << ' ' << count << '\n';
  fs::create_directories(file.parent_path());
  AtomicFile out("learn", file);
  out.write(text.str().data(), text.str().size());
  out.commit();
}

}  // namespace gpt
