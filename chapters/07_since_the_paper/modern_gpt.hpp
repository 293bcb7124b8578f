/// @file modern_gpt.hpp
/// Chapter 7. Chapter 6's GPT with the parts of today, or with any mixture of both.
#pragma once

#include <optional>
#include <stdexcept>

#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/initialise.hpp"
#include "07_since_the_paper/key_values.hpp"
#include "07_since_the_paper/modern_block.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// A GPT whose parts are chosen by a Design. With chapter_6_design() it is GPTLanguageModel, weight for weight.
///
/// Shapes: tokens (B, T), T at most block_size -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), position_embedding.weight (block_size, C) if positions have a
/// table, blocks.0 ... blocks.L-1, norm unless it stands after the sums, output.weight (C, V) and output.bias (V) unless
/// the token table serves as output too.
class ModernGPT {
 public:
  /// @param rng draws the initial weights
  /// @throws std::invalid_argument if a size is 0, C is not a multiple of H or H not one of G, or heads of an odd size
  /// are to be turned
  ModernGPT(const ModernSizes& sizes, const Design& design, Rng& rng)
      : sizes_(sizes),
        token_embedding_(sizes.V, sizes.C, rng),
        // In post-norm the last block ends with a norm already.
        norm_(make_norm(design.place == Place::pre ? design.norm : NormKind::none, sizes.C)) {
    require_positive("ModernGPT: block_size", sizes.block_size);
    require_positive("ModernGPT: L", sizes.L);
    require_positive("ModernGPT: H", sizes.H);
    if (design.positions == Positions::table) position_embedding_.emplace(sizes.block_size, sizes.C, rng);
    if (!design.tied) output_.emplace(sizes.C, sizes.V, design.bias, rng);
    std::optional<Rotation> rotation;  // its cosines are made once, for all blocks
    if (design.positions == Positions::rotary) rotation.emplace(sizes.block_size, sizes.C / sizes.H);
    for (size_t l = 0; l < sizes.L; ++l) blocks_.emplace_back(sizes, design, rotation, rng);
    if (design.initial == InitialWeights::gpt_2) initialise(parameters(), sizes.L, rng);
    // Zhang et al. 2019, arXiv:1901.09321, section 3.1, and the output as well.
    if (design.zero_projections) {
      for (const Parameter& p : parameters()) {
        if (!p.name.ends_with("projection.weight") && !p.name.ends_with("output.weight")) continue;
        for (float& w : p.tensor.mutable_values()) w = 0.0f;
      }
    }
  }

  /// @throws std::invalid_argument if T is greater than block_size or an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    require_context("ModernGPT", tokens.T, sizes_.block_size);
    //! [forward]
    Tensor x = embedded(tokens, /*first=*/0);  // (B, T, C)
    note("embedded", x);
    for (const ModernBlock& block : numbered("blocks", blocks_)) x = block(x);
    return output(norm_(x));  // (B, T, C) -> (B, T, V)
    //! [forward]
  }

  /// The logits (1, 1, V) of the token after these, which follow those remembered: either the first, or one more.
  /// @param memory one for each block, which remembers these too
  Tensor read(const std::vector<int>& tokens, std::vector<KeyValues>& memory) const {
    //! [read]
    const size_t n = tokens.size();
    Tensor x = embedded(Tokens{1, n, tokens}, /*first=*/memory[0].size());     // (1, n, C)
    for (size_t l = 0; l < blocks_.size(); ++l) x = blocks_[l](x, memory[l]);  // (1, n, C)
    return output(norm_(slice(x, 1, n - 1, n)));                               // (1, 1, C) -> (1, 1, V)
    //! [read]
  }

  size_t block_size() const { return sizes_.block_size; }  ///< largest T
  const ModernSizes& sizes() const { return sizes_; }      ///< what it was made with

  /// Its weights.
  Parameters parameters() const {
    Parameters all = collect("token_embedding", token_embedding_);
    if (position_embedding_) append(all, "position_embedding", *position_embedding_);
    append(all, "blocks", blocks_);
    append(all, "norm", norm_);
    if (output_) append(all, "output", *output_);
    return all;
  }

 private:
  Tensor embedded(const Tokens& tokens, size_t first) const {
    const Tensor what = token_embedding_(tokens);  // (B, T, C)
    if (!position_embedding_) return what;
    return what + slice(position_embedding_->weight(), 0, first, first + tokens.T);  // + (T, C)
  }
  //! [tied]
  Tensor output(const Tensor& x) const {
    if (output_) return (*output_)(x);
    const Tensor columns = transpose(token_embedding_.weight());  // (C, V)
    return linear(x, columns);                                    // (B, T, V)
  }
  //! [tied]

  ModernSizes sizes_;
  Embedding token_embedding_;                    // (V, C)
  std::optional<Embedding> position_embedding_;  // (block_size, C)
  AnyNorm norm_;
  std::optional<Linear> output_;  // (C, V)
  std::vector<ModernBlock> blocks_;
};

/// The widest feed-forward part with which a model has at most so many parameters: their number is a straight line in
/// the width. Even, so that products keep whole vectors.
/// @throws std::invalid_argument if they are too few for a part of width 2
inline size_t hidden_for(ModernSizes sizes, const Design& design, size_t most) {
  const auto parameters = [&](size_t hidden) {
    Rng rng(0);
    sizes.hidden = hidden;
    return count(ModernGPT(sizes, design, rng).parameters());
  };
  const size_t two = parameters(2), four = parameters(4);
  if (two > most) {
    throw std::invalid_argument("hidden_for: the other parts alone have more than " + std::to_string(most) +
                                " parameters");
  }
  return 2 + 2 * ((most - two) / (four - two));
}

/// sizes with that width for which there are at most as many parameters as in chapter 6's GPT of the same sizes.
inline ModernSizes as_large_as_chapter_6(ModernSizes sizes, const Design& design) {
  Rng thrown_away(0);
  const GPTLanguageModel theirs({sizes.V, sizes.block_size, sizes.C, sizes.H, sizes.L, /*dropout=*/0.0f},
                                thrown_away);
  sizes.hidden = hidden_for(sizes, design, count(theirs.parameters()));
  return sizes;
}

}  // namespace gpt
