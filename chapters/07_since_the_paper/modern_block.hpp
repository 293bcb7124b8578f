/// @file modern_block.hpp
/// Chapter 7. Chapter 5's block, each of whose parts can be exchanged.
#pragma once

#include <optional>

#include "05_blocks/layer_norm.hpp"
#include "07_since_the_paper/bent_feed_forward.hpp"
#include "07_since_the_paper/grouped_query_attention.hpp"
#include "07_since_the_paper/key_values.hpp"
#include "07_since_the_paper/norm_place.hpp"
#include "07_since_the_paper/one_of.hpp"
#include "07_since_the_paper/rms_norm.hpp"
#include "07_since_the_paper/rotate.hpp"
#include "07_since_the_paper/swiglu.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Which norm.
enum class NormKind { layer, rms, none };
/// Which feed-forward part.
enum class FeedForwardKind { relu, gelu, relu_squared, swiglu };
/// How a position is known.
enum class Positions { table, rotary, none };
/// How large weights are before training: chapter 6's, or the wider ones that PyTorch's layers (and chapters 1 to 5)
/// begin with.
enum class InitialWeights { gpt_2, pytorch };

/// Which parts a model is made of. The default is this chapter's; chapter 6's is chapter_6_design.
struct Design {
  NormKind norm = NormKind::rms;                           ///< the norm in all its places
  Place place = Place::pre;                                ///< where it stands
  FeedForwardKind feed_forward = FeedForwardKind::swiglu;  ///< what follows attention
  Positions positions = Positions::rotary;                 ///< how a position is known
  size_t G = 2;                                            ///< heads of keys and values, a divisor of H
  bool tied = true;                                        ///< one table at both ends
  bool qk_norm = true;                                     ///< queries and keys are normed
  Bias bias = Bias::off;                                   ///< in linear layers, but those of attention
  bool zero_projections = false;                           ///< what a block adds to the stream begins at 0
  InitialWeights initial = InitialWeights::gpt_2;          ///< where training begins
};

/// The parts of chapter 6's GPT. @param H its heads, each with keys and values of its own
inline Design chapter_6_design(size_t H) {
  return {.norm = NormKind::layer,
          .place = Place::pre,
          .feed_forward = FeedForwardKind::relu,
          .positions = Positions::table,
          .G = H,
          .tied = false,
          .qk_norm = false,
          .bias = Bias::on,
          .initial = InitialWeights::gpt_2};
}

/// How large a model is.
struct ModernSizes {
  size_t V;           ///< vocabulary
  size_t block_size;  ///< largest T
  size_t C;           ///< channels, a multiple of H
  size_t H;           ///< heads of queries
  size_t L;           ///< blocks
  size_t hidden;      ///< units of a feed-forward part
};

using AnyNorm = OneOf<RMSNorm, LayerNorm, Nothing>;     ///< the norm that was chosen
using AnyFeedForward = OneOf<SwiGLU, BentFeedForward>;  ///< the feed-forward part that was chosen

/// The norm for C channels.
inline AnyNorm make_norm(NormKind kind, size_t C) {
  if (kind == NormKind::rms) return RMSNorm(C);
  if (kind == NormKind::layer) return LayerNorm(C);
  return Nothing{};
}

/// The feed-forward part.
inline AnyFeedForward make_feed_forward(const ModernSizes& sizes, const Design& design, Rng& rng) {
  switch (design.feed_forward) {
    case FeedForwardKind::relu:
      return BentFeedForward(sizes.C, sizes.hidden, relu, design.bias, rng);
    case FeedForwardKind::gelu:
      return BentFeedForward(sizes.C, sizes.hidden, gelu, design.bias, rng);
    case FeedForwardKind::relu_squared:
      return BentFeedForward(sizes.C, sizes.hidden, relu_squared, design.bias, rng);
    case FeedForwardKind::swiglu:
      break;
  }
  return SwiGLU(sizes.C, sizes.hidden, design.bias, rng);
}

/// Attention, then feed-forward, each with its norm. Shapes: x (B, T, C) -> (B, T, C).
/// Parameters, in order: norm_1, attention, norm_2, feed_forward.
class ModernBlock {
 public:
  /// @param rotation turns queries and keys, if there is one
  /// @param rng      draws the initial weights
  /// @throws std::invalid_argument if C is not a positive multiple of H, or H not one of G
  ModernBlock(const ModernSizes& sizes, const Design& design, std::optional<Rotation> rotation, Rng& rng)
      : place_(design.place),
        norm_1_(make_norm(design.norm, sizes.C)),
        attention_(sizes.C, sizes.H, design.G, design.bias, design.qk_norm, std::move(rotation), rng),
        norm_2_(make_norm(design.norm, sizes.C)),
        feed_forward_(make_feed_forward(sizes, design, rng)) {}

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const { return through(x, attention_); }

  /// The same for the positions after those remembered, which it adds to them.
  Tensor operator()(const Tensor& x, KeyValues& memory) const {
    return through(x, [&](const Tensor& y) { return attention_(y, memory); });
  }

  /// Its weights.
  Parameters parameters() const {
    return collect("norm_1", norm_1_, "attention", attention_, "norm_2", norm_2_, "feed_forward",
                   feed_forward_);
  }

 private:
  template <class Attention>
  Tensor through(const Tensor& x, const Attention& attention) const {
    //! [block]
    const Tensor read = half_block(place_, x, norm_1_, attention);
    const Tensor thought = half_block(place_, read, norm_2_, feed_forward_);
    //! [block]
    note("read", read);
    return note("thought", thought);
  }

  Place place_;
  AnyNorm norm_1_;
  GroupedQueryAttention attention_;
  AnyNorm norm_2_;
  AnyFeedForward feed_forward_;
};

}  // namespace gpt
