/// @file ring_sum.hpp
/// Chapter 11. How many machines add up their numbers, though none has the time to listen to all others.
#pragma once

#include "11_many_machines/ranks.hpp"

namespace gpt {

/// Ranks::sum() from nothing but pass_on(): the numbers are cut into P pieces, which go around a ring twice. On the
/// first round each rank adds its own to what comes, so that after P - 1 turns every piece is complete on one rank;
/// on the second round the complete pieces are handed on. Each rank sends 2 (P - 1) / P times its numbers, and
/// hardly more for a thousand ranks than for four (Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms
/// for clusters of workstations").
/// @param numbers as many on every rank
inline void ring_sum(std::span<float> numbers, Ranks& ranks) {
  //! [ring]
  const size_t P = ranks.size(), r = ranks.rank();
  const auto piece = [&](size_t p) {
    const size_t begin = numbers.size() * (p % P) / P;
    return numbers.subspan(begin, numbers.size() * (p % P + 1) / P - begin);
  };
  std::vector<float> came;
  for (size_t turn = 0; turn + 1 < P; ++turn) {  // add
    const std::span<float> mine = piece(P + r - turn - 1);
    came.resize(mine.size());
    ranks.pass_on(piece(P + r - turn), came);
    for (size_t i = 0; i < mine.size(); ++i) mine[i] += came[i];
  }
  for (size_t turn = 0; turn + 1 < P; ++turn) {  // hand on
    ranks.pass_on(piece(P + r + 1 - turn), piece(P + r - turn));
  }
  //! [ring]
}

}  // namespace gpt
