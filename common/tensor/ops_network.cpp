/// @file ops_network.cpp
/// Parts of networks: table look-up, layer norm, dropout.
#include <cmath>
#include <stdexcept>
#include <string>

#include "common/tensor/check.hpp"
#include "common/tensor/dropout_mask.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/rows.hpp"

namespace gpt {

Tensor embedding(const Tensor& table, const Tokens& tokens) {
  require_shape("embedding: table", table, {any, any});
  const std::size_t V = table.shape()[0], C = table.shape()[1];
  if (tokens.ids.size() != tokens.B * tokens.T) {
    throw std::invalid_argument("embedding: tokens (" + std::to_string(tokens.B) + ", " +
                                std::to_string(tokens.T) + ") must hold that many ids, got " +
                                std::to_string(tokens.ids.size()));
  }
  Value y = make_value({tokens.B, tokens.T, C});
  for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
    const int id = tokens.ids[i];
    if (id < 0 || static_cast<std::size_t>(id) >= V) {
      throw std::invalid_argument("embedding: ids must be in [0, " + std::to_string(V) + "), got " +
                                  std::to_string(id));
    }
    std::copy_n(Inside::rows(table)->data() + static_cast<std::size_t>(id) * C, C, y->data() + i * C);
  }
  return result(y, {&table}, [ids = tokens.ids, V, C](Node& out) {
    const GradSlot dtable = out.input(0);
    if (!dtable) return;
    if (!dtable.add) std::fill_n(dtable.data, V * C, 0.0f);
    const float* dy = out.dy();
    parallel_for(C, std::max<std::size_t>(16, plain_grain / (ids.size() + 1)),
                 [&](std::size_t begin, std::size_t end) {
                   for (std::size_t i = 0; i < ids.size();
                        ++i) {  // a row that was used twice gets both gradients
                     float* row = dtable.data + static_cast<std::size_t>(ids[i]) * C;
#pragma omp simd
                     for (std::size_t c = begin; c < end; ++c) row[c] += dy[i * C + c];
                   }
                 });
  });
}

Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias, float epsilon) {
  if (x.dim() == 0 || x.shape().back() == 0) {
    throw std::invalid_argument("layer_norm: x must be (..., C), got " + to_string(x.shape()));
  }
  const Rows rows(x.shape());
  const std::size_t C = rows.width;
  require_shape("layer_norm: gain", gain, {C});
  require_shape("layer_norm: bias", bias, {C});

  const Kept vx = Inside::rows(x), vgain = Inside::rows(gain);
  auto moments =
      std::make_shared<std::vector<float>>(2 * rows.rows);  // each row's mean and 1 / standard deviation
  Value y = make_value(x.shape());
  const float *g = Inside::rows(gain)->data(), *b = Inside::rows(bias)->data();
  rows.each([&](std::size_t row, std::size_t at) {
    const float* px = vx->data() + at;
    const float mean = row_sum(C, [=](std::size_t i) { return px[i]; }) / static_cast<float>(C);
    const float variance =
        row_sum(C, [=](std::size_t i) { return (px[i] - mean) * (px[i] - mean); }) / static_cast<float>(C);
    const float scale = 1.0f / std::sqrt(variance + epsilon);
    float* py = y->data() + at;
#pragma omp simd
    for (std::size_t i = 0; i < C; ++i) py[i] = (px[i] - mean) * scale * g[i] + b[i];
    (*moments)[2 * row] = mean;
    (*moments)[2 * row + 1] = scale;
  });

  return result(y, {&x, &gain, &bias}, [vx, vgain, moments, rows, C](Node& out) {
    // With n = (x - mean) * scale and h = dy * gain:  dx = scale * (h - mean(h) - n * mean(h n)),
    // dgain = sum of dy n over rows, dbias = sum of dy. Each thread sums its own rows, then the sums are
    // added in order.
    const GradSlot dx = out.input(0), dgain = out.input(1), dbias = out.input(2);
    const std::size_t grain = plain_grain / (2 * C), count = pieces(rows.rows, grain);
    std::vector<float> sums(count * 2 * C, 0.0f);
    parallel_for(count, 1, [&](std::size_t first, std::size_t last) {
      const float* g = vgain->data();
      for (std::size_t piece = first; piece < last; ++piece) {
        float *sum_gain = sums.data() + piece * 2 * C, *sum_bias = sum_gain + C;
        for (std::size_t row = rows.rows * piece / count; row < rows.rows * (piece + 1) / count; ++row) {
          const float *px = vx->data() + row * C, *dy = out.dy() + row * C;
          // A row of one number is its own mean: whatever it is, the loss stays as it is.
          const float mean = (*moments)[2 * row], scale = C == 1 ? 0.0f : (*moments)[2 * row + 1];
          float mean_h = 0, mean_hn = 0;
#pragma omp simd reduction(+ : mean_h, mean_hn)
          for (std::size_t i = 0; i < C; ++i) {
            const float n = (px[i] - mean) * scale, h = dy[i] * g[i];
            mean_h += h;
            mean_hn += h * n;
            sum_gain[i] += dy[i] * n;
            sum_bias[i] += dy[i];
          }
          mean_h /= static_cast<float>(C);
          mean_hn /= static_cast<float>(C);
          if (!dx) continue;
          float* d = dx.data + row * C;
          if (dx.add) {
#pragma omp simd
            for (std::size_t i = 0; i < C; ++i)
              d[i] += scale * (dy[i] * g[i] - mean_h - (px[i] - mean) * scale * mean_hn);
          } else {
#pragma omp simd
            for (std::size_t i = 0; i < C; ++i)
              d[i] = scale * (dy[i] * g[i] - mean_h - (px[i] - mean) * scale * mean_hn);
          }
        }
      }
    });
    for (std::size_t piece = 1; piece < count; ++piece) {
      for (std::size_t i = 0; i < 2 * C; ++i) sums[i] += sums[piece * 2 * C + i];
    }
    const float* total = sums.data();
    fill(dgain, C, [=](std::size_t i) { return total[i]; });
    fill(dbias, C, [=](std::size_t i) { return total[C + i]; });
  });
}

Tensor dropout(const Tensor& x, float p, Rng& rng) {
  const DropoutMask mask("dropout", p, rng);
  if (!mask.active()) return x;
  Value y = make_value(x.shape());
  const float* px = Inside::rows(x)->data();
  fill(*y, [=](std::size_t i) { return px[i] * mask(static_cast<std::uint32_t>(i)); });
  return result(y, {&x}, [mask](Node& out) {
    const float* dy = out.dy();
    fill(out.input(0), out.grad.size(),
         [=](std::size_t i) { return dy[i] * mask(static_cast<std::uint32_t>(i)); });
  });
}

}  // namespace gpt
