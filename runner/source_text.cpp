#include "runner/source_text.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace gpt {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_name(const std::string& word) { return in_name(word[0]) && !is_digit(word[0]); }

/// A line that ends in a backslash goes on in the next one.
std::string joined_lines(const std::string& source) {
  std::string text;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::size_t end = source[i] != '\\'                       ? 0
                            : source.compare(i + 1, 1, "\n") == 0   ? 1
                            : source.compare(i + 1, 2, "\r\n") == 0 ? 2
                                                                    : 0;
    if (end > 0) {
      i += end;
    } else {
      text += source[i];
    }
  }
  return text;
}

/// Where a text in quotes ends that begins here.
std::size_t end_of_quoted(std::string_view text, std::size_t begin, bool raw) {
  if (raw) {
    const std::size_t bracket = text.find('(', begin);
    if (bracket == std::string_view::npos) return text.size();
    const std::string end = ")" + std::string(text.substr(begin + 1, bracket - begin - 1)) + "\"";
    const std::size_t found = text.find(end, bracket);
    return found == std::string_view::npos ? text.size() : found + end.size();
  }
  std::size_t i = begin + 1;
  for (; i < text.size() && text[i] != text[begin] && text[i] != '\n'; ++i) {
    if (text[i] == '\\') ++i;
  }
  return i + 1;
}

/// Names and signs in their order, a sign a word.
std::vector<std::string> words_of(const std::string& source) {
  const std::string text = joined_lines(source);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("//")) {
      i = text.find('\n', i);
    } else if (rest.starts_with("/*")) {
      i = text.find("*/", i + 2);
      if (i != std::string::npos) i += 2;
    } else if (text[i] == '"' || text[i] == '\'') {
      const bool raw = text[i] == '"' && i > 0 && text[i - 1] == 'R';
      i = end_of_quoted(text, i, raw);
    } else if (is_digit(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && (in_name(text[i]) || text[i] == '\'' || text[i] == '.')) ++i;
      words.push_back(text.substr(begin, i - begin));
    } else if (in_name(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && in_name(text[i])) ++i;
      words.push_back(text.substr(begin, i - begin));
    } else {
      if (std::isspace(static_cast<unsigned char>(text[i])) == 0) words.emplace_back(1, text[i]);
      ++i;
    }
    if (i >= text.size()) break;
  }
  return words;
}

/// Where the bracket that opens at begin is closed; the number of words if nowhere.
std::size_t closing(const std::vector<std::string>& words, std::size_t begin) {
  const std::string& open = words[begin];
  const std::string close = open == "(" ? ")" : "}";
  std::size_t depth = 0;
  for (std::size_t i = begin; i < words.size(); ++i) {
    if (words[i] == open) ++depth;
    if (words[i] == close && --depth == 0) return i;
  }
  return words.size();
}

/// Where the body of a function begins whose arguments end before `i`; the number of words if it has none.
std::size_t body_after(const std::vector<std::string>& words, std::size_t i) {
  const std::set<std::string> between{"const", "noexcept", "override", "mutable", "&"};
  while (i < words.size() && between.contains(words[i])) ++i;
  if (i < words.size() && words[i] == ":") {  // a constructor's list: name(arguments), name{arguments}
    for (++i; i < words.size() && !(words[i] == "{" && (words[i - 1] == ")" || words[i - 1] == "}")); ++i) {
      if (words[i] == ";") return words.size();
      if (words[i] == "(" || words[i] == "{") i = closing(words, i);
    }
  }
  return i < words.size() && words[i] == "{" ? i : words.size();
}

}  // namespace

std::set<std::string> names_in(const std::string& source) {
  std::set<std::string> names;
  for (const std::string& word : words_of(source)) {
    if (is_name(word)) names.insert(word);
  }
  return names;
}

std::set<std::string> macros_in(const std::string& source) {
  std::set<std::string> macros;
  const std::vector<std::string> words = words_of(source);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool sign =
        words[i - 2] == "#" || (i > 2 && words[i - 3] == "%" && words[i - 2] == ":");  // %: is #
    if (sign && (words[i - 1] == "define" || words[i - 1] == "undef")) macros.insert(words[i]);
  }
  return macros;
}

