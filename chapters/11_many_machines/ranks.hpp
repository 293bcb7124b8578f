/// @file ranks.hpp
/// Chapter 11. Several processes that train one model together, seen from one of them.
#pragma once

#include <cstdint>

#include "common/gpt.hpp"

namespace gpt {

/// One of P processes, on one machine or on many, and what it can do together with the others. Each of these calls
/// is made by all ranks, in the same order; none returns before it has what it needs from the others.
///
/// Words and meaning are those of MPI, the Message Passing Interface, which is behind it in the program.
class Ranks {
 public:
  virtual ~Ranks() = default;

  virtual size_t rank() const = 0;  ///< which of them this is, 0 to size() - 1
  virtual size_t size() const = 0;  ///< how many they are, P

  /// Numbers become their sums over all ranks, on every rank. @param numbers as many everywhere
  virtual void sum(std::span<float> numbers) = 0;
  /// The same, begun: it goes on while other work is done. Nobody may touch the numbers before finish_sums().
  virtual void begin_sum(std::span<float> numbers) = 0;
  /// Waits until all sums that were begun are there.
  virtual void finish_sums() = 0;
  /// Numbers become those of rank 0.
  virtual void broadcast(std::span<float> numbers) = 0;
  /// Each rank sends to the next one, the last to rank 0, and receives from the one before it.
  virtual void pass_on(std::span<const float> to_next, std::span<float> from_previous) = 0;
  /// One number of every rank, on all of them: element r is rank r's.
  virtual std::vector<std::uint64_t> gather(std::uint64_t number) = 0;
};

}  // namespace gpt
