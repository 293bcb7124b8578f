/// @file gemm.hpp
/// The product of two matrices, where a network spends nearly all of its time.
#pragma once

#include <cstddef>
#include <string>

namespace gpt {

/// Is a matrix read as it is stored, or with rows and columns swapped?
enum class Trans { no, yes };

/// C = alpha * op(A) op(B) + beta * C, row-major, with op(A) (M, K), op(B) (K, N) and C (M, N).
///
/// @param trans_a, trans_b  whether op transposes: then A is stored (K, M), B is stored (N, K)
/// @param lda, ldb, ldc     distance between the starts of two stored rows, in numbers
/// @param beta              0 means that C is only written, never read
void gemm(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
          const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
          std::size_t ldc);

/// The same by our own kernel, whatever gemm() uses: slower, but everywhere the same few lines of C++.
void gemm_portable(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
                   const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
                   std::size_t ldc);

/// From now on, gemm() uses our own kernel (true), or oneDNN again where it is there: for tests and measurements.
void use_portable_gemm(bool yes);
/// Does it?
bool uses_portable_gemm();

/// From now on, gemm() is its definition, three loops, or itself again: to show how long that takes.
void use_gemm_by_definition(bool yes);

/// Which kernel gemm() uses: "oneDNN" or "portable". The environment variable
/// BARDLING_GEMM=portable chooses the second.
std::string gemm_name();

}  // namespace gpt
