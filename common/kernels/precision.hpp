/// @file precision.hpp
/// What the networks' matrix products are made from.
#pragma once

#include <cstddef>

namespace gpt {

/// With bfloat16, the two factors of a product are rounded to half their bits. Its sums, and all else (weights, norms,
/// softmax, loss, the optimiser), stay float32.
enum class Precision { float32, bfloat16 };

/// The precision that layers use from now on; float32 at first.
void set_precision(Precision precision);
/// The one in use.
Precision precision();

/// While one lives, another precision holds.
class WithPrecision {
 public:
  /// @param other holds until this object ends, then the one before it again
  explicit WithPrecision(Precision other) : before_(precision()) { set_precision(other); }
  ~WithPrecision() { set_precision(before_); }
  WithPrecision(const WithPrecision&) = delete;
  WithPrecision& operator=(const WithPrecision&) = delete;

 private:
  Precision before_;
};

/// Is a product of (M, K) and (K, N) to be made from bfloat16? Not if it is so small that rounding costs what it gains.
/// This depends on sizes and precision() alone: so losses are the same, but for rounding, on every machine.
bool in_bfloat16(std::size_t M, std::size_t N, std::size_t K);

}  // namespace gpt