std::map<std::string, std::set<std::string>> functions_in(const std::string& source) {
  const std::set<std::string> no_function{"if", "for", "while", "switch", "catch"};
  std::map<std::string, std::set<std::string>> functions;
  const std::vector<std::string> words = words_of(source);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "(") continue;
    const bool is_operator =
        i >= 3 && words[i - 1] == ")" && words[i - 2] == "(" && words[i - 3] == "operator";
    const std::string name = is_operator ? "operator()" : words[i - 1];
    if (!is_name(name) || no_function.contains(name)) continue;
    const std::size_t end = closing(words, i), begin = end < words.size() ? body_after(words, end + 1) : end;
    if (begin >= words.size()) continue;
    const std::size_t last = closing(words, begin);
    for (std::size_t k = begin; k < last; ++k) {
      if (is_name(words[k])) functions[name].insert(words[k]);
    }
  }
  return functions;
}

std::string called_by(const std::string& function, const std::set<std::string>& wanted,
                      const std::string& source) {
  const std::map<std::string, std::set<std::string>> functions = functions_in(source);
  std::set<std::string> seen{function};
  std::vector<std::string> open{function};
  while (!open.empty()) {
    const auto body = functions.find(open.back());
    open.pop_back();
    if (body == functions.end()) continue;
    for (const std::string& name : body->second) {
      if (wanted.contains(name)) return name;
      if (functions.contains(name) && seen.insert(name).second) open.push_back(name);
    }
  }
  return {};
}

std::string unset_variable_in(const std::string& source) {
  const std::set<std::string> types{"float", "double", "int", "size_t", "long", "bool", "char"};
  const std::vector<std::string> words = words_of(source);
  std::vector<bool> in_code{
      false};          // for each bracket that is open: does it hold statements, or declarations?
  bool scope = false;  // was this declaration one of a class or a namespace?
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "class" || words[i] == "struct" || words[i] == "namespace" || words[i] == "enum")
      scope = true;
    if (words[i] == ")" || words[i] == ";") scope = false;
    if (words[i] == "{") in_code.push_back(!std::exchange(scope, false));
    if (words[i] == "}" && in_code.size() > 1) in_code.pop_back();
    if (!in_code.back() || !types.contains(words[i]) || !is_name(words[i + 1]) || words[i + 2] != ";")
      continue;
    for (std::size_t k = i + 3; k < words.size(); ++k) {
      if (words[k] != words[i + 1]) continue;
      const bool set = k + 2 < words.size() && words[k + 1] == "=" && words[k + 2] != "=";
      const bool handed_on = words[k - 1] == "&" || words[k - 1] == ">";  // f(&x), in >> x
      if (!set && !handed_on) return words[i + 1];
      break;
    }
  }
  return {};
}

std::string whole_number_division_in(const std::string& source) {
  const std::vector<std::string> words = words_of(source);
  const auto is_real = [&](const std::string& name) {  // does the source call it one?
    for (std::size_t i = 1; i < words.size(); ++i) {
      const bool type = words[i - 1] == "float" || words[i - 1] == "double" || words[i - 1] == "Tensor" ||
                        words[i - 1] == "auto" || words[i - 1] == "&";
      if (type && words[i] == name) return true;
    }
    return false;
  };
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string& above = words[i - 1];
    if (words[i] != "/" || !is_digit(above[0]) || above.find_first_of(".fe") != std::string::npos) continue;
    std::size_t end = i + 1;
    if (is_name(words[end]) || is_digit(words[end][0])) ++end;
    while (end + 1 < words.size() && (words[end] == "." || words[end] == ":" || words[end] == "(")) {
      end = words[end] == "(" ? closing(words, end) + 1 : end + (words[end] == "." ? 2 : 3);
    }
    std::string below;
    bool real = false;
    for (std::size_t k = i + 1; k < std::min(end, words.size()); ++k) {
      const bool call = words[k] == "sqrt" || words[k] == "exp" || words[k] == "pow" || words[k] == "float" ||
                        words[k] == "double" || words[k] == "sum" || words[k] == "static_cast";
      const bool number = is_digit(words[k][0]) && words[k].find_first_of(".f") != std::string::npos;
      real = real || call || number || is_real(words[k]);
      below += words[k];
    }
    if (!below.empty() && !real) return above + " / " + below;
  }
  return {};
}

}  // namespace gpt
