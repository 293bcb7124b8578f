/// @file batch.hpp
/// Chapter 1. Pieces of the text, and for every position the character that comes next.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// What the model sees, and what it should have said.
struct Batch {
  Tokens inputs;   ///< (B, T)
  Tokens targets;  ///< (B, T), the inputs moved on by one: targets[b, t] follows inputs[b, t] in the text
};

/// A new row, behind those that are there.
inline void append(Tokens& tokens, std::span<const int> row) {
  tokens.ids.insert(tokens.ids.end(), row.begin(), row.end());
  ++tokens.B;
}

/// The window of T characters that begins at `start`, added to a batch as a new row.
/// @param start at most text.size() - T - 1, so that the last character has a successor
//! [window]
inline void add_window(Batch& batch, std::span<const int> text, size_t start) {
  append(batch.inputs, text.subspan(start, batch.inputs.T));
  append(batch.targets, text.subspan(start + 1, batch.targets.T));
}
//! [window]

/// B windows of T characters from random places; every place is equally likely.
/// @throws std::invalid_argument if B or T is 0, or the text is shorter than T + 1
inline Batch sample_batch(std::span<const int> text, size_t B, size_t T, Rng& rng) {
  if (B == 0 || T == 0 || text.size() < T + 1) {
    throw std::invalid_argument(
        "sample_batch: B and T must be positive and the text at least T + 1 long, got B = " +
        std::to_string(B) + ", T = " + std::to_string(T) + " and " + std::to_string(text.size()) +
        " characters");
  }
  Batch batch{{0, T, {}}, {0, T, {}}};
  for (size_t b = 0; b < B; ++b) add_window(batch, text, rng.below(text.size() - T));
  return batch;
}

}  // namespace gpt
