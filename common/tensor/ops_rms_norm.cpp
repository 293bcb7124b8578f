/// @file ops_rms_norm.cpp
/// The root mean square norm: layer norm without its mean and its bias.
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

#include "common/tensor/check.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rows.hpp"

namespace gpt {

Tensor rms_norm(const Tensor& x, const Tensor& gain, float epsilon) {
  if (x.dim() == 0 || x.shape().back() == 0) {
    throw std::invalid_argument("rms_norm: x must be (..., C), got " + to_string(x.shape()));
  }
  const Rows rows(x.shape());
  const std::size_t C = rows.width;
  require_shape("rms_norm: gain", gain, {C});

  const Kept vx = Inside::rows(x), vgain = Inside::rows(gain);
  auto scales = std::make_shared<std::vector<float>>(rows.rows);  // 1 / each row's root mean square
  Value y = make_value(x.shape());
  rows.each([&](std::size_t row, std::size_t at) {
    const float *px = vx->data() + at, *g = vgain->data();
    const float mean_square =
        row_sum(C, [px](std::size_t i) { return px[i] * px[i]; }) / static_cast<float>(C);
    const float scale = 1.0f / std::sqrt(mean_square + epsilon);
    float* py = y->data() + at;
#pragma omp simd
    for (std::size_t i = 0; i < C; ++i) py[i] = px[i] * scale * g[i];
    (*scales)[row] = scale;
  });

  return result(y, {&x, &gain}, [vx, vgain, scales, rows, C](Node& out) {
    // With n = x * scale and h = dy * gain:  dx = scale * (h - n * mean(h n)),  dgain = sum of dy n over rows.
    // Each thread sums its own rows, then the sums are added in order.
    const GradSlot dx = out.input(0), dgain = out.input(1);
    const std::size_t grain = plain_grain / (2 * C), count = pieces(rows.rows, grain);
    std::vector<float> sums(count * C, 0.0f);
    const float* dys = out.dy();
    parallel_for(count, 1, [&](std::size_t first, std::size_t last) {
      const float* g = vgain->data();
      for (std::size_t piece = first; piece < last; ++piece) {
        float* sum_gain = sums.data() + piece * C;
        for (std::size_t row = rows.rows * piece / count; row < rows.rows * (piece + 1) / count; ++row) {
          const float *px = vx->data() + row * C, *dy = dys + row * C;
          const float scale = (*scales)[row];
          float mean_hn = 0;
#pragma omp simd reduction(+ : mean_hn)
          for (std::size_t i = 0; i < C; ++i) {
            const float dy_n = dy[i] * px[i] * scale;
            mean_hn += dy_n * g[i];
            sum_gain[i] += dy_n;
          }
          mean_hn /= static_cast<float>(C);
          if (!dx) continue;
          float* d = dx.data + row * C;
          if (dx.add) {
#pragma omp simd
            for (std::size_t i = 0; i < C; ++i) d[i] += scale * (dy[i] * g[i] - px[i] * scale * mean_hn);
          } else {
#pragma omp simd
            for (std::size_t i = 0; i < C; ++i) d[i] = scale * (dy[i] * g[i] - px[i] * scale * mean_hn);
          }
        }
      }
    });
    for (std::size_t piece = 1; piece < count; ++piece) {
      for (std::size_t i = 0; i < C; ++i) sums[i] += sums[piece * C + i];
    }
    const float* total = sums.data();
    fill(dgain, C, [=](std::size_t i) { return total[i]; });
  });
}

}  // namespace gpt
