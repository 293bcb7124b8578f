/// @file product_in_double.hpp
/// What products of matrices are compared to.
#pragma once

#include <cstddef>
#include <vector>

#include "common/kernels/gemm.hpp"

namespace gpt {

/// op(A) op(B), (M, K) x (K, N) -> (M, N), a loop in double as the definition has it. A and B lie as they do for gemm().
std::vector<double> product_in_double(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N,
                                      std::size_t K, const std::vector<float>& a, std::size_t lda,
                                      const std::vector<float>& b, std::size_t ldb);

}  // namespace gpt
