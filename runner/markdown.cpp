#include "runner/markdown.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "common/terminal/paragraphs.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"

namespace gpt {
namespace {

/// Takes what stands between two marks, and puts something else around it.
std::string between(const std::string& line, const std::string& open, const std::string& close,
                    const std::string& before, const std::string& after) {
  std::string all;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = line.find(open, at);
    const std::size_t end = begin == std::string::npos ? begin : line.find(close, begin + open.size());
    if (end == std::string::npos) return all + line.substr(at);
    all += line.substr(at, begin - at) + before +
           line.substr(begin + open.size(), end - begin - open.size()) + after;
    at = end + close.size();
  }
}

/// [text](target) -> text
std::string without_links(const std::string& line) {
  std::string all;
  std::size_t at = 0;
  while (true) {
    const std::size_t middle = line.find("](", at);
    const std::size_t begin = middle == std::string::npos ? middle : line.rfind('[', middle);
    const std::size_t end = middle == std::string::npos ? middle : line.find(')', middle);
    if (end == std::string::npos || begin == std::string::npos || begin < at) return all + line.substr(at);
    all += line.substr(at, begin - at) + line.substr(begin + 1, middle - begin - 1);
    at = end + 1;
  }
}

std::string plain(const std::string& line) { return without_links(between(line, "$`", "`$", "", "")); }

/// "- " or "12. " at the beginning of a line: how long it is, 0 if there is none.
std::size_t mark_of(const std::string& line) {
  if (line.starts_with("- ")) return 2;
  std::size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits])) != 0) ++digits;
  return digits > 0 && line.compare(digits, 2, ". ") == 0 ? digits + 2 : 0;
}

/// A line of folded text each, the first one behind its mark and the others below its beginning.
std::string item(const std::string& text, std::size_t mark, std::size_t width) {
  const std::string indent(mark, ' ');
  std::string all;
  for (const std::string& line : lines_of(folded(text.substr(mark), width - mark))) {
    all += (all.empty() ? text.substr(0, mark) : indent) + line + "\n";
  }
  return all;
}

Row cells_of(const std::string& line) {
  Row cells;
  std::size_t at = 1;
  for (std::size_t bar = line.find('|', at); bar != std::string::npos; bar = line.find('|', at)) {
    cells.push_back(between(plain(trimmed(line.substr(at, bar - at))), "**", "**", "", ""));
    at = bar + 1;
  }
  return cells;
}

/// Without the line of dashes below the heading; table() draws its own.
std::string table_of(const std::vector<std::string>& lines) {
  std::vector<Row> rows;
  for (const std::string& line : lines) {
    if (line.find_first_not_of("|-: ") != std::string::npos) rows.push_back(cells_of(line));
  }
  std::size_t widest = 0;
  for (const Row& row : rows) widest = std::max(widest, row.size());
  for (Row& row : rows) row.resize(widest);
  return table(rows, std::string(widest, 'l'));
}

}  // namespace

std::string in_terminal(const std::string& markdown, std::size_t width, const Colours& colours) {
  std::string all, paragraph;
  std::vector<std::string> rows;
  const auto end_block = [&] {
    if (!rows.empty()) all += table_of(rows);
    rows.clear();
    // Marks of bold print are put in last, since they take up no columns.
    if (!paragraph.empty())
      all +=
          between(item(plain(paragraph), mark_of(paragraph), width), "**", "**", colours.bold, colours.plain);
    paragraph.clear();
  };
  bool code = false;
  for (const std::string& line : lines_of(markdown)) {
    if (line.starts_with("```")) {
      end_block();
      code = !code;
    } else if (code) {
      all += "    " + line + "\n";
    } else if (line.starts_with("<")) {  // a comment, or a fold
      end_block();
    } else if (line.empty()) {
      end_block();
      if (!all.ends_with("\n\n")) all += "\n";
    } else if (line.starts_with("#")) {
      end_block();
      all += colours.bold + plain(line.substr(line.find_first_not_of("# "))) + colours.plain + "\n";
    } else if (line.starts_with("|")) {
      rows.push_back(line);
    } else {
      // In a paragraph, a line that begins with "3. " is no item: a sentence has ended there.
      if (line.starts_with("- ") || mark_of(paragraph) > 0) {
        if (mark_of(line) > 0) end_block();
      }
      const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
      paragraph += paragraph.empty() ? line : " " + line.substr(begin);
    }
  }
  end_block();
  return all;
}

}  // namespace gpt
