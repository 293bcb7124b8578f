#include "common/gemm.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "common/parallel.hpp"

#ifdef BARDLING_HAS_ONEDNN
#include <dnnl.h>
#include <omp.h>
#endif

namespace gpt {
namespace {

// Eight numbers that the compiler keeps in one vector register, or in two or four where registers are
// narrower.
using Vec = float __attribute__((vector_size(32)));
constexpr std::size_t lanes = 8;
constexpr std::size_t tile_columns = 2 * lanes;
// A tile of C is 6 x 16, which takes 12 of the 16 registers of AVX2; where only 8 columns are left, 8 x 8.
constexpr std::size_t tile_rows(std::size_t columns) { return columns == lanes ? 8 : 6; }
constexpr std::size_t depth = 256;  // steps k at a time: a panel of B is then 16 KiB, half a level-1 cache

// A matrix in place: element (row, column) is at data[row * down + column * right].
struct View {
  const float* data;
  std::size_t down, right;
  View(Trans trans, const float* X, std::size_t ld)
      : data(X), down(trans == Trans::no ? ld : 1), right(trans == Trans::no ? 1 : ld) {}
  const float* at(std::size_t row, std::size_t column) const { return data + row * down + column * right; }
};

// Where a tile goes: C = alpha * tile + beta * C.
struct Target {
  float alpha, beta;
  std::size_t ldc, width;
  float* C;
};

// One tile: R rows of A times a panel of B that is W registers wide, over K steps. The sums never leave the
// registers.
template <std::size_t R, std::size_t W>
void multiply_tile(std::size_t K, const float* A, std::size_t down, std::size_t right, const float* B,
                   std::size_t B_step, const Target& target) {
  Vec sums[R][W] = {};
  for (std::size_t k = 0; k < K; ++k) {
    Vec b[W];
    __builtin_memcpy(b, B + k * B_step, sizeof b);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < R; ++i) {
      const float a = A[i * down + k * right];
#pragma GCC unroll 2
      for (std::size_t w = 0; w < W; ++w) sums[i][w] += a * b[w];
    }
  }
  for (std::size_t i = 0; i < R; ++i) {
    float* c = target.C + i * target.ldc;
    if (target.width == W * lanes) {  // a whole row of the tile: vectors again
#pragma GCC unroll 2
      for (std::size_t w = 0; w < W; ++w) {
        Vec out = target.alpha * sums[i][w];
        if (target.beta != 0.0f) {
          Vec before;
          __builtin_memcpy(&before, c + w * lanes, sizeof before);
          out += target.beta * before;
        }
        __builtin_memcpy(c + w * lanes, &out, sizeof out);
      }
    } else {
      float row[W * lanes];
      __builtin_memcpy(row, sums[i], sizeof row);
      for (std::size_t j = 0; j < target.width; ++j) {
        c[j] = target.alpha * row[j] + (target.beta == 0.0f ? 0.0f : target.beta * c[j]);
      }
    }
  }
}

using Kernel = void (*)(std::size_t, const float*, std::size_t, std::size_t, const float*, std::size_t,
                        const Target&);
// By number of rows: kernels<W>[R - 1].
template <std::size_t W>
constexpr std::array<Kernel, 8> kernels{multiply_tile<1, W>, multiply_tile<2, W>, multiply_tile<3, W>,
                                        multiply_tile<4, W>, multiply_tile<5, W>, multiply_tile<6, W>,
                                        multiply_tile<7, W>, multiply_tile<8, W>};

// Rows first to last - 1 of C.
void multiply_rows(std::size_t first, std::size_t last, std::size_t N, std::size_t K, float alpha,
                   const View& A, const View& B, float beta, float* C, std::size_t ldc) {
  alignas(64) float packed[depth * tile_columns];
  for (std::size_t k = 0; k < K; k += depth) {
    const std::size_t steps = std::min(depth, K - k);
    for (std::size_t column = 0; column < N; column += tile_columns) {
      const std::size_t width = std::min(tile_columns, N - column);
      const std::size_t columns = width <= lanes ? lanes : tile_columns;
      const float* panel = B.at(k, column);
      std::size_t panel_step = B.down;
      if (B.right != 1 ||
          width != columns) {  // not readable in place, so copied, with zeros past the last column
        for (std::size_t step = 0; step < steps; ++step) {
          const float* from = B.at(k + step, column);
          float* to = packed + step * columns;
          for (std::size_t j = 0; j < width; ++j) to[j] = from[j * B.right];
          for (std::size_t j = width; j < columns; ++j) to[j] = 0.0f;
        }
        panel = packed;
        panel_step = columns;
      }
      const auto& kernel = columns == lanes ? kernels<1> : kernels<2>;
      for (std::size_t row = first; row < last; row += tile_rows(columns)) {
        const std::size_t rows = std::min(tile_rows(columns), last - row);
        kernel[rows - 1](steps, A.at(row, k), A.down, A.right, panel, panel_step,
                         Target{alpha, k == 0 ? beta : 1.0f, ldc, width, C + row * ldc + column});
      }
    }
  }
}

// Columns first to last - 1 of a single row of C. Generating text is all of this kind, and reading B takes
// longer than the arithmetic: so B is read the way it lies in memory, four rows at a time.
void multiply_vector(std::size_t first, std::size_t last, std::size_t K, float alpha, const View& A,
                     const View& B, float beta, float* C) {
  for (std::size_t j = first; j < last; ++j) C[j] = beta == 0.0f ? 0.0f : beta * C[j];
  std::size_t k = 0;
  for (; k + 4 <= K; k += 4) {
    const float a0 = alpha * *A.at(0, k), a1 = alpha * *A.at(0, k + 1), a2 = alpha * *A.at(0, k + 2),
                a3 = alpha * *A.at(0, k + 3);
    const float *b0 = B.at(k, 0), *b1 = B.at(k + 1, 0), *b2 = B.at(k + 2, 0), *b3 = B.at(k + 3, 0);
#pragma omp simd
    for (std::size_t j = first; j < last; ++j) C[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j]);
  }
  for (; k < K; ++k) {
    const float a = alpha * *A.at(0, k);
    const float* b = B.at(k, 0);
#pragma omp simd
    for (std::size_t j = first; j < last; ++j) C[j] += a * b[j];
  }
}

}  // namespace

