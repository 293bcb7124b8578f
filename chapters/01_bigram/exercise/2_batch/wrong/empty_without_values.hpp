// expect: B or T was given no value
/// @file batch.hpp
/// Chapter 1. Pieces of the text, and for every position the character that comes next.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>  // std::invalid_argument
#include <string>

#include "common/rng.hpp"     // Rng
#include "common/tensor.hpp"  // Tokens
#include "common/todo.hpp"

namespace gpt {

/// What the model sees, and what it should have said.
struct Batch {
  Tokens inputs;   ///< (B, T)
  Tokens targets;  ///< (B, T), the inputs moved on by one: targets[b, t] follows inputs[b, t] in the text
};

/// The window of T characters that begins at `start`, added to a batch as a new row.
/// @param start at most text.size() - T - 1, so that the last character has a successor
inline void add_window(Batch& batch, std::span<const int> text, std::size_t start) {
  const std::size_t T = batch.inputs.T;
  for (std::size_t t = 0; t < T; ++t) {
    batch.inputs.ids.push_back(text[start + t]);
    batch.targets.ids.push_back(text[start + t + 1]);
  }
  ++batch.inputs.B;
  ++batch.targets.B;
}

/// B windows of T characters from random places; every place is equally likely.
/// @throws std::invalid_argument if B or T is 0, or the text is shorter than T + 1
inline Batch sample_batch(std::span<const int> text, std::size_t B, std::size_t T, Rng& rng) {
  if (B == 0) throw std::invalid_argument("B = 0");
  if (T == 0) throw std::invalid_argument("T = 0");
  if (text.size() < T + 1) throw std::invalid_argument("only " + std::to_string(text.size()) + " characters");
  Batch batch;
  batch.inputs.T = T;
  batch.targets.T = T;
  for (std::size_t b = 0; b < B; ++b) add_window(batch, text, rng.below(text.size() - T));
  return batch;
}

}  // namespace gpt
