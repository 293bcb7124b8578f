/// @file bigram_language_model.hpp
/// Chapter 1. The simplest language model: the next character depends on the last one alone.
#pragma once

#include <cstddef>

#include "common/nn/nn.hpp"          // Embedding, Parameters, collect
#include "common/tensor/check.hpp"   // any
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor, Tokens

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
  BigramLanguageModel(std::size_t V, Rng& rng) : table_(V, V, rng) {}

  /// @throws std::invalid_argument if an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const { return table_(tokens); }  // (B, T) -> (B, T, V)

  std::size_t block_size() const { return any; }  ///< it never looks back, so any length will do
  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const { return collect("table", table_); }

 private:
  Embedding table_;  // (V, V)
};
//! [model]

}  // namespace gpt
