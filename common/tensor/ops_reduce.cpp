/// @file ops_reduce.cpp
/// Operations that make one number of many.
///
/// xtensor computes a reduction when it is assigned, element by element of the result: named containers below
/// are what makes it do so, once. Its sums are in the type of what is summed unless told otherwise, and a long
/// float32 sum loses digits: hence xt::sum<double>. It steps off arrays without numbers, which it is therefore not
/// given. For the largest it matters where it stood, so that is a loop.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "common/tensor/array.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// Seen from one axis: blocks of `n` rows of `inner` contiguous numbers.
struct Axis {
  std::size_t index, n, inner = 1;
  Shape reduced;

  Axis(const char* who, const Shape& shape, int axis)
      : index(axis_index(who, shape, axis)), n(shape[index]), reduced(shape) {
    if (n == 0)
      throw std::invalid_argument(std::string(who) + ": axis is empty in shape " + to_string(shape));
    for (std::size_t i = index + 1; i < shape.size(); ++i) inner *= shape[i];
    reduced[index] = 1;
  }

  /// Where in the result the i-th number of the input counts.
  std::size_t reduced_place(std::size_t i) const { return i / (n * inner) * inner + i % inner; }
  /// Where in the input the k-th of the numbers stands that become the i-th of the result.
  std::size_t place(std::size_t i, std::size_t k) const { return (i / inner * n + k) * inner + i % inner; }
};

// scale * (sum along the axis)
Tensor scaled_sum(const Tensor& x, const Axis& a, float scale) {
  xt::xarray<double> totals;
  if (x.size() > 0) totals = xt::sum<double>(array(x), {a.index});
  Value y = make_value(a.reduced);
  fill(*y, [&](std::size_t i) { return scale * static_cast<float>(totals.data()[i]); });
  return result(y, {&x}, [a, scale, n = x.size()](Node& out) {
    const float* dy = out.dy();
    fill(out.input(0), n, [&](std::size_t i) { return scale * dy[a.reduced_place(i)]; });
  });
}

Tensor scaled_total(const Tensor& x, float scale) {
  double total = 0;
  if (x.size() > 0) {
    const xt::xarray<double> all = xt::sum<double>(array(x));
    total = all();
  }
  Value y = make_value({});
  y->data()[0] = static_cast<float>(scale * total);
  return result(y, {&x}, [n = x.size(), scale](Node& out) {
    const float g = scale * out.dy()[0];
    fill(out.input(0), n, [g](std::size_t) { return g; });
  });
}

}  // namespace

Tensor sum(const Tensor& x, int axis) { return scaled_sum(x, Axis("sum", x.shape(), axis), 1.0f); }

Tensor mean(const Tensor& x, int axis) {
  const Axis a("mean", x.shape(), axis);
  return scaled_sum(x, a, 1.0f / static_cast<float>(a.n));
}

Tensor sum(const Tensor& x) { return scaled_total(x, 1.0f); }

Tensor mean(const Tensor& x) {
  if (x.size() == 0)
    throw std::invalid_argument("mean: needs at least one element, got shape " + to_string(x.shape()));
  return scaled_total(x, 1.0f / static_cast<float>(x.size()));
}

Tensor max(const Tensor& x, int axis) {
  const Axis a("max", x.shape(), axis);
  Value y = make_value(a.reduced);
  std::vector<std::size_t> winners(y->size());  // where in x
  const float* px = x.values().data();
  for (std::size_t i = 0; i < winners.size(); ++i) {
    std::size_t best = a.place(i, 0);
    for (std::size_t k = 1; k < a.n; ++k) {  // a NaN stays: nothing is larger
      if (px[a.place(i, k)] > px[best] || std::isnan(px[a.place(i, k)])) best = a.place(i, k);
    }
    winners[i] = best;
    y->data()[i] = px[best];
  }
  return result(y, {&x}, [winners, n = x.size()](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    if (!dx.add) std::fill_n(dx.data, n, 0.0f);
    for (std::size_t i = 0; i < winners.size(); ++i) dx.data[winners[i]] += out.dy()[i];
  });
}

}  // namespace gpt
