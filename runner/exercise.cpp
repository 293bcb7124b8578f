#include "runner/exercise.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace fs = std::filesystem;

namespace gpt {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 6 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first line that begins like this, without its beginning; empty if there is none.
std::string line_after(const std::string& text, const std::string& beginning) {
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with(beginning)) return line.substr(beginning.size());
  }
  return {};
}

/// What stands between the first two backticks, without "my/".
fs::path part_in(const std::string& line) {
  const std::size_t begin = line.find('`'), end = line.find('`', begin + 1);
  if (begin == std::string::npos || end == std::string::npos) return {};
  const std::string name = line.substr(begin + 1, end - begin - 1);
  return name.starts_with("my/") ? name.substr(3) : name;
}

/// An exercise of the folder "3_head", all but its number among all; with an empty name if it is none.
Exercise read_exercise(const fs::path& root, const fs::path& chapter, const std::string& folder) {
  const std::size_t line = folder.find('_');
  Exercise found{};
  if (line == std::string::npos || !is_number(folder.substr(0, line))) return found;
  found.chapter = std::stoi(chapter.filename().string());
  found.order = std::stoul(folder.substr(0, line));
  found.name = folder.substr(line + 1);
  found.folder = fs::path("chapters") / chapter.filename() / "exercise" / folder;
  const std::string readme = text_of(root / found.folder / "README.md");
  found.title = line_after(readme, "# ");
  if (found.title.empty()) found.title = found.name;
  found.part = part_in(line_after(readme, "File:"));
  if (found.part.empty()) found.part = chapter.filename() / (found.name + ".hpp");
  return found;
}

/// Letters to insert, remove or replace to get from one word to the other (Levenshtein 1966).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

Workshop open_workshop(const Place& place) {
  const char* const parts = std::getenv("BARDLING_PARTS");
  const char* const build = std::getenv("BARDLING_BUILD");
  Workshop workshop{place.root, place.root / "my", place.root / "build/release", "build.ninja", "my_"};
  if (build != nullptr) workshop.build = build;
  if (parts != nullptr) {
    workshop.my = workshop.build / parts;
    if (fs::exists(workshop.my / "build.ninja")) workshop.plan = fs::path(parts) / "build.ninja";
    workshop.prefix = std::string(parts) + "_";
  }
  return workshop;
}

std::vector<Exercise> find_exercises(const fs::path& root) {
  std::vector<Exercise> all;
  std::error_code none;  // a folder that is not there has no exercises
  for (const auto& chapter : fs::directory_iterator(root / "chapters", none)) {
    if (!is_number(chapter.path().filename().string().substr(0, 2))) continue;
    for (const auto& folder : fs::directory_iterator(chapter.path() / "exercise", none)) {
      Exercise found = read_exercise(root, chapter.path(), folder.path().filename().string());
      if (!found.name.empty()) all.push_back(std::move(found));
    }
  }
  std::sort(all.begin(), all.end(), [](const Exercise& a, const Exercise& b) {
    return std::tie(a.chapter, a.order, a.name) < std::tie(b.chapter, b.order, b.name);
  });
  for (std::size_t i = 0; i < all.size(); ++i) all[i].number = i + 1;
  return all;
}

const Exercise& find(const std::vector<Exercise>& exercises, const std::string& which) {
  const Exercise* nearest = nullptr;
  std::size_t fewest = 4;
  for (const Exercise& exercise : exercises) {
    const std::string in_chapter = std::to_string(exercise.chapter) + "." + std::to_string(exercise.order);
    if (which == exercise.name || which == std::to_string(exercise.number) || which == in_chapter) {
      return exercise;
    }
    if (const std::size_t letters = distance(which, exercise.name); letters < fewest) {
      nearest = &exercise;
      fewest = letters;
    }
  }
  const std::string guess = nearest == nullptr ? "" : ", did you mean \"" + nearest->name + "\"?";
  throw std::invalid_argument("there is no exercise \"" + which + "\"" + guess +
                              " - ./learn list names them all");
}

std::vector<std::string> hints(const fs::path& root, const Exercise& exercise) {
  std::vector<std::string> all;
  for (const std::string& line : lines_of(text_of(root / exercise.folder / "hints.md"))) {
    if (line.starts_with("## Hint")) {
      all.emplace_back();
    } else if (!all.empty() && !(all.back().empty() && line.empty())) {
      all.back() += line + "\n";
    }
  }
  for (std::string& hint : all) hint.erase(hint.find_last_not_of('\n') + 1);
  return all;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace gpt
