/// @file batch.hpp
/// Chapter 1. Pieces of the text, and for every position the character that comes next.
#pragma once

#include <stdexcept>  // std::invalid_argument

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

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
inline void add_window(Batch& batch, std::span<const int> text, size_t start) { todo("batch"); }

/// B windows of T characters from random places; every place is equally likely.
/// @throws std::invalid_argument if B or T is 0, or the text is shorter than T + 1
inline Batch sample_batch(std::span<const int> text, size_t B, size_t T, Rng& rng) { todo("batch"); }

}  // namespace gpt
