#include "runner/compiler_log.hpp"

#include <cctype>
#include <optional>
#include <sstream>
#include <vector>

namespace fs = std::filesystem;

#include "common/terminal/text.hpp"

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

/// A line that begins with a place: "FILE:12:5: KIND: TEXT", in g++'s and in clang's words.
struct Message {
  fs::path file;
  std::string place;  // ":12:5", or ":12"
  std::string kind;   // "error", "fatal error", "warning" or "note"; empty if it is something else
  std::string text;

  bool is_error() const { return kind.ends_with("error"); }
  std::string where() const { return clickable(file) + place; }
};

std::optional<Message> read_message(const std::string& line, const fs::path& build) {
  const std::size_t name = line.find(':');
  const std::size_t end = line.find_first_not_of("0123456789:", name);  // of ":12:5:"
  if (line.starts_with(' ') || name == 0 || end == std::string::npos || end < name + 3) return std::nullopt;
  if (line[end - 1] != ':' || line[end] != ' ') return std::nullopt;
  Message message{real(line.substr(0, name), build), line.substr(name, end - 1 - name), "",
                  line.substr(end + 1)};
  for (const std::string kind : {"error", "fatal error", "warning", "note"}) {
    if (!message.text.starts_with(kind + ": ")) continue;
    message.kind = kind;
    message.text.erase(0, kind.size() + 2);
    break;
  }
  return message;
}

/// Does the compiler or the build tool speak of something else from this line on?
bool begins_anew(const std::string& line, const fs::path& build) {
  const auto has_digit = [&](std::size_t i) {
    return i < line.size() && std::isdigit(static_cast<unsigned char>(line[i])) != 0;
  };
  const auto has = [&](const char* words) { return line.find(words) != std::string::npos; };
  const std::optional<Message> message = read_message(line, build);
  return (message && !message->kind.empty()) || line.starts_with("In file included from ") ||
         (!line.starts_with(' ') && (has(": In ") || has(": At "))) ||  // "head.hpp: In function ..."
         line.starts_with("ninja: ") || (line.starts_with('[') && has_digit(1)) ||  // "[12/34] Building ..."
         (has_digit(0) && line.ends_with(" generated."));                           // "2 errors generated."
}

/// The reader's line that had a template made, in which the error was found. g++ names it before the error,
/// clang after it; both may name many others.
std::string origin(const std::vector<std::string>& lines, std::size_t error, const fs::path& build,
                   const fs::path& my) {
  const auto is_error = [&](std::size_t i) { return lines[i].find(" error: ") != std::string::npos; };
  std::size_t begin = error, end = error + 1;
  while (begin > 0 && !is_error(begin - 1)) --begin;
  while (end < lines.size() && !is_error(end)) ++end;
  for (std::size_t i = end; i-- > begin;) {
    const bool template_made = lines[i].find("required from here") != std::string::npos ||
                               lines[i].find("note: in instantiation of ") != std::string::npos;
    const std::optional<Message> message = read_message(lines[i], build);
    if (template_made && message && is_below(message->file, my)) return message->where();
  }
  return {};
}

}  // namespace

std::string clickable(const fs::path& file) {
  const fs::path here = fs::current_path();
  return is_below(file, here) ? file.lexically_relative(here).string() : file.string();
}

CompilerError first_error(const std::string& log, const fs::path& build, const fs::path& my) {
  const std::vector<std::string> lines = lines_of(log);
  std::size_t i = 0;
  std::optional<Message> first;
  for (; i < lines.size(); ++i) {
    first = read_message(lines[i], build);
    if (first && first->is_error()) break;
  }
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

  CompilerError error{first->where(), first->text, ""};
  std::size_t end = i + 1;
  for (; end < lines.size() && !begins_anew(lines[end], build); ++end) {
    if (end - i <= most_lines) error.text += "\n" + lines[end];
  }
  const std::optional<Message> next = end < lines.size() ? read_message(lines[end], build) : std::nullopt;
  const bool missing_include =
      next && next->kind == "note" && next->text.find("#include") != std::string::npos;
  if (missing_include) error.text += "\n" + next->text;
  if (!is_below(first->file, my)) error.via = origin(lines, i, build, my);
  return error;
}

std::string why_compiler_gave_up(const std::string& log) {
  const auto has = [&](const char* words) { return log.find(words) != std::string::npos; };
  if (has("out of memory allocating") || has("virtual memory exhausted") || has("std::bad_alloc") ||
      has("cannot allocate memory") || has("LLVM ERROR: out of memory")) {
    return "the compiler ran out of memory: it may have 4 GB";
  }
  if (has("CPU time limit exceeded")) return "the compiler did not come to an end in 5 minutes";
  if (has("relocation truncated to fit")) return "the program's arrays would have more than 2 GB";
  if (has("File size limit exceeded") || has("File too large"))
    return "the compiled program would have more than 1 GB";
  return {};
}

std::string first_warning(const std::string& log, const fs::path& build, const fs::path& my) {
  for (const std::string& line : lines_of(log)) {
    const std::optional<Message> message = read_message(line, build);
    if (!message || message->kind != "warning" || !is_below(message->file, my)) continue;
    const bool harmless = message->text.find("[-Wsign-compare]") != std::string::npos;
    if (!harmless) return message->where() + ": " + message->text;
  }
  return {};
}

}  // namespace gpt
