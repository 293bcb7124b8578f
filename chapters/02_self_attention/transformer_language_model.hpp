/// @file transformer_language_model.hpp
/// Chapter 2. New around the head: a character is no longer a row of logits, but a point in a space of C
/// channels, and so is its place in the window.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/nn/nn.hpp"          // Embedding, Linear, Module, Parameters, collect
#include "common/tensor/check.hpp"   // require_positive
#include "common/tensor/ops.hpp"     // slice, operator+
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor, Tokens

namespace gpt {

/// Embeddings at the bottom, logits at the top, and any body in between; chapters 2
/// to 5 differ in the body alone.
///
/// Shapes: tokens (B, T), T at most block_size -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), position_embedding.weight (block_size, C), the
/// body's, output.weight (C, V), output.bias (V).
template <Module Body>
class TransformerLanguageModel {
 public:
  /// @param V          vocabulary size, > 0
  /// @param block_size largest T, > 0
  /// @param C          channels, > 0
  /// @param body       takes (B, T, C) to (B, T, C)
  /// @param rng        draws the initial weights
  /// @throws std::invalid_argument if a size is 0
  TransformerLanguageModel(std::size_t V, std::size_t block_size, std::size_t C, Body body, Rng& rng)
      : block_size_(require_positive("TransformerLanguageModel: block_size", block_size)),
        token_embedding_(V, C, rng),
        position_embedding_(block_size, C, rng),
        body_(std::move(body)),
        output_(C, V, Bias::on, rng) {}

  /// @throws std::invalid_argument if T is greater than block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    if (tokens.T > block_size_) {
      throw std::invalid_argument("TransformerLanguageModel: T must be at most block_size = " +
                                  std::to_string(block_size_) + ", got " + std::to_string(tokens.T));
    }
    //! [forward]
    const Tensor what = token_embedding_(tokens);                              // (B, T, C)
    const Tensor where = slice(position_embedding_.weight(), 0, 0, tokens.T);  // (T, C), the same for all B
    return output_(body_(what + where));                                       // (B, T, C) -> (B, T, V)
    //! [forward]
  }

  std::size_t block_size() const { return block_size_; }  ///< largest T

  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "position_embedding", position_embedding_, "body",
                   body_, "output", output_);
  }

 private:
  std::size_t block_size_;
  Embedding token_embedding_;     // (V, C)
  Embedding position_embedding_;  // (block_size, C)
  Body body_;
  Linear output_;  // (C, V)
};

}  // namespace gpt
