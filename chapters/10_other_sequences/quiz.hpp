/// @file quiz.hpp
/// Chapter 10. New idea: whatever can be written as a question and its answer is a sequence, and can be learned like one.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>

#include "common/gpt.hpp"

namespace gpt {

/// A question and its answer. One behind the other, they are a sequence like any text.
struct Example {
  std::string question;  ///< is given: "417+385="
  std::string answer;    ///< is to be learned: "2080"
};

/// One kind of question to examine a model with. Not all need to be like those that were learned from. Its functions
/// belong to the quiz that made it, which has to live as long.
struct Exam {
  std::string name;  ///< what is counted: "sums of three digits are right"
  std::function<Example(Rng&)>
      example;              ///< all with questions of one length; drawn again where training may know it
  float temperature = 0;    ///< at which the model answers; 0 takes the likeliest
  size_t questions = 1000;  ///< how many are asked
  /// What counts, where that is not the quiz's own right().
  std::function<bool(const std::string& question, const std::string& answer)> right = {};
};

/// All that a model is to be taught, and what has to be written for one more task. Neither questions nor answers have
/// an end of a line in them: it stands behind every answer and says that it is over.
//! [quiz]
template <class Q>
concept Quiz = requires(const Q& q, const Example& e, std::string s, Rng& rng) {
  { q.name() } -> std::convertible_to<std::string>;     // "sort"
  { q.symbols() } -> std::convertible_to<std::string>;  // what it writes with
  { q.longest() } -> std::convertible_to<size_t>;       // its longest example
  { q.example(rng) } -> std::same_as<Example>;          // any one, to learn from
  { q.key(e) } -> std::same_as<std::string>;            // what is held out by
  { q.exams() } -> std::same_as<std::vector<Exam>>;     // what is examined
  { q.question(s) } -> std::same_as<std::string>;       // as a person asks it
  { q.right(s, s) } -> std::same_as<bool>;              // is this the answer?
  { q.show(s, s) } -> std::same_as<std::string>;        // both, for a person
};
//! [quiz]

/// Is an example kept from training? Half of all are. Which, the key alone decides, so that an example that is drawn a
/// thousand times is on the same side each time: what is held out was never learned from, however long training was.
/// The key is hashed (FNV-1a, Fowler, Noll and Vo 1991), and the hash's highest bit decides.
//! [held_out]
inline bool held_out(const std::string& key) {
  std::uint64_t hash = 14695981039346656037u;
  for (const unsigned char c : key) hash = (hash ^ c) * 1099511628211u;
  // Multiplied once more, to stir the last character in.
  return (hash * 0x9E3779B97F4A7C15u) >> 63 == 1;
}
//! [held_out]

/// The two halves of all examples.
enum class Part {
  train,  ///< to learn from
  val     ///< held out
};

/// Draws until an example belongs to this half.
template <Quiz Q>
Example draw(const Q& quiz, const std::function<Example(Rng&)>& example, Part part, Rng& rng) {
  Example drawn = example(rng);
  while (held_out(quiz.key(drawn)) != (part == Part::val)) drawn = example(rng);
  return drawn;
}

}  // namespace gpt
