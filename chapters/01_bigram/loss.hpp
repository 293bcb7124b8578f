/// @file loss.hpp
/// Chapter 1. One number for how surprised the model was by what came next.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// Cross-entropy, written out: the mean over all positions of -log p(the character that came next).
///
/// \f[ \mathrm{loss} = -\frac{1}{BT} \sum_{b,t} \log \frac{e^{x_{b,t,y}}}{\sum_v e^{x_{b,t,v}}} \f]
/// with x the logits and y the target. Shapes: logits (B, T, V), targets (B, T) -> scalar, in nats.
inline Tensor cross_entropy_by_hand(const Tensor& logits, const Tokens& targets) {
  //! [by_hand]
  // With 0 as the largest, p is the same, and exp cannot overflow.
  const Tensor shifted = logits - max(logits, -1);  // (B, T, V)
  const Tensor total = sum(exp(shifted), -1);       // (B, T, 1)
  const Tensor log_p = shifted - log(total);        // (B, T, V)
  return -mean(pick(log_p, targets));               // (B, T) -> scalar
  //! [by_hand]
}

/// The same in one pass, which is what trains. 0 for a model that is always right and sure; ln V for one that
/// has no idea.
/// @param targets (B, T), each in [0, V), or no_target (-1) where the answer does not count
/// @throws std::invalid_argument if the shapes don't fit, a target is none of these, or none counts
inline Tensor next_token_loss(const Tensor& logits, const Tokens& targets) {
  return cross_entropy(logits, targets);
}

}  // namespace gpt
