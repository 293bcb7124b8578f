#include "common/gemm.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "common/parallel.hpp"

#ifdef BARDLING_HAS_ONEDNN
#include <dnnl.h>
#endif

namespace gpt {
namespace {

// Eight numbers that the compiler keeps in one vector register, or in two or four where registers are
// narrower.
using Vec = float __attribute__((vector_size(32)));
constexpr std::size_t vec_size = 8;
constexpr std::size_t tile_rows = 6;  // a tile of C is 6 x 16: 12 of the 16 registers of AVX2
constexpr std::size_t tile_columns = 2 * vec_size;

float element(Trans trans, const float* X, std::size_t ld, std::size_t row, std::size_t column) {
  return trans == Trans::no ? X[row * ld + column] : X[column * ld + row];
}

// acc = A B for one tile, both packed so that each step k reads consecutive numbers.
void multiply_tile(std::size_t K, const float* A, const float* B, float* acc) {
  std::array<Vec, 2 * tile_rows> sums{};
  for (std::size_t k = 0; k < K; ++k) {
    Vec b0, b1;
    __builtin_memcpy(&b0, B + k * tile_columns, sizeof b0);
    __builtin_memcpy(&b1, B + k * tile_columns + vec_size, sizeof b1);
#pragma GCC unroll 6
    for (std::size_t i = 0; i < tile_rows; ++i) {
      const float a = A[k * tile_rows + i];
      sums[2 * i] += a * b0;
      sums[2 * i + 1] += a * b1;
    }
  }
  __builtin_memcpy(acc, sums.data(), sizeof sums);
}

}  // namespace

void gemm_portable(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
                   const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
                   std::size_t ldc) {
  const std::size_t panels = (N + tile_columns - 1) / tile_columns;
  std::vector<float> packed_b(panels * K * tile_columns);  // panel by panel, zeros past the last column
  for (std::size_t panel = 0; panel < panels; ++panel) {
    float* to = packed_b.data() + panel * K * tile_columns;
    const std::size_t first = panel * tile_columns, width = std::min(tile_columns, N - first);
    for (std::size_t k = 0; k < K; ++k) {
      for (std::size_t j = 0; j < width; ++j)
        to[k * tile_columns + j] = element(trans_b, B, ldb, k, first + j);
    }
  }
  const std::size_t strips = (M + tile_rows - 1) / tile_rows;
  parallel_for(strips, 1 + 100000 / (tile_rows * N * K + 1), [&](std::size_t begin, std::size_t end) {
    std::vector<float> packed_a(K * tile_rows);
    alignas(64) std::array<float, tile_rows * tile_columns> tile;
    for (std::size_t strip = begin; strip < end; ++strip) {
      const std::size_t row = strip * tile_rows, height = std::min(tile_rows, M - row);
      for (std::size_t k = 0; k < K; ++k) {
        for (std::size_t i = 0; i < height; ++i)
          packed_a[k * tile_rows + i] = element(trans_a, A, lda, row + i, k);
      }
      for (std::size_t panel = 0; panel < panels; ++panel) {
        multiply_tile(K, packed_a.data(), packed_b.data() + panel * K * tile_columns, tile.data());
        const std::size_t first = panel * tile_columns, width = std::min(tile_columns, N - first);
        for (std::size_t i = 0; i < height; ++i) {
          float* to = C + (row + i) * ldc + first;
          const float* from = tile.data() + i * tile_columns;
          for (std::size_t j = 0; j < width; ++j)
            to[j] = alpha * from[j] + (beta == 0.0f ? 0.0f : beta * to[j]);
        }
      }
    }
  });
}

namespace {

bool use_onednn() {
#ifdef BARDLING_HAS_ONEDNN
  static const bool use = [] {
    const char* wish = std::getenv("BARDLING_GEMM");
    return wish == nullptr || std::string_view(wish) != "portable";
  }();
  return use;
#else
  return false;
#endif
}

}  // namespace

void gemm(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
          const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
          std::size_t ldc) {
  if (M == 0 || N == 0) return;
#ifdef BARDLING_HAS_ONEDNN
  if (K > 0 && use_onednn()) {
    const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
    const dnnl_status_t status =
        dnnl_sgemm(trans_a == Trans::no ? 'N' : 'T', trans_b == Trans::no ? 'N' : 'T', size(M), size(N),
                   size(K), alpha, A, size(lda), B, size(ldb), beta, C, size(ldc));
    if (status != dnnl_success)
      throw std::runtime_error("gemm: oneDNN failed with status " + std::to_string(status));
    return;
  }
#endif
  gemm_portable(trans_a, trans_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

std::string gemm_name() { return use_onednn() ? "oneDNN" : "portable"; }

}  // namespace gpt
