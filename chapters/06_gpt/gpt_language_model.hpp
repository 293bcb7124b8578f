/// @file gpt_language_model.hpp
/// Chapter 6. All parts together, with dropout and GPT-2's initial weights: a GPT.
#pragma once

#include <stdexcept>

#include "05_blocks/block.hpp"
#include "05_blocks/dropout.hpp"
#include "05_blocks/layer_norm.hpp"
#include "06_gpt/initialise.hpp"
#include "common/gpt.hpp"

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

/// @throws std::invalid_argument unless there is at least one position and one block
inline GPTSizes require_sizes(const GPTSizes& sizes) {
  require_positive("GPTLanguageModel: block_size", sizes.block_size);
  require_positive("GPTLanguageModel: L", sizes.L);
  return sizes;
}

/// The language model of GPT-2 (Radford et al. 2019) at any size, with ReLU for its GELU and an output layer
/// of its own instead of the token table's second use.
///
/// Shapes: tokens (B, T), T at most block_size -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), position_embedding.weight (block_size, C),
/// blocks.0 ... blocks.L-1, norm, output.weight (C, V), output.bias (V).
//! [model]
class GPTLanguageModel {
 public:
  /// @param rng draws initial weights and what is dropped; must outlive this
  /// @throws std::invalid_argument if a size is 0 or C is not a multiple of H
  GPTLanguageModel(const GPTSizes& sizes, Rng& rng)
      : sizes_(require_sizes(sizes)),
        token_embedding_(sizes.V, sizes.C, rng),
        position_embedding_(sizes.block_size, sizes.C, rng),
        dropout_(sizes.dropout, rng),
        norm_(sizes.C),
        output_(sizes.C, sizes.V, Bias::on, rng) {
    for (size_t l = 0; l < sizes.L; ++l) {
      blocks_.emplace_back(sizes.C, sizes.H, rng, sizes.dropout);
    }
    initialise(parameters(), sizes.L, rng);
  }

  /// @throws std::invalid_argument if T > block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    require_context("GPTLanguageModel", tokens.T, sizes_.block_size);
    //! [forward]
    //! [embed]
    const Tensor what = token_embedding_(tokens);  // (B, T, C)
    // (T, C), the same for all B
    const Tensor where = slice(position_embedding_.weight(), 0, 0, tokens.T);
    // The residual stream, (B, T, C)
    Tensor x = note("embedded", dropout_(what + where));
    //! [embed]
    for (const Block& block : numbered("blocks", blocks_)) x = block(x);
    return output_(norm_(x));  // (B, T, C) -> (B, T, V)
    //! [forward]
  }

  size_t block_size() const { return sizes_.block_size; }  ///< largest T
  const GPTSizes& sizes() const { return sizes_; }         ///< all of them

  /// Its weights.
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_,        // what
                   "position_embedding", position_embedding_,  // where
                   "blocks", blocks_, "norm", norm_, "output", output_);
  }

 private:
  GPTSizes sizes_;
  Embedding token_embedding_;     // (V, C)
  Embedding position_embedding_;  // (block_size, C)
  Dropout dropout_;
  std::vector<Block> blocks_;
  LayerNorm norm_;
  Linear output_;  // (C, V)
};
//! [model]

}  // namespace gpt
