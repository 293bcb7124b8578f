/// @file share_of_batch.hpp
/// Chapter 11. Many hands: each rank learns from its own part of the batch.
#pragma once

#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "11_many_machines/ranks.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// A rank's own rows of the batch that all ranks drew alike: (B, T) -> (B / P, T). Together they are the whole
/// batch, and none is in two parts.
/// @throws std::invalid_argument unless B is a multiple of P
inline Batch share_of_batch(const Batch& whole, const Ranks& ranks) {
  // Given: an error for what does not divide.
  const size_t B = whole.inputs.B, P = ranks.size();
  if (B % P != 0) {
    throw std::invalid_argument("share_of_batch: B must be a multiple of the number of ranks, got B = " +
                                std::to_string(B) + " and " + std::to_string(P) + " ranks");
  }
  todo("share_of_batch");  // TODO: the rows of rank ranks.rank(), of inputs and of targets
}

}  // namespace gpt
