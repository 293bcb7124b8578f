#include "runner/progress_file.hpp"

#include <cstdlib>
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
    if (what == "done") {
      std::string fingerprint;  // earlier versions noted none
      words >> fingerprint;
      progress.done[name] = fingerprint;
    }
    if (what == "hints" && words >> count) progress.hints[name] = count;
    ChallengeBest best;
    if (what == "challenge" && words >> best.value >> best.parameters)
      progress.challenges[std::atoi(name.c_str())] = best;
  }
  return progress;
}

void write_progress(const fs::path& file, const ReaderProgress& progress) {
  std::ostringstream text;
  text << "# Kept by ./learn. If it is lost, ./learn check --all finds it all out again.\n";
  if (!progress.current.empty()) text << "current " << progress.current << '\n';
  for (const auto& [name, fingerprint] : progress.done) text << "done " << name << ' ' << fingerprint << '\n';
  for (const auto& [name, count] : progress.hints) text << "hints " << name << ' ' << count << '\n';
  for (const auto& [chapter, best] : progress.challenges) {
    text << "challenge " << chapter << ' ' << best.value << ' ' << best.parameters << '\n';
  }
  fs::create_directories(file.parent_path());
  AtomicFile out("your progress", file);
  out.write(text.str().data(), text.str().size());
  out.commit();
}

}  // namespace gpt
