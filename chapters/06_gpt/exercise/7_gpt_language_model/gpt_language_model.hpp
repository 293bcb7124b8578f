/// @file gpt_language_model.hpp
/// Chapter 6. All parts together, with dropout and GPT-2's initial weights: a GPT.
#pragma once

#include <stdexcept>

#include "05_blocks/block.hpp"
#include "05_blocks/dropout.hpp"
#include "05_blocks/layer_norm.hpp"
#include "06_gpt/initialise.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// How large a GPT is.
struct GPTSizes {
  size_t V;           ///< vocabulary
  size_t block_size;  ///< largest T
  size_t C;           ///< channels, a multiple of H
  size_t H;           ///< heads in a block
  size_t L;           ///< blocks
  float dropout;      ///< share dropped in training, in [0, 1)
};

/// The language model of GPT-2 (Radford et al. 2019) at any size, with ReLU for its GELU and an output layer
/// of its own instead of the token table's second use.
///
/// Shapes: tokens (B, T), T at most block_size -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), position_embedding.weight (block_size, C),
/// blocks.0 ... blocks.L-1, norm, output.weight (C, V), output.bias (V).
class GPTLanguageModel {
 public:
  /// @param rng draws the initial weights and what is dropped; it must outlive this object
  /// @throws std::invalid_argument if a size is 0 or C is not a multiple of H
  GPTLanguageModel(const GPTSizes& sizes, Rng& rng) {
    todo("gpt_language_model");  // TODO: make the members, L blocks among them, then initialise() the weights
  }

  /// @throws std::invalid_argument if T is greater than block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    todo("gpt_language_model");  // TODO: from tokens to logits, through all the members below
  }

  size_t block_size() const { todo("gpt_language_model"); }      ///< largest T
  const GPTSizes& sizes() const { todo("gpt_language_model"); }  ///< what it was made with

  /// Its weights.
  Parameters parameters() const { todo("gpt_language_model"); }

 private:
  // TODO: the members; they are made in the order in which they are declared
};

}  // namespace gpt
