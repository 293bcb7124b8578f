/// @file brackets.hpp
/// Chapter 10. A task of your own, as an example: close what was opened.
#pragma once

#include <stdexcept>

#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// "([[](()[:])])": eight brackets, round and square, and those that close what is still open, the last opened first.
class Brackets {
 public:
  static constexpr size_t asked = 8;  ///< brackets in a question

  std::string name() const { return "brackets"; }
  std::string symbols() const { return "()[]:"; }
  size_t longest() const { return 2 * asked + 1; }

  Example example(Rng& rng) const { todo("brackets"); }
  std::string key(const Example& e) const { todo("brackets"); }
  std::vector<Exam> exams() const { todo("brackets"); }

  /// @throws std::invalid_argument unless it is 1 to 8 brackets of which none closes another's
  std::string question(const std::string& text) const { todo("brackets"); }
  bool right(const std::string& question, const std::string& answer) const { todo("brackets"); }
  std::string show(const std::string& question, const std::string& answer) const { todo("brackets"); }
};

}  // namespace gpt
