/// @file matrix_speed.hpp
/// How fast this machine multiplies matrices: the ceiling under which every model trains.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "common/kernels/gemm.hpp"

namespace gpt {

/// Billions of floating-point operations a second in products of two n x n matrices; the best of several,
/// since whatever else runs on this machine can only make them slower.
inline double matrix_gflops(std::size_t n) {
  using Clock = std::chrono::steady_clock;
  const std::vector<float> a(n * n, 0.5f), b(n * n, 0.25f);
  std::vector<float> c(n * n);
  const double operations = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  double best = 0, spent = 0;
  for (int i = 0; i < 20 && spent < 0.5; ++i) {
    const Clock::time_point start = Clock::now();
    gemm(Trans::no, Trans::no, n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, operations / seconds / 1e9);
    spent += seconds;
  }
  return best;
}

}  // namespace gpt
