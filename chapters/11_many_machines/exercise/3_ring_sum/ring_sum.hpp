/// @file ring_sum.hpp
/// Chapter 11. How many machines add up their numbers, though none has the time to listen to all others.
#pragma once

#include "11_many_machines/ranks.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Ranks::sum() from nothing but pass_on(): the numbers are cut into P pieces, which go around a ring twice. On the
/// first round each rank adds its own to what comes, so that after P - 1 turns every piece is complete on one rank;
/// on the second round the complete pieces are handed on. Each rank sends 2 (P - 1) / P times its numbers, and
/// hardly more for a thousand ranks than for four (Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms
/// for clusters of workstations").
/// @param numbers as many on every rank
inline void ring_sum(std::span<float> numbers, Ranks& ranks) {
  todo("ring_sum");  // TODO: cut into P pieces; P - 1 turns that add, P - 1 turns that hand on
}

}  // namespace gpt
