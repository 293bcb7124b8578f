#include <algorithm>
#include <array>

#include "common/kernels/product.hpp"

namespace gpt {
namespace {

// Eight numbers that the compiler keeps in one vector register, or in two or four
// where registers are narrower.
using Vec = float __attribute__((vector_size(32)));
constexpr std::size_t lanes = 8;
// A tile of C is 6 x 16, which takes 12 of the 16 registers of AVX2; AVX-512 has 32, enough for 8 x 16. Where only
// 8 columns are left, it is 8 x 8. Of registers for four numbers, 4 x 8 take 8.
#if defined(__AVX512VL__)
constexpr std::size_t tile_columns = 2 * lanes;
constexpr std::size_t tile_rows(std::size_t) { return 8; }
#elif defined(__wasm_simd128__)
constexpr std::size_t tile_columns = lanes;
constexpr std::size_t tile_rows(std::size_t) { return 4; }
#else
constexpr std::size_t tile_columns = 2 * lanes;
constexpr std::size_t tile_rows(std::size_t columns) { return columns == lanes ? 8 : 6; }
#endif
constexpr std::size_t depth = 256;  // steps k at a time: a panel of B is then 16 KiB, half a level-1 cache

// Where a tile goes: C = alpha * tile + beta * C.
struct Target {
  float alpha, beta;
  std::size_t ldc, width;
  float* C;
};

// One tile: R rows of A times a panel of B that is W registers wide, over K steps.
// The sums never leave the registers.
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
  if (target.width == W * lanes && target.beta == 0.0f) {  // whole rows of the tile: vectors again
#pragma GCC unroll 8
    for (std::size_t i = 0; i < R; ++i) {
#pragma GCC unroll 2
      for (std::size_t w = 0; w < W; ++w) {
        const Vec out = target.alpha * sums[i][w];
        __builtin_memcpy(target.C + i * target.ldc + w * lanes, &out, sizeof out);
      }
    }
    return;
  }
  for (std::size_t i = 0; i < R; ++i) {
    float *c = target.C + i * target.ldc, row[W * lanes];
    __builtin_memcpy(row, sums[i], sizeof row);
#pragma omp simd
    for (std::size_t j = 0; j < target.width; ++j) {
      c[j] = target.alpha * row[j] + (target.beta == 0.0f ? 0.0f : target.beta * c[j]);
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

// Eight rows of eight numbers become columns.
void transpose_square(const float* from, std::size_t from_step, float* to, std::size_t to_step) {
  Vec a[lanes], b[lanes];
  for (std::size_t i = 0; i < lanes; ++i) __builtin_memcpy(&a[i], from + i * from_step, sizeof a[i]);
  // Neighbouring rows exchange single numbers, then rows two apart exchange pairs, then rows four apart halves.
  for (const int i : {0, 2, 4, 6}) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (const int i : {0, 1, 4, 5}) {
    a[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + 2] = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (const int i : {0, 1, 2, 3}) {
    b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[i + 4] = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (std::size_t i = 0; i < lanes; ++i) __builtin_memcpy(to + i * to_step, &b[i], sizeof b[i]);
}

// Copies a panel of B, from row k and column on: `steps` rows of `width` numbers, with zeros up to `columns`.
void pack(const View& B, std::size_t k, std::size_t column, std::size_t steps, std::size_t width,
          std::size_t columns, float* packed) {
  std::size_t step = 0;
  if (B.down == 1 && width == columns) {  // B is stored transposed
    for (; step + lanes <= steps; step += lanes) {
      for (std::size_t j = 0; j < columns; j += lanes)
        transpose_square(B.at(k + step, column + j), B.right, packed + step * columns + j, columns);
    }
  }
  for (; step < steps; ++step) {
    const float* from = B.at(k + step, column);
    float* to = packed + step * columns;
    for (std::size_t j = 0; j < width; ++j) to[j] = from[j * B.right];
    for (std::size_t j = width; j < columns; ++j) to[j] = 0.0f;
  }
}

}  // namespace

void multiply_by_hand(const Product& p) {
  const View A(p.trans_a, p.A, p.lda), B(p.trans_b, p.B, p.ldb);
  alignas(64) float packed[depth * tile_columns];
  for (std::size_t k = 0; k < p.K; k += depth) {
    const std::size_t steps = std::min(depth, p.K - k);
    for (std::size_t column = 0; column < p.N; column += tile_columns) {
      const std::size_t width = std::min(tile_columns, p.N - column);
      const std::size_t columns = width <= lanes ? lanes : tile_columns;
      const float* panel = B.at(k, column);
      std::size_t panel_step = B.down;
      // Copied if it is not readable in place, with zeros past the last column; and if many rows of C want
      // it, for lines of memory far apart drive each other out of the cache.
      if (B.right != 1 || width != columns || p.M > 64) {
        pack(B, k, column, steps, width, columns, packed);
        panel = packed;
        panel_step = columns;
      }
      const auto& kernel = columns == lanes ? kernels<1> : kernels<tile_columns / lanes>;
      for (std::size_t row = 0; row < p.M; row += tile_rows(columns)) {
        const std::size_t rows = std::min(tile_rows(columns), p.M - row);
        kernel[rows - 1](steps, A.at(row, k), A.down, A.right, panel, panel_step,
                         Target{p.alpha, k == 0 ? p.beta : 1.0f, p.ldc, width, p.C + row * p.ldc + column});
      }
    }
  }
}

}  // namespace gpt
