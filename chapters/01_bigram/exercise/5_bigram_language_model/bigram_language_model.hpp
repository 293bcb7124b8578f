/// @file bigram_language_model.hpp
/// Chapter 1. The simplest language model: the next character depends on the last one alone.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// A table with one row for each character: the logits of what follows it.
///
/// Shapes: tokens (B, T) -> logits (B, T, V). Parameters: table.weight (V, V).
class BigramLanguageModel {
 public:
  /// @param V   vocabulary size, > 0
  /// @param rng draws the initial table
  /// @throws std::invalid_argument if V is 0
  BigramLanguageModel(size_t V, Rng& rng) { todo("bigram_language_model"); }

  /// @throws std::invalid_argument if an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const { todo("bigram_language_model"); }

  /// How far it can look back; `no_limit` where there is no limit.
  size_t block_size() const { todo("bigram_language_model"); }

  /// Its weights.
  Parameters parameters() const { todo("bigram_language_model"); }

 private:
  // What does it need to remember?
};

}  // namespace gpt
