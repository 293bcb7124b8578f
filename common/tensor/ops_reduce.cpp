/// @file ops_reduce.cpp
/// Operations that make one number of many.
#include <cmath>
#include <stdexcept>

#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// Seen from one axis: `outer` blocks of `n` rows of `inner` contiguous numbers.
struct Axis {
  std::size_t outer = 1, n = 1, inner = 1;
  Shape reduced;

  Axis(const char* who, const Shape& shape, int axis) : reduced(shape) {
    const std::size_t a = axis_index(who, shape, axis);
    if (shape[a] == 0)
      throw std::invalid_argument(std::string(who) + ": axis is empty in shape " + to_string(shape));
    for (std::size_t i = 0; i < a; ++i) outer *= shape[i];
    n = shape[a];
    for (std::size_t i = a + 1; i < shape.size(); ++i) inner *= shape[i];
    reduced[a] = 1;
  }
};

// scale * (sum along the axis)
Tensor scaled_sum(const char* who, const Tensor& x, int axis, bool mean) {
  const Axis a(who, x.shape(), axis);
  const float scale = mean ? 1.0f / static_cast<float>(a.n) : 1.0f;
  Value y = make_value(a.reduced);
  const float* px = Inside::rows(x)->data();
  fill(*y, [=](std::size_t i) {
    const float* first = px + i / a.inner * a.n * a.inner + i % a.inner;
    double total = 0;  // in double: a long float32 sum loses digits
    for (std::size_t k = 0; k < a.n; ++k) total += first[k * a.inner];
    return scale * static_cast<float>(total);
  });
  return result(y, {&x}, [a, scale](Node& out) {
    const float* dy = out.dy();
    fill(out.input(0), a.outer * a.n * a.inner,
         [=](std::size_t i) { return scale * dy[i / (a.n * a.inner) * a.inner + i % a.inner]; });
  });
}

Tensor scaled_total(const Tensor& x, float scale) {
  Value y = make_value({});
  double total = 0;
  for (const float v : x.values()) total += v;
  y->data()[0] = static_cast<float>(scale * total);
  const std::size_t n = x.size();
  return result(y, {&x}, [n, scale](Node& out) {
    const float g = scale * out.dy()[0];
    fill(out.input(0), n, [g](std::size_t) { return g; });
  });
}

}  // namespace

Tensor sum(const Tensor& x, int axis) { return scaled_sum("sum", x, axis, /*mean=*/false); }
Tensor mean(const Tensor& x, int axis) { return scaled_sum("mean", x, axis, /*mean=*/true); }
Tensor sum(const Tensor& x) { return scaled_total(x, 1.0f); }

Tensor mean(const Tensor& x) {
  if (x.size() == 0)
    throw std::invalid_argument("mean: needs at least one element, got shape " + to_string(x.shape()));
  return scaled_total(x, 1.0f / static_cast<float>(x.size()));
}

Tensor max(const Tensor& x, int axis) {
  const Axis a("max", x.shape(), axis);
  Value y = make_value(a.reduced);
  auto winners = std::make_shared<std::vector<std::size_t>>(y->size());
  const float* px = Inside::rows(x)->data();
  for (std::size_t i = 0; i < winners->size(); ++i) {
    std::size_t best = i / a.inner * a.n * a.inner + i % a.inner;
    for (std::size_t k = 1, at = best + a.inner; k < a.n; ++k, at += a.inner) {
      if (px[at] > px[best] || std::isnan(px[at])) best = at;  // a NaN stays: nothing is larger
    }
    (*winners)[i] = best;
    y->data()[i] = px[best];
  }
  return result(y, {&x}, [a, winners](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    if (!dx.add) std::fill_n(dx.data, a.outer * a.n * a.inner, 0.0f);
    for (std::size_t i = 0; i < winners->size(); ++i) dx.data[(*winners)[i]] += out.dy()[i];
  });
}

}  // namespace gpt
