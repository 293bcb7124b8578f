/// @file transformer_language_model.hpp
/// Chapter 2. New around the head: a character is no longer a row of logits, but a point in a space of C
/// channels, and so is its place in the window.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"

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
  TransformerLanguageModel(size_t V, size_t block_size, size_t C, Body body, Rng& rng)
      : block_size_(require_positive("TransformerLanguageModel: block_size", block_size)),
        token_embedding_(V, C, rng),
        position_embedding_(block_size, C, rng),
        body_(std::move(body)),
        output_(C, V, Bias::on, rng) {}

  /// @throws std::invalid_argument if T is greater than block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    require_context("TransformerLanguageModel", tokens.T, block_size_);
    //! [forward]
    const Tensor what = token_embedding_(tokens);  // (B, T, C)
    // (T, C), the same for all B
    const Tensor where = slice(position_embedding_.weight(), 0, 0, tokens.T);
    return output_(body_(what + where));  // (B, T, C) -> (B, T, V)
    //! [forward]
  }

  size_t block_size() const { return block_size_; }  ///< largest T

  /// Its weights.
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "position_embedding", position_embedding_, "body",
                   body_, "output", output_);
  }

 private:
  size_t block_size_;
  Embedding token_embedding_;     // (V, C)
  Embedding position_embedding_;  // (block_size, C)
  Body body_;
  Linear output_;  // (C, V)
};

}  // namespace gpt
