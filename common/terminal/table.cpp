#include "common/terminal/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/terminal/text.hpp"

namespace gpt {

std::string table(const std::vector<Row>& rows, const std::string& alignment) {
  std::vector<std::size_t> widths(alignment.size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  const auto add_line = [&](const Row& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - columns_of(row[i]), ' ');
      line += "  " + (alignment[i] == 'r' ? padding + row[i] : row[i] + padding);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  };
  for (std::size_t r = 0; r < rows.size(); ++r) {
    add_line(rows[r]);
    if (r > 0) continue;
    Row rule;
    for (const std::size_t width : widths) rule.emplace_back(width, '-');
    add_line(rule);
  }
  return text;
}

std::string loss_text(std::optional<float> loss) {
  if (!loss || !std::isfinite(*loss)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(*loss));
  return text;
}

std::string duration(double seconds) {
  const long whole = std::lround(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

}  // namespace gpt
