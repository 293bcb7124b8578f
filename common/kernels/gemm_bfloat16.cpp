#include "common/kernels/gemm_bfloat16.hpp"

#include <vector>

#include "common/kernels/memory.hpp"
#include "common/kernels/product.hpp"

namespace gpt {
namespace {

using Numbers = std::vector<float, BlockAllocator<float>>;

// op(X) is (rows, columns). X's numbers in float32, as they are stored but without gaps.
Numbers widened(Trans trans, std::size_t rows, std::size_t columns, const BFloat16* X, std::size_t ld) {
  if (trans == Trans::yes) std::swap(rows, columns);
  Numbers all(rows * columns);
  parallel_for(rows, 1 + plain_grain / columns, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const BFloat16* from = X + row * ld;
      float* to = all.data() + row * columns;
#pragma omp simd
      for (std::size_t i = 0; i < columns; ++i) to[i] = to_float(from[i]);
    }
  });
  return all;
}

void multiply_in_float32(const ProductOf<BFloat16>& p) {
  const Numbers A = widened(p.trans_a, p.M, p.K, p.A, p.lda), B = widened(p.trans_b, p.K, p.N, p.B, p.ldb);
  gemm(p.trans_a, p.trans_b, p.M, p.N, p.K, p.alpha, A.data(), p.trans_a == Trans::no ? p.K : p.M, B.data(),
       p.trans_b == Trans::no ? p.N : p.K, p.beta, p.C, p.ldc);
}

// A single column whose numbers are apart: oneDNN 3.7 takes those of op(A)'s and of C's for neighbours.
bool has_loose_column(const ProductOf<BFloat16>& p) {
  return (p.M == 1 && p.trans_a == Trans::yes && p.lda != 1) || (p.N == 1 && p.ldc != 1);
}

}  // namespace

void gemm_bfloat16(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K,
                   const BFloat16* A, std::size_t lda, const BFloat16* B, std::size_t ldb, bool add, float* C,
                   std::size_t ldc) {
  const ProductOf<BFloat16> p{trans_a, trans_b, M, N, K, 1.0f, A, lda, B, ldb, add ? 1.0f : 0.0f, C, ldc};
  if (M == 0 || N == 0) return;
  if (K == 0) return scale_result(p);
  if (M == 1 && trans_b == Trans::no) return multiply_row(p);
  if (!has_fast_bfloat16()) return multiply_in_float32(p);
  share_out(p, product_grain, [](const ProductOf<BFloat16>& piece) {
    has_loose_column(piece) ? multiply_in_float32(piece) : multiply_by_library(piece);
  });
}

bool has_fast_bfloat16() { return !uses_portable_gemm() && bfloat16_instructions() != nullptr; }

std::string bfloat16_name() {
  if (!has_fast_bfloat16()) return "bfloat16 rounded, multiplied in float32";
  return std::string("bfloat16 by oneDNN (") + bfloat16_instructions() + ")";
}

}  // namespace gpt