void gemm_portable(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
                   const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
                   std::size_t ldc) {
  if (K == 0) {  // an empty sum
    for (std::size_t i = 0; i < M; ++i) {
      for (std::size_t j = 0; j < N; ++j) C[i * ldc + j] = beta == 0.0f ? 0.0f : beta * C[i * ldc + j];
    }
    return;
  }
  const View a(trans_a, A, lda), b(trans_b, B, ldb);
  if (M == 1 && trans_b == Trans::no) {
    return parallel_for(N, 1 + 8000 / K, [&](std::size_t first, std::size_t last) {
      multiply_vector(first, last, K, alpha, a, b, beta, C);
    });
  }
  parallel_for(M, 1 + 100000 / (N * K + 1), [&](std::size_t first, std::size_t last) {
    multiply_rows(first, last, N, K, alpha, a, b, beta, C, ldc);
  });
}

namespace {

#ifdef BARDLING_HAS_ONEDNN
constexpr std::size_t small_product = 100000;

void multiply_onednn(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
                     const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
                     std::size_t ldc) {
  const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
  omp_set_num_threads(1);  // of this thread: it is one of several at work on the product
  const dnnl_status_t status =
      dnnl_sgemm(trans_a == Trans::no ? 'N' : 'T', trans_b == Trans::no ? 'N' : 'T', size(M), size(N),
                 size(K), alpha, A, size(lda), B, size(ldb), beta, C, size(ldc));
  if (status != dnnl_success)
    throw std::runtime_error("gemm: oneDNN failed with status " + std::to_string(status));
}
#endif

#ifdef BARDLING_HAS_ONEDNN
bool portable_by_wish() {
  const char* wish = std::getenv("BARDLING_GEMM");
  return wish != nullptr && std::string_view(wish) == "portable";
}
bool portable = portable_by_wish();
#else
bool portable = true;
#endif

}  // namespace

void gemm(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K, float alpha,
          const float* A, std::size_t lda, const float* B, std::size_t ldb, float beta, float* C,
          std::size_t ldc) {
  if (M == 0 || N == 0) return;
#ifdef BARDLING_HAS_ONEDNN
  // oneDNN's way in takes longer than a small product itself, and a single row is a matter of memory alone.
  if (M > 1 && M * N * K > small_product && !portable) {
    // C is shared out here, along its longer side: left to itself, oneDNN takes twice as long with two
    // threads as with one for some of the flat matrices that networks are made of.
    const bool by_rows = M >= N;
    const std::size_t length = by_rows ? M : N;
    const View a(trans_a, A, lda), b(trans_b, B, ldb);
    parallel_for(length, 1 + 100000 * length / (M * N * K), [&](std::size_t first, std::size_t last) {
      if (by_rows) {
        multiply_onednn(trans_a, trans_b, last - first, N, K, alpha, a.at(first, 0), lda, B, ldb, beta,
                        C + first * ldc, ldc);
      } else {
        multiply_onednn(trans_a, trans_b, M, last - first, K, alpha, A, lda, b.at(0, first), ldb, beta,
                        C + first, ldc);
      }
    });
    return;
  }
#endif
  gemm_portable(trans_a, trans_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}

#ifdef BARDLING_HAS_ONEDNN
void use_portable_gemm(bool yes) { portable = yes; }
#else
void use_portable_gemm(bool) {}  // there is no other
#endif

std::string gemm_name() { return portable ? "portable" : "oneDNN"; }

}  // namespace gpt
