#include "common/tensor/rng.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace gpt {

// The four words of state are filled by splitmix64, as the authors of xoshiro
// advise: no seed gives all zeros.
Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

float Rng::uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

float Rng::uniform(float low, float high) {
  const float x = low + (high - low) * uniform();
  return x < high ? x : low;  // rounding may reach high, which the interval leaves out
}

float Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - static_cast<double>(next() >> 11) * 0x1p-53));
  const double angle = 2.0 * std::numbers::pi * (static_cast<double>(next() >> 11) * 0x1p-53);
  return static_cast<float>(radius * std::cos(angle));
}

std::size_t Rng::below(std::size_t n) {
  if (n == 0) throw std::invalid_argument("Rng::below: n must be positive, got 0");
  // 2^64 is rarely a multiple of n: values past the last full multiple are drawn again,
  // or small ones come too often.
  const std::uint64_t excess = (0 - static_cast<std::uint64_t>(n)) % n;  // 2^64 mod n
  std::uint64_t x = next();
  while (x < excess) x = next();
  return static_cast<std::size_t>(x % n);
}

std::size_t Rng::choose(std::span<const float> weights) {
  double total = 0;
  for (const float w : weights) total += w;
  if (!(total > 0) || !std::isfinite(total)) {
    throw std::invalid_argument("Rng::choose: the weights must have a positive, finite sum, got " +
                                std::to_string(total));
  }
  double left = static_cast<double>(next() >> 11) * 0x1p-53 * total;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    chosen = i;  // stays with the last possible index if rounding leaves a crumb
    left -= weights[i];
    if (left < 0) break;
  }
  return chosen;
}

}  // namespace gpt
