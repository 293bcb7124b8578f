/// @file gemm_bfloat16.hpp
/// The product of two matrices of bfloat16. Its sums are float32.
#pragma once

#include <cstddef>
#include <string>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/gemm.hpp"

namespace gpt {

/// C = op(A) op(B), or C += op(A) op(B) with add; sizes, transposes and distances as for gemm() of float32.
///
/// Where there is oneDNN and the processor has instructions for it, it takes half of float32's time or less. Elsewhere A
/// and B are widened to float32 and multiplied as such: slower, and the same numbers but for rounding.
void gemm_bfloat16(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K,
                   const BFloat16* A, std::size_t lda, const BFloat16* B, std::size_t ldb, bool add, float* C,
                   std::size_t ldc);

/// Does the processor multiply them itself (and is oneDNN there, and in use)?
bool has_fast_bfloat16();

/// Which way gemm_bfloat16() goes: "bfloat16 by oneDNN (AVX512_BF16)", or the same with AMX, or "bfloat16 rounded,
/// multiplied in float32".
std::string bfloat16_name();

}  // namespace gpt
