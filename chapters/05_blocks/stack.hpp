/// @file stack.hpp
/// Chapter 5. Deep learning, literally: the same block several times, each with weights of its own.
#pragma once

#include <optional>

#include "05_blocks/layer_norm.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Blocks one after the other, and a last norm if there is one: where blocks only ever add to the stream,
/// nobody else brings it to a common scale before the logits.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: blocks.0, blocks.1, ..., norm.
template <Module B>
class Stack {
 public:
  /// @param norm  comes after the last block, if there is one
  explicit Stack(std::vector<B> blocks, std::optional<LayerNorm> norm = std::nullopt)
      : blocks_(std::move(blocks)), norm_(std::move(norm)) {}

  /// Through all blocks, one after the other: (B, T, C) -> (B, T, C).
  Tensor operator()(Tensor x) const {
    //! [forward]
    note("embedded", x);
    for (const B& block : numbered("blocks", blocks_)) x = block(x);
    return norm_ ? (*norm_)(x) : x;
    //! [forward]
  }

  /// Its weights.
  Parameters parameters() const {
    Parameters all = collect("blocks", blocks_);
    if (norm_) append(all, "norm", *norm_);
    return all;
  }

 private:
  std::vector<B> blocks_;
  std::optional<LayerNorm> norm_;
};

}  // namespace gpt
