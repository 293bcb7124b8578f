#include "common/kernels/gemm.hpp"

#include <cstdlib>
#include <string_view>

#include "common/kernels/product.hpp"

namespace gpt {
namespace {

bool portable_by_wish() {
  const char* wish = std::getenv("BARDLING_GEMM");
  return library_name == nullptr || (wish != nullptr && std::string_view(wish) == "portable");
}
bool portable = portable_by_wish();
bool by_definition = false;

void multiply_by_definition(const Product& p) {
  const View A(p.trans_a, p.A, p.lda), B(p.trans_b, p.B, p.ldb);
  for (std::size_t i = 0; i < p.M; ++i) {
    for (std::size_t j = 0; j < p.N; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < p.K; ++k) sum += *A.at(i, k) * *B.at(k, j);
      float& c = p.C[i * p.ldc + j];
      c = p.alpha * sum + (p.beta == 0.0f ? 0.0f : p.beta * c);
    }
  }
}

// A library's way in takes longer than so few multiplications.
constexpr std::size_t small_product = 100'000;

void multiply(const Product& p, bool by_hand) {
  if (p.M == 0 || p.N == 0) return;
  if (p.K == 0) return scale_result(p);  // an empty sum
  if (by_definition) return multiply_by_definition(p);
  if (p.M == 1 && p.trans_b == Trans::no) return multiply_row(p);
  using Kernel = void (*)(const Product&);
  const bool small = p.M == 1 || p.M * p.N * p.K <= small_product;
  share_out(p, p.M == 1 ? plain_grain : product_grain,
            by_hand || small ? Kernel(multiply_by_hand) : Kernel(multiply_by_library));
}

}  // namespace

void gemm(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
          const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
          std::size_t ldc) {
  multiply({trans_a, trans_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc}, portable);
}

void gemm_portable(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
                   const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
                   std::size_t ldc) {
  multiply({trans_a, trans_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc}, /*by_hand=*/true);
}

void use_portable_gemm(bool yes) { portable = yes || library_name == nullptr; }
bool uses_portable_gemm() { return portable; }
void use_gemm_by_definition(bool yes) { by_definition = yes; }

std::string gemm_name() { return portable ? "portable" : library_name; }

}  // namespace gpt
