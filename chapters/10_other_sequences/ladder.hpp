/// @file ladder.hpp
/// Chapter 10. The ways in which sums are taught, from a text like any other to rows and digits that suit the model.
#pragma once

#include "10_other_sequences/add.hpp"
#include "10_other_sequences/lessons.hpp"
#include "common/gpt.hpp"

namespace gpt {

//! [ladder]
/// Each rung has what the one before it has, and one thing more. The last
/// two stand beside the ladder.
inline Lessons<Add> sums(const std::string& rung) {
  using enum Digits;
  using enum Windows;
  using enum Counts;
  if (rung == "plain") return Lessons(Add(forward), text, all);
  if (rung == "aligned") return Lessons(Add(forward), aligned, all);
  if (rung == "reversed") return Lessons(Add(reversed), aligned, all);
  if (rung == "answer") return Lessons(Add(reversed), aligned, answer);
  if (rung == "plain-reversed") return Lessons(Add(reversed), text, all);
  return Lessons(Add(forward), aligned, answer);
}
//! [ladder]

}  // namespace gpt
