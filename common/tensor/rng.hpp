/// @file rng.hpp
/// The one source of random numbers: seeded, passed in, and the same on every compiler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gpt {

/// xoshiro256++ (Blackman and Vigna 2019, arXiv:1805.01407) with distributions of our own, because the
/// standard library's differ from compiler to compiler.
class Rng {
 public:
  /// Everything the generator remembers.
  using State = std::array<std::uint64_t, 4>;

  /// The same seed gives the same numbers, on every compiler and machine.
  explicit Rng(std::uint64_t seed);

  std::uint64_t next();                  ///< 64 random bits
  float uniform();                       ///< in [0, 1), in steps of 2^-24
  float uniform(float low, float high);  ///< in [low, high)
  float normal();                        ///< mean 0, standard deviation 1 (Box and Muller 1958)
  /// In [0, n), every value equally likely.
  /// @throws std::invalid_argument if n is 0
  std::size_t below(std::size_t n);
  /// Index i with probability weights[i] / sum(weights).
  /// @param weights >= 0, at least one > 0
  /// @throws std::invalid_argument if the sum is not a positive finite number
  std::size_t choose(std::span<const float> weights);

  /// Where the generator stands: a run that was saved goes on with the very next number.
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }  ///< goes on from where state() was

 private:
  State state_;
};

}  // namespace gpt
