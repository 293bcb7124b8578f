/// @file dropout_mask.hpp
/// Which elements dropout keeps, as a function of their index: nothing is stored, every thread can ask for
/// any element, and the backward pass asks again. Only for common/*.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/tensor/check.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"

namespace gpt {

class DropoutMask {
 public:
  /// Keeps everything, without a draw, if p is 0 or a NoGrad lives.
  /// @throws std::invalid_argument unless p is in [0, 1)
  DropoutMask(const char* who, float p, Rng& rng) {
    require_fraction(std::string(who) + ": p", p);
    if (p == 0.0f || !grad_enabled()) return;
    threshold_ = static_cast<std::uint32_t>(static_cast<double>(p) * 4294967296.0);
    kept_ = 1.0f / (1.0f - p);
    const std::uint64_t draw = rng.next();
    low_ = static_cast<std::uint32_t>(draw);
    high_ = static_cast<std::uint32_t>(draw >> 32);
  }

  bool active() const { return threshold_ > 0; }

  /// 0 with probability p, else 1 / (1 - p). An index has 32 bits, of which a vector
  /// register holds twice as many.
  float operator()(std::uint32_t index) const { return bits(index) < threshold_ ? 0.0f : kept_; }

 private:
  // A 32-bit integer hash (two rounds of xor-shift-multiply, constants by Wellons, "Prospecting for hash
  // functions"), fed with the index and this call's 64 random bits.
  std::uint32_t bits(std::uint32_t x) const {
    x ^= low_;
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) + high_;
    x *= 0x846ca68bU;
    return x ^ (x >> 16);
  }

  std::uint32_t threshold_ = 0, low_ = 0, high_ = 0;
  float kept_ = 1.0f;
};

}  // namespace gpt
