#include "runner/notes.hpp"

#include <fstream>
#include <sstream>

#include "common/files/atomic_file.hpp"

namespace fs = std::filesystem;

namespace gpt {

Notes read_notes(const fs::path& file) {
  Notes notes;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what, name;
    std::size_t count = 0;
    if (!(words >> what >> name)) continue;
    if (what == "current") notes.current = name;
    if (what == "done") notes.done.insert(name);
    if (what == "hints" && words >> count) notes.hints[name] = count;
  }
  return notes;
}

void write_notes(const fs::path& file, const Notes& notes) {
  std::ostringstream text;
  text << "# Kept by ./learn. If it is lost, ./learn check --all finds it all out again.\n";
  if (!notes.current.empty()) text << "current " << notes.current << '\n';
  for (const std::string& name : notes.done) text << "done " << name << '\n';
  for (const auto& [name, count] : notes.hints) text << "hints " << name << ' ' << count << '\n';
  fs::create_directories(file.parent_path());
  AtomicFile out("learn", file);
  out.write(text.str().data(), text.str().size());
  out.commit();
}

}  // namespace gpt
