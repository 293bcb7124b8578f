/// @file gpt2.hpp
/// Chapter 9. GPT-2 itself: chapter 6's model with the published one's four differences.
#pragma once

#include "05_blocks/layer_norm.hpp"
#include "06_gpt/initialise.hpp"
#include "07_since_the_paper/bent_feed_forward.hpp"
#include "09_subwords/fused_attention.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// How large a GPT-2 is.
struct GPT2Sizes {
  size_t V;           ///< tokens
  size_t block_size;  ///< largest T
  size_t C;           ///< channels, a multiple of H
  size_t H;           ///< heads in a block
  size_t L;           ///< blocks
};

/// A block of GPT-2. Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: norm_1, attention, norm_2, feed_forward.
class GPT2Block {
 public:
  /// @throws std::invalid_argument if C is not a positive multiple of H
  GPT2Block(size_t C, size_t H, Rng& rng)
      : norm_1_(C), attention_(C, H, rng), norm_2_(C), feed_forward_(C, 4 * C, gelu, Bias::on, rng) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    //! [block]
    const Tensor read = x + attention_(norm_1_(x));
    const Tensor thought = read + feed_forward_(norm_2_(read));
    //! [block]
    note("read", read);
    return note("thought", thought);
  }

  /// Its weights.
  Parameters parameters() const {
    return collect("norm_1", norm_1_, "attention", attention_, "norm_2", norm_2_, "feed_forward",
                   feed_forward_);
  }

 private:
  LayerNorm norm_1_;
  FusedAttention attention_;
  LayerNorm norm_2_;
  BentFeedForward feed_forward_;
};

/// GPT-2 as it was published (Radford et al. 2019, section 2.3): GELU by its tanh formula, biases in all layers, queries,
/// keys and values from one layer, and the token table as output.
///
/// Shapes: tokens (B, T), T at most block_size -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), position_embedding.weight (block_size, C), blocks.0 ...
/// blocks.L-1, norm.
class GPT2 {
 public:
  /// @param rng draws the initial weights
  /// @throws std::invalid_argument if a size is 0 or C is not a multiple of H
  GPT2(const GPT2Sizes& sizes, Rng& rng)
      : sizes_(sizes),
        token_embedding_(sizes.V, sizes.C, rng),
        position_embedding_(sizes.block_size, sizes.C, rng),
        norm_(sizes.C) {
    require_positive("GPT2: L", sizes.L);
    for (size_t l = 0; l < sizes.L; ++l) blocks_.emplace_back(sizes.C, sizes.H, rng);
    initialise(parameters(), sizes.L, rng);
  }

  /// @throws std::invalid_argument if T > block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    require_context("GPT2", tokens.T, sizes_.block_size);
    //! [forward]
    const Tensor what = token_embedding_(tokens);  // (B, T, C)
    // (T, C), the same for all B
    const Tensor where = slice(position_embedding_.weight(), 0, 0, tokens.T);
    Tensor x = note("embedded", what + where);  // (B, T, C)
    for (const GPT2Block& block : numbered("blocks", blocks_)) x = block(x);
    // (B, T, C) @ (C, V) -> (B, T, V)
    return linear(norm_(x), transpose(token_embedding_.weight()));
    //! [forward]
  }

  size_t block_size() const { return sizes_.block_size; }  ///< largest T
  const GPT2Sizes& sizes() const { return sizes_; }        ///< all of them

  /// Its weights.
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "position_embedding", position_embedding_, "blocks",
                   blocks_, "norm", norm_);
  }

 private:
  GPT2Sizes sizes_;
  Embedding token_embedding_;     // (V, C)
  Embedding position_embedding_;  // (block_size, C)
  std::vector<GPT2Block> blocks_;
  LayerNorm norm_;
};

/// What the published files call a weight of ours: "blocks.0.attention.fused.weight" is "h.0.attn.c_attn.weight".
inline std::string published_name(std::string name) {
  const std::vector<std::pair<std::string, std::string>> published{{"token_embedding", "wte"},
                                                                   {"position_embedding", "wpe"},
                                                                   {"blocks.", "h."},
                                                                   {"norm_1", "ln_1"},
                                                                   {"norm_2", "ln_2"},
                                                                   {"attention.fused", "attn.c_attn"},
                                                                   {"attention.projection", "attn.c_proj"},
                                                                   {"feed_forward.hidden", "mlp.c_fc"},
                                                                   {"feed_forward.projection", "mlp.c_proj"},
                                                                   {"norm.", "ln_f."},
                                                                   {".gain", ".weight"}};
  for (const auto& [ours, theirs] : published) {
    const size_t at = name.find(ours);
    if (at != std::string::npos) name.replace(at, ours.size(), theirs);
  }
  return name;
}

}  // namespace gpt
