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

std::vector<std::string> lines_of(const std::string& log) {
  std::vector<std::string> lines;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The reader's line that had a template made, in which the error was found. g++ names it before the error,
/// clang after it; both may name many others.
std::string origin(const std::vector<std::string>& lines, std::size_t error, const fs::path& build,
                   const fs::path& my) {
  static const std::regex template_made(
      R"(^([^ :][^:]*):(\d+)(:\d+)?: +(?:required from here|note: in instantiation of .*requested here).*)");
  const auto is_error = [&](std::size_t i) { return lines[i].find(" error: ") != std::string::npos; };
  std::size_t begin = error, end = error + 1;
  while (begin > 0 && !is_error(begin - 1)) --begin;
  while (end < lines.size() && !is_error(end)) ++end;
  std::smatch match;
  for (std::size_t i = end; i-- > begin;) {
    if (!std::regex_match(lines[i], match, template_made)) continue;
    const fs::path file = real(match[1].str(), build);
    if (is_below(file, my)) return clickable(file) + ":" + match[2].str() + match[3].str();
  }
  return {};
}

}  // namespace

std::string clickable(const fs::path& file) {
  const fs::path here = fs::current_path();
  return is_below(file, here) ? file.lexically_relative(here).string() : file.string();
}

CompilerError first_error(const std::string& log, const fs::path& build, const fs::path& my) {
  static const std::regex error_line(R"(^([^ :][^:]*):(\d+):(\d+): (?:fatal )?error: (.*)$)");
  static const std::regex next_message(
      R"(^([^ :][^:]*:\d+:\d+: (error|warning|note|fatal error): |In file included from |)"
      R"([^ ].*: (In|At) |ninja: |\[\d+/|\d+ errors? gener).*)");
  static const std::regex missing_include(R"(^[^ :][^:]*:\d+:\d+: note: (.*#include.*)$)");
  const std::vector<std::string> lines = lines_of(log);

  std::size_t i = 0;
  std::smatch match;
  while (i < lines.size() && !std::regex_match(lines[i], match, error_line)) ++i;
  if (i == lines.size()) {  // the linker's, or the build tool's own
    for (const std::string& line : lines) {
      const std::size_t twice = line.find("multiple definition of");
      if (twice != std::string::npos) return {"", line.substr(twice, line.find(';') - twice), ""};
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
  if (end < lines.size() && std::regex_match(lines[end], match, missing_include)) {
    error.text += "\n" + match[1].str();
  }
  if (!is_below(file, my)) error.via = origin(lines, i, build, my);
  return error;
}

std::string first_warning(const std::string& log, const fs::path& build, const fs::path& my) {
  static const std::regex warning_line(R"(^([^ :][^:]*):(\d+):(\d+): warning: (.*)$)");
  std::smatch match;
  for (const std::string& line : lines_of(log)) {
    if (!std::regex_match(line, match, warning_line)) continue;
    const fs::path file = real(match[1].str(), build);
    const std::string text = match[4].str();
    if (!is_below(file, my) || text.find("[-Wsign-compare]") != std::string::npos) continue;
    return clickable(file) + ":" + match[2].str() + ":" + match[3].str() + ": " + text;
  }
  return {};
}

}  // namespace gpt
