/// @file bigram_language_model.hpp
/// Chapter 1. The simplest language model: the next character depends on the last one alone.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// A table with one row for each character: the logits of what follows it.
///
/// Shapes: tokens (B, T) -> logits (B, T, V). Parameters: table.weight (V, V).
//! [model]
class BigramLanguageModel {
 public:
  /// @param V   vocabulary size, > 0
  /// @param rng draws the initial table
  /// @throws std::invalid_argument if V is 0
  BigramLanguageModel(size_t V, Rng& rng) : table_(V, V, rng) {}

  /// (B, T) -> (B, T, V). @throws std::invalid_argument if an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const { return table_(tokens); }

  size_t block_size() const { return no_limit; }  ///< it never looks back
  /// Its weights.
  Parameters parameters() const { return collect("table", table_); }

 private:
  Embedding table_;  // (V, V)
};
//! [model]

}  // namespace gpt
