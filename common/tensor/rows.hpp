/// @file rows.hpp
/// Loops over the rows of a tensor: most of a network works on one last-axis row at
/// a time. Only for common/*.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "common/kernels/vector_math.hpp"
#include "common/tensor/node.hpp"

namespace gpt {

/// A tensor seen as `rows` rows of `width` numbers.
struct Rows {
  std::size_t rows, width;
  explicit Rows(const Shape& shape) : rows(1), width(shape.empty() ? 1 : shape.back()) {
    for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  }
  /// f(row, offset of its first number) for every row, on several threads if there is enough to do.
  template <class F>
  void each(const F& f) const {
    parallel_for(rows, plain_grain / std::max<std::size_t>(1, width),
                 [&](std::size_t begin, std::size_t end) {
                   for (std::size_t row = begin; row < end; ++row) f(row, row * width);
                 });
  }
};

inline float row_max(const float* x, std::size_t n) {
  float m = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : m)
  for (std::size_t i = 0; i < n; ++i) m = x[i] > m ? x[i] : m;
  return m;
}

/// sum of f(i). f comes by value: what it holds then stays in registers, and the loop becomes vectors.
template <class F>
float row_sum(std::size_t n, F f) {
  float s = 0;
#pragma omp simd reduction(+ : s)
  for (std::size_t i = 0; i < n; ++i) s += f(i);
  return s;
}

/// y = softmax(x); x and y may be the same row.
inline void softmax_row(const float* x, float* y, std::size_t n) {
  const float m = row_max(x, n);
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) y[i] = fast_exp(x[i] - m);
  const float total = row_sum(n, [y](std::size_t i) { return y[i]; });
  const float scale = 1.0f / total;
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) y[i] *= scale;
}

}  // namespace gpt
