/// @file matrix_speed.hpp
/// How fast this machine multiplies matrices: the ceiling under which every model trains.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"

namespace gpt {

/// Billions of floating-point operations a second, if multiply() multiplies two n x n matrices; the best of several,
/// since whatever else runs on this machine can only make them slower.
template <class Multiply>
double gflops_of(std::size_t n, const Multiply& multiply) {
  using Clock = std::chrono::steady_clock;
  const double operations = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  double best = 0, spent = 0;
  for (int i = 0; i < 20 && (i < 3 || spent < 0.5); ++i) {  // the first also makes the kernel
    const Clock::time_point start = Clock::now();
    multiply();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, operations / seconds / 1e9);
    spent += seconds;
  }
  return best;
}

/// Of products of float32.
inline double matrix_gflops(std::size_t n) {
  const std::vector<float> a(n * n, 0.5f), b(n * n, 0.25f);
  std::vector<float> c(n * n);
  return gflops_of(
      n, [&] { gemm(Trans::no, Trans::no, n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n); });
}

/// Of products of bfloat16.
inline double bfloat16_gflops(std::size_t n) {
  const std::vector<BFloat16> a(n * n, to_bfloat16(0.5f)), b(n * n, to_bfloat16(0.25f));
  std::vector<float> c(n * n);
  return gflops_of(n, [&] {
    gemm_bfloat16(Trans::no, Trans::no, n, n, n, a.data(), n, b.data(), n, /*add=*/false, c.data(), n);
  });
}

}  // namespace gpt
