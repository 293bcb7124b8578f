/// @file brackets.hpp
/// Chapter 10. A task of your own, as an example: close what was opened.
#pragma once

#include <stdexcept>

#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// "([[](()[:])])": eight brackets, round and square, and those that close what is still open, the last opened first.
class Brackets {
 public:
  static constexpr size_t asked = 8;  ///< brackets in a question

  std::string name() const { return "brackets"; }   ///< what reports call it
  std::string symbols() const { return "()[]:"; }   ///< what it writes with
  size_t longest() const { return 2 * asked + 1; }  ///< characters of its longest example

  /// Any one, to learn from.
  Example example(Rng& rng) const {
    std::string text;
    while (text.size() < asked) {
      const std::string open = closing(text);
      text += !open.empty() && rng.below(2) == 0 ? open[0] : "(["[rng.below(2)];
    }
    return {text + ":", closing(text)};
  }
  /// By which examples are held out.
  std::string key(const Example& e) const { return e.question; }
  /// What is examined at the end.
  std::vector<Exam> exams() const {
    return {{"of brackets are closed", [this](Rng& rng) { return example(rng); }}};
  }

  /// @throws std::invalid_argument unless it is 1 to 8 brackets of which none closes another's
  std::string question(const std::string& text) const {
    if (text.empty() || text.size() > asked || closing(text) == "wrong") {
      throw std::invalid_argument("expected 1 to " + std::to_string(asked) +
                                  " brackets ( ) [ ], each closing the last that is open, got \"" + text +
                                  "\"");
    }
    return text + ":";
  }
  /// Is this the answer?
  bool right(const std::string& question, const std::string& answer) const {
    return answer == closing(question.substr(0, question.size() - 1));
  }
  /// Both, for a person.
  std::string show(const std::string& question, const std::string& answer) const { return question + answer; }

 private:
  /// What closes all that is open, or "wrong".
  static std::string closing(const std::string& text) {
    std::string open;  // what closes it, the last opened first
    for (const char c : text) {
      if (c == '(' || c == '[')
        open.insert(open.begin(), c == '(' ? ')' : ']');
      else if (!open.empty() && open[0] == c)
        open.erase(0, 1);
      else
        return "wrong";
    }
    return open;
  }
};

}  // namespace gpt
