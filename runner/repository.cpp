#include "runner/repository.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/terminal/text.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The cells of "06_gpt | GPT | the GPT", without the spaces around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(trimmed(cell));
  return cells;
}

/// All lines that begin with two digits and an underscore; what else is there is for people.
std::vector<ChapterEntry> read_chapters(const fs::path& file) {
  std::vector<ChapterEntry> chapters;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < 3 || !is_digit(line[0]) || !is_digit(line[1]) || line[2] != '_') continue;
    std::vector<std::string> cells = cells_of(line);
    cells.resize(std::max<std::size_t>(cells.size(), 6));
    chapters.push_back({std::stoi(line), cells[0], cells[2], cells[5] == "tour"});
  }
  return chapters;
}

}  // namespace

Repository::Repository(fs::path root)
    : root_(std::move(root)), chapters_(read_chapters(root_ / "chapters" / "chapters.txt")) {
  if (chapters_.empty()) {
    throw std::runtime_error((root_ / "chapters" / "chapters.txt").string() +
                             " lists no chapters - is this the tutorial's folder?");
  }
}

fs::path Repository::program(int chapter) const { return root_ / "build/release/bin" / short_name(chapter); }

fs::path Repository::runs() const {
  const char* const elsewhere = std::getenv("BARDLING_RUNS");
  return elsewhere != nullptr ? fs::path(elsewhere) : root_ / "runs";
}

const ChapterEntry& Repository::chapter(const std::string& number) const {
  std::vector<std::string> known;
  for (const ChapterEntry& chapter : chapters_) {
    known.push_back(std::to_string(chapter.number));
    if (number == known.back() || number == chapter.folder.substr(0, 2)) return chapter;
  }
  throw std::invalid_argument("there is no chapter \"" + number + "\", only " + joined(known, ", "));
}

const ChapterEntry& Repository::end_of_tour() const {
  const auto last =
      std::find_if(chapters_.rbegin(), chapters_.rend(), [](const auto& c) { return c.in_tour; });
  return last == chapters_.rend() ? chapters_.back() : *last;
}

std::string short_name(int chapter) { return (chapter < 10 ? "ch0" : "ch") + std::to_string(chapter); }

}  // namespace gpt
