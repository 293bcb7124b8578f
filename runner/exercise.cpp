#include "runner/exercise.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "common/files/shell_word.hpp"
#include "common/terminal/text.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 6 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
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

/// All that stands in backticks: {"relu_by_hand", "relu"}
std::vector<std::string> quoted_in(const std::string& line) {
  std::vector<std::string> all;
  for (std::size_t begin = 0, end = 0; (begin = line.find('`', end)) != std::string::npos; ++end) {
    end = line.find('`', begin + 1);
    if (end == std::string::npos) break;
    all.push_back(line.substr(begin + 1, end - begin - 1));
  }
  return all;
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
  const std::string readme = contents_of(root / found.folder / "README.md");
  found.title = line_after(readme, "# ");
  if (found.title.empty()) found.title = found.name;
  found.part = part_in(line_after(readme, "File:"));
  if (found.part.empty()) found.part = chapter.filename() / (found.name + ".hpp");
  const std::vector<std::string> names = quoted_in(line_after(readme, "Not to be called in "));
  if (!names.empty()) {
    found.by_hand = names[0];
    found.not_to_be_called = {names.begin() + 1, names.end()};
  }
  return found;
}

}  // namespace

Workspace open_workspace(const Repository& repository) {
  const char* const parts = std::getenv("BARDLING_PARTS");
  const char* const build = std::getenv("BARDLING_BUILD");
  Workspace workspace{repository.root(), repository.root() / "my", repository.root() / "build/release",
                      "build.ninja", "my_"};
  if (build != nullptr) workspace.build = build;
  if (parts != nullptr) {
    workspace.my = workspace.build / parts;
    if (fs::exists(workspace.my / "build.ninja")) workspace.plan = fs::path(parts) / "build.ninja";
    workspace.prefix = std::string(parts) + "_";
  }
  return workspace;
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
  std::vector<std::string> names;
  for (const Exercise& exercise : exercises) {
    const std::string in_chapter = std::to_string(exercise.chapter) + "." + std::to_string(exercise.order);
    if (which == exercise.name || which == std::to_string(exercise.number) || which == in_chapter) {
      return exercise;
    }
    names.push_back(exercise.name);
  }
  const std::string near = nearest(which, names);
  const std::string guess = near.empty() ? "" : ", did you mean \"" + near + "\"?";
  throw std::invalid_argument("there is no exercise \"" + which + "\"" + guess + " - " + learn("list") +
                              " names them all");
}

std::vector<Hints> hints(const fs::path& root, const Exercise& exercise) {
  std::vector<Hints> all;
  for (const std::string& line : lines_of(contents_of(root / exercise.folder / "hints.md"))) {
    if (line.starts_with("## Hint")) {
      const std::size_t found = line.find(" for ");
      const std::string about = found == std::string::npos ? "" : line.substr(found + 5);
      if (all.empty() || all.back().about != about) all.push_back({about, {}});
      all.back().texts.emplace_back();
    } else if (!all.empty() && !(all.back().texts.back().empty() && line.empty())) {
      all.back().texts.back() += line + "\n";
    }
  }
  for (Hints& those : all) {
    for (std::string& hint : those.texts) hint.erase(hint.find_last_not_of('\n') + 1);
  }
  return all;
}

std::string contents_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace gpt
