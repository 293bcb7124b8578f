/// @file average_gradients.hpp
/// Chapter 11. The one thing that the ranks tell each other: what their parts of the batch say of each weight.
#pragma once

#include "11_many_machines/ranks.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// The mean over all ranks of each weight's gradient, one message for each weight: the shortest way to write it.
///
/// \f[ g = \frac{1}{P} \sum_{r=0}^{P-1} g_r \f]
/// which is the gradient of the whole batch's loss, since that is the mean of the parts' losses (all parts are of
/// one size).
inline void average_one_by_one(const Parameters& weights, Ranks& ranks) {
  todo("average_gradients");  // TODO: for each weight: the sum over all ranks, and its mean
}

/// The same in one message: a model of fifty small weights waits for the network once, and not fifty times.
inline void average_gradients(const Parameters& weights, Ranks& ranks) {
  todo("average_gradients");  // TODO: all gradients one behind the other, one sum, and the means back
}

/// Every weight becomes rank 0's, in one message: so all ranks begin as one.
inline void share_weights(const Parameters& weights, Ranks& ranks) {
  std::vector<float> all;
  for (const auto& [name, weight] : weights) {
    all.insert(all.end(), weight.values().begin(), weight.values().end());
  }
  ranks.broadcast(all);
  const float* value = all.data();
  for (const auto& [name, weight] : weights) {
    for (float& w : weight.mutable_values()) w = *value++;
  }
}

}  // namespace gpt
