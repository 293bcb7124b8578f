/// @file product_in_double.cpp
/// In a file of its own, since it is the one thing of these tests that has to be optimised.
#include "tests/kernels/product_in_double.hpp"

namespace gpt {

std::vector<double> product_in_double(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N,
                                      std::size_t K, const std::vector<float>& a, std::size_t lda,
                                      const std::vector<float>& b, std::size_t ldb) {
  std::vector<double> result(M * N);
  for (std::size_t i = 0; i < M; ++i) {
    for (std::size_t j = 0; j < N; ++j) {
      double total = 0;
      for (std::size_t k = 0; k < K; ++k) {
        const float x = trans_a == Trans::no ? a[i * lda + k] : a[k * lda + i];
        const float y = trans_b == Trans::no ? b[k * ldb + j] : b[j * ldb + k];
        total += static_cast<double>(x) * y;
      }
      result[i * N + j] = total;
    }
  }
  return result;
}

}  // namespace gpt
