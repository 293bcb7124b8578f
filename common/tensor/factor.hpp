/// @file factor.hpp
/// The two sides of a product of matrices, in float32 or rounded to bfloat16. Only for common/*.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/memory.hpp"
#include "common/tensor/node.hpp"

namespace gpt {

/// Where a product's numbers are: in float32, or rounded to bfloat16.
struct Numbers {
  const float* plain;
  const BFloat16* rounded;
  Numbers operator+(std::size_t n) const {
    return rounded ? Numbers{nullptr, rounded + n} : Numbers{plain + n, nullptr};
  }
};

/// One side of a product, kept for the backward pass: a tensor's numbers, or their copy in bfloat16.
class Factor {
 public:
  Factor(const Value& value, bool rounds) {
    if (rounds) {
      rounded_ = value->rounded();
    } else {
      plain_.emplace(value);
    }
  }
  operator Numbers() const {
    return rounded_ ? Numbers{nullptr, rounded_->data()} : Numbers{(*plain_)->data(), nullptr};
  }

 private:
  std::optional<Kept> plain_;
  std::shared_ptr<const Rounded> rounded_;
};

/// A gradient of n numbers, one side of two products.
class GradientFactor {
 public:
  GradientFactor(const float* numbers, std::size_t n, bool rounds) : numbers_{numbers, nullptr} {
    if (!rounds) return;
    rounded_.resize(n);
    to_bfloat16(numbers_.plain, rounded_.size(), rounded_.data());
    numbers_ = {nullptr, rounded_.data()};
  }
  operator Numbers() const { return numbers_; }

 private:
  Numbers numbers_;
  Rounded rounded_;
};

/// A side that is written anew for each of many products.
class Scratch {
 public:
  Scratch(std::size_t n, bool rounds) : plain_(n), rounded_(rounds ? n : 0) {}
  float* data() { return plain_.data(); }
  /// What has been written to data().
  operator Numbers() {
    if (rounded_.empty()) return {plain_.data(), nullptr};
    to_bfloat16(plain_.data(), plain_.size(), rounded_.data());
    return {nullptr, rounded_.data()};
  }

 private:
  std::vector<float, BlockAllocator<float>> plain_;
  Rounded rounded_;
};

/// C (+)= op(A) op(B), all stored without gaps.
inline void multiply(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, Numbers A,
                     Numbers B, float* C, bool add) {
  const std::size_t lda = trans_a == Trans::no ? K : M, ldb = trans_b == Trans::no ? N : K;
  if (A.rounded) return gemm_bfloat16(trans_a, trans_b, M, N, K, A.rounded, lda, B.rounded, ldb, add, C, N);
  gemm(trans_a, trans_b, M, N, K, 1.0f, A.plain, lda, B.plain, ldb, add ? 1.0f : 0.0f, C, N);
}

}  // namespace gpt
