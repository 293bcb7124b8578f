#include "runner/compiler_log.hpp"

#include <regex>
#include <sstream>
#include <vector>

namespace fs = std::filesystem;

namespace gpt {
namespace {

constexpr std::size_t most_lines = 8;  // of an error's text

bool is_below(const fs::path& file, const fs::path& folder) {
  const fs::path from = file.lexically_relative(folder);
  return !from.empty() && *from.begin() != "..";
}

fs::path real(const fs::path& file, const fs::path& build) {
  return (file.is_absolute() ? file : build / file).lexically_normal();
}

const std::regex& place() {  // FILE:LINE:COLUMN, at a line's beginning or after "from "
  static const std::regex pattern(R"((?:^|from )([^ :][^:]*):(\d+)(:\d+)?)");
  return pattern;
}

}  // namespace

std::string clickable(const fs::path& file) {
  const fs::path here = fs::current_path();
  return is_below(file, here) ? file.lexically_relative(here).string() : file.string();
}

CompilerError first_error(const std::string& log, const fs::path& build, const fs::path& my) {
  static const std::regex error_line(R"(^([^ :][^:]*):(\d+):(\d+): (?:fatal )?error: (.*)$)");
  static const std::regex next_message(
      R"(^([^ :][^:]*:\d+:\d+: (error|warning|note|fatal error): |In file included from |[^ ].*: (In|At) |ninja: |\[\d+/|\d+ errors? gener).*)");
  std::vector<std::string> lines;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);

  std::size_t i = 0;
  std::smatch match;
  while (i < lines.size() && !std::regex_match(lines[i], match, error_line)) ++i;
  if (i == lines.size()) {  // the linker's, or the build tool's own
    for (const std::string& line : lines) {
      if (line.find("undefined reference") != std::string::npos ||
          line.find("Undefined symbols") != std::string::npos || line.starts_with("ninja: error:")) {
        return {"", line, ""};
      }
    }
    return {"", log.substr(0, 2000), ""};
  }

  CompilerError error;
  const fs::path file = real(match[1].str(), build);
  error.where = clickable(file) + ":" + match[2].str() + ":" + match[3].str();
  error.text = match[4].str();
  std::size_t end = i + 1;
  for (; end < lines.size() && !std::regex_match(lines[end], next_message); ++end) {
    if (end - i <= most_lines) error.text += "\n" + lines[end];
  }
  if (is_below(file, my)) return error;

  // What led there stands before the error, "In file included from" and "required from", or after it, as
  // notes.
  const std::size_t context = 12;
  for (std::size_t k = i > context ? i - context : 0; k < lines.size() && error.via.empty(); ++k) {
    if (k > i && std::regex_match(lines[k], error_line)) break;  // another error
    if (lines[k].find("In file included from") != std::string::npos ||
        !std::regex_search(lines[k], match, place())) {
      continue;
    }
    const fs::path from = real(match[1].str(), build);
    if (is_below(from, my)) error.via = clickable(from) + ":" + match[2].str() + match[3].str();
  }
  return error;
}

}  // namespace gpt
