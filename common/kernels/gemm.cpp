#include "common/kernels/gemm.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "common/kernels/parallel.hpp"
#include "common/kernels/product.hpp"

namespace gpt {
namespace {

bool portable_by_wish() {
  const char* wish = std::getenv("BARDLING_GEMM");
  return library_name == nullptr || (wish != nullptr && std::string_view(wish) == "portable");
}
bool portable = portable_by_wish();

// The lines of C from first to last - 1: rows, or columns if there are more of them.
Product part(Product p, std::size_t first, std::size_t last) {
  if (p.M >= p.N) {
    p.A = View(p.trans_a, p.A, p.lda).at(first, 0);
    p.C += first * p.ldc;
    p.M = last - first;
  } else {
    p.B = View(p.trans_b, p.B, p.ldb).at(0, first);
    p.C += first;
    p.N = last - first;
  }
  return p;
}

// A library's way in takes longer than so few multiplications, and a single row is a matter of memory alone.
constexpr std::size_t small_product = 100'000;

void multiply(const Product& p, bool by_hand) {
  if (p.M == 0 || p.N == 0) return;
  if (p.K == 0) {  // an empty sum
    for (std::size_t i = 0; i < p.M; ++i) {
      for (std::size_t j = 0; j < p.N; ++j)
        p.C[i * p.ldc + j] = p.beta == 0.0f ? 0.0f : p.beta * p.C[i * p.ldc + j];
    }
    return;
  }
  const std::size_t multiplications = p.M * p.N * p.K, lines = std::max(p.M, p.N);
  const std::size_t grain = p.M == 1 ? plain_grain : product_grain;
  const auto kernel =
      by_hand || p.M == 1 || multiplications <= small_product ? multiply_by_hand : multiply_by_library;
  if (multiplications < 2 * grain) return kernel(p);
  // C is shared out here, along its longer side: left to itself, oneDNN takes twice as long with two threads
  // as with one for some of the flat matrices that networks are made of.
  parallel_for(lines, 1 + grain * lines / multiplications,
               [&](std::size_t first, std::size_t last) { kernel(part(p, first, last)); });
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

std::string gemm_name() { return portable ? "portable" : library_name; }

}  // namespace gpt
