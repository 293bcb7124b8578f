#include "common/terminal/paragraphs.hpp"

#include <algorithm>
#include <sstream>

#include "common/terminal/text.hpp"

namespace gpt {
namespace {

std::string folded_line(const std::string& line, std::size_t width) {
  if (columns_of(line) <= width) return line;
  const std::string indent(std::min(line.find_first_not_of(' '), line.size()), ' ');
  std::string all, row = indent;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const bool first = row.size() == indent.size();
    if (!first && columns_of(row) + 1 + columns_of(word) > width) {
      all += row + '\n';
      row = indent + word;
    } else {
      row += (first ? "" : " ") + word;
    }
  }
  return all + row;
}

}  // namespace

std::string folded(const std::string& text, std::size_t width) {
  std::string all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all += folded_line(line, width) + '\n';
  return all;
}

std::string reflowed(const std::string& markdown, std::size_t width) {
  std::string all, paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) all += folded_line(paragraph, width) + '\n';
    paragraph.clear();
  };
  bool code = false;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    const bool fence = line.starts_with("```");
    if (fence || code || line.empty()) {
      end_paragraph();
      all += line + '\n';
    } else if (line.starts_with("- ")) {
      end_paragraph();
      paragraph = line;
    } else {
      const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
      paragraph += paragraph.empty() ? line : " " + line.substr(begin);
    }
    if (fence) code = !code;
  }
  end_paragraph();
  return all;
}

}  // namespace gpt
