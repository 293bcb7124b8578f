#include "runner/test_log.hpp"

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "common/terminal/text.hpp"

namespace gpt {
namespace {

std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> entities{
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string plain;
  while (!text.empty()) {
    std::size_t length = 1;
    char letter = text[0];
    for (const auto& [entity, meaning] : entities) {
      if (text.starts_with(entity)) {
        letter = meaning;
        length = entity.size();
      }
    }
    plain += letter;
    text.remove_prefix(length);
  }
  return plain;
}

/// The value of name="value" in a tag.
std::string attribute(std::string_view tag, const std::string& name) {
  const std::string key = " " + name + "=\"";
  const std::size_t found = tag.find(key);
  if (found == std::string_view::npos) return {};
  tag.remove_prefix(found + key.size());
  return unescaped(tag.substr(0, tag.find('"')));
}

/// Where the tag's '>' is; not one in quotes, such as that of name="Head: (B, T, C) -> (B, T, hs)".
std::size_t end_of_tag(std::string_view xml, std::size_t begin) {
  bool quoted = false;
  for (std::size_t i = begin; i < xml.size(); ++i) {
    if (xml[i] == '"') quoted = !quoted;
    if (xml[i] == '>' && !quoted) return i;
  }
  return std::string_view::npos;
}

/// Goes through the tags, and keeps the texts between them until they are needed.
class Reader {
 public:
  std::vector<TestResult> read(std::string_view xml) {
    while (true) {
      const std::size_t begin = xml.find('<');
      if (begin == std::string_view::npos) return results_;
      text_ = trimmed(unescaped(xml.substr(0, begin)));
      const std::size_t end = end_of_tag(xml, begin);
      if (end == std::string_view::npos) return results_;
      const std::string_view tag = xml.substr(begin + 1, end - begin - 1);
      const std::string_view name = tag.substr(0, tag.find_first_of(" \n/", 1));
      if (tag.starts_with('/')) {
        close(std::string(name.substr(1)));
      } else {
        open(std::string(name), tag);
      }
      xml.remove_prefix(end + 1);
    }
  }

 private:
  void open(const std::string& name, std::string_view tag) {
    if (name == "TestCase") {
      results_.push_back({attribute(tag, "name"), attribute(tag, "filename"), attribute(tag, "line")});
      results_.back().tags = attribute(tag, "tags");
      infos_.clear();
    }
    if (name == "Expression") {
      inside_expression_ = true;
      parts_.clear();
    }
  }

  void close(const std::string& name) {
    if (results_.empty()) return;
    if (name == "TestCase") results_.back().finished = true;
    if (name == "Info") infos_ += text_ + "\n";
    if (name == "Failure") report(text_);
    if (name == "FatalErrorCondition") report("the program crashed: " + text_);
    if (name == "Original" || name == "Expanded") parts_[name] = text_;
    if (name == "Exception") {
      if (inside_expression_)
        parts_[name] = text_;
      else
        report(text_);
    }
    if (name == "Expression") {
      inside_expression_ = false;
      report(expression());
    }
  }

  std::string expression() const {
    const auto part = [this](const char* name) {
      const auto found = parts_.find(name);
      return found == parts_.end() ? std::string() : found->second;
    };
    if (parts_.contains("Exception")) return part("Exception");
    std::string text = "expected: " + part("Original");
    if (part("Expanded") != part("Original")) text += "\nbut got:  " + part("Expanded");
    return text;
  }

  void report(const std::string& problem) {
    if (results_.back().problem.empty()) results_.back().problem = infos_ + problem;
    infos_.clear();
  }

  std::vector<TestResult> results_;
  std::string text_;   // before the tag that is being looked at
  std::string infos_;  // what INFO said of the expectation that follows
  std::map<std::string, std::string> parts_;
  bool inside_expression_ = false;
};

}  // namespace

std::string misuse(const std::string& printed) {
  const std::string_view before = "Assertion '";
  const std::size_t found = printed.find(before);
  const std::size_t end = printed.find("' failed", found);
  if (found == std::string::npos || end == std::string::npos) return {};
  const std::size_t newline = printed.rfind('\n', found),
                    line = newline == std::string::npos ? 0 : newline + 1;
  const std::string where = printed.substr(line, found - line);
  const std::string condition = printed.substr(found + before.size(), end - found - before.size());
  std::string container = "container";
  for (const char* const name : {"std::vector", "std::span", "std::array", "std::string", "basic_string"}) {
    if (where.find(name) == std::string::npos) continue;
    container = std::string(name) == "basic_string" ? "std::string" : name;
    break;
  }
  if (condition.find("empty()") != std::string::npos)
    return "an element of a " + container + " that is empty";
  if (condition.find("size()") != std::string::npos) return "an index past the end of a " + container;
  return "the standard library found that this does not hold: " + condition;
}

bool is_uncaught(const std::string& printed) {
  return printed.find("terminate called ") != std::string::npos ||  // g++'s library, and clang's
         printed.find("libc++abi: terminating") != std::string::npos;
}

bool is_about(const TestResult& test, const std::string& function) {
  const std::string names = ", " + test.name.substr(0, test.name.find(':')) + ",";
  return names.find(", " + function + ",") != std::string::npos ||
         test.tags.find("[" + function + "]") != std::string::npos;
}

std::vector<TestResult> read_test_log(const std::string& xml) { return Reader().read(xml); }

}  // namespace gpt
