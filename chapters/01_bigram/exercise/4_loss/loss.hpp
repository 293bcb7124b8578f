/// @file loss.hpp
/// Chapter 1. One number for how surprised the model was by what came next.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Cross-entropy, written out: the mean over all positions of -log p(the character that came next).
///
/// \f[ \mathrm{loss} = -\frac{1}{BT} \sum_{b,t} \log \frac{e^{x_{b,t,y}}}{\sum_v e^{x_{b,t,v}}} \f]
/// with x the logits and y the target. Shapes: logits (B, T, V), targets (B, T) -> scalar, in nats.
inline Tensor cross_entropy_by_hand(const Tensor& logits, const Tokens& targets) { todo("loss"); }

/// What trains: yours, until you trade it for the library's `cross_entropy`, which is the same in one pass.
/// @throws std::invalid_argument if the shapes don't fit or a target is not in [0, V)
inline Tensor next_token_loss(const Tensor& logits, const Tokens& targets) {
  return cross_entropy_by_hand(logits, targets);
}

}  // namespace gpt
