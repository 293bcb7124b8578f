/// @file product.hpp
/// Inside gemm(): what it is asked for, and the kernels that can do it. Only for this folder.
#pragma once

#include "common/kernels/gemm.hpp"

namespace gpt {

/// What gemm() is asked for.
struct Product {
  Trans trans_a, trans_b;
  std::size_t M, N, K;
  float alpha;
  const float* A;
  std::size_t lda;
  const float* B;
  std::size_t ldb;
  float beta;
  float* C;
  std::size_t ldc;
};

/// A matrix in place: element (row, column) is at data[row * down + column * right].
struct View {
  const float* data;
  std::size_t down, right;
  View(Trans trans, const float* X, std::size_t ld)
      : data(X), down(trans == Trans::no ? ld : 1), right(trans == Trans::no ? 1 : ld) {}
  const float* at(std::size_t row, std::size_t column) const { return data + row * down + column * right; }
};

/// Our own kernel, everywhere the same few lines of C++ (gemm_portable.cpp).
void multiply_by_hand(const Product& product);

/// A library's kernel. CMake chooses who defines these: gemm_onednn.cpp, or gemm_no_library.cpp where there is none.
/// It must not start threads of its own: products are shared out by gemm().
void multiply_by_library(const Product& product);
extern const char* const library_name;  ///< null if there is none

}  // namespace gpt
