/// @file product.hpp
/// Inside gemm(): what it is asked for, how it is shared out, and the kernels that can do it. Only for this folder.
#pragma once

#include <algorithm>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/parallel.hpp"

namespace gpt {

/// What gemm() is asked for. A and B are made of float or BFloat16; C is float32 always.
template <class Number>
struct ProductOf {
  Trans trans_a, trans_b;
  std::size_t M, N, K;
  float alpha;
  const Number* A;
  std::size_t lda;
  const Number* B;
  std::size_t ldb;
  float beta;
  float* C;
  std::size_t ldc;
};
using Product = ProductOf<float>;

/// A matrix in place: element (row, column) is at data[row * down + column * right].
template <class Number>
struct ViewOf {
  const Number* data;
  std::size_t down, right;
  ViewOf(Trans trans, const Number* X, std::size_t ld)
      : data(X), down(trans == Trans::no ? ld : 1), right(trans == Trans::no ? 1 : ld) {}
  const Number* at(std::size_t row, std::size_t column) const { return data + row * down + column * right; }
};
using View = ViewOf<float>;

/// The lines of C from first to last - 1: rows, or columns if there are more of them.
template <class Number>
ProductOf<Number> part(ProductOf<Number> p, std::size_t first, std::size_t last) {
  if (p.M >= p.N) {
    p.A = ViewOf<Number>(p.trans_a, p.A, p.lda).at(first, 0);
    p.C += first * p.ldc;
    p.M = last - first;
  } else {
    p.B = ViewOf<Number>(p.trans_b, p.B, p.ldb).at(0, first);
    p.C += first;
    p.N = last - first;
  }
  return p;
}

/// Calls kernel(part) for parts that make up the product, each of at least so many multiplications, on as many threads.
/// C is cut along its longer side, and not by the library: left to itself, oneDNN takes twice as long with two threads
/// as with one for some of the flat matrices that networks are made of.
template <class Number, class Kernel>
void share_out(const ProductOf<Number>& p, std::size_t grain, const Kernel& kernel) {
  const std::size_t multiplications = p.M * p.N * p.K, lines = std::max(p.M, p.N);
  if (multiplications < 2 * grain) return kernel(p);
  parallel_for(lines, 1 + grain * lines / multiplications,
               [&](std::size_t first, std::size_t last) { kernel(part(p, first, last)); });
}

/// C = beta * C: what is left of a product without terms.
template <class Number>
void scale_result(const ProductOf<Number>& p) {
  for (std::size_t i = 0; i < p.M; ++i) {
    float* row = p.C + i * p.ldc;
    for (std::size_t j = 0; j < p.N; ++j) row[j] = p.beta == 0.0f ? 0.0f : p.beta * row[j];
  }
}

/// Our own kernel, everywhere the same few lines of C++ (gemm_portable.cpp).
void multiply_by_hand(const Product& product);

/// A single row of C with B as it is stored, already shared out: generating text is all of this kind (gemm_row.cpp).
void multiply_row(const Product& product);
void multiply_row(const ProductOf<BFloat16>& product);

/// A library's kernels. CMake chooses who defines these: the files that end in _onednn.cpp, or gemm_no_library.cpp
/// where there is none. They must not start threads of their own: products are shared out by gemm().
void multiply_by_library(const Product& product);
extern const char* const library_name;  ///< null if there is none

/// The same of bfloat16, with alpha 1, beta 0 or 1, and no size of 0.
void multiply_by_library(const ProductOf<BFloat16>& product);
/// Which of the processor's instructions that takes: "AMX", "AVX512_BF16", or null if it has none.
const char* bfloat16_instructions();

}  // namespace gpt
