/// @file share_of_batch.hpp
/// Chapter 11. Many hands: each rank learns from its own part of the batch.
#pragma once

#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "11_many_machines/ranks.hpp"

namespace gpt {

/// A rank's own rows of the batch that all ranks drew alike: (B, T) -> (B / P, T). Together they are the whole
/// batch, and none is in two parts.
/// @throws std::invalid_argument unless B is a multiple of P
inline Batch share_of_batch(const Batch& whole, const Ranks& ranks) {
  const size_t B = whole.inputs.B, T = whole.inputs.T, P = ranks.size();
  if (B % P != 0) {
    throw std::invalid_argument("share_of_batch: B must be a multiple of the number of ranks, got B = " +
                                std::to_string(B) + " and " + std::to_string(P) + " ranks");
  }
  //! [share]
  const size_t rows = B / P, first = ranks.rank() * rows;
  Batch mine{{0, T, {}}, {0, T, {}}};
  for (size_t b = first; b < first + rows; ++b) {
    append(mine.inputs, std::span(whole.inputs.ids).subspan(b * T, T));
    append(mine.targets, std::span(whole.targets.ids).subspan(b * T, T));
  }
  return mine;
  //! [share]
}

}  // namespace gpt
