/// @file ops_elementwise.cpp
/// Operations that treat every element alone.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/kernels/vector_math.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// ---- Two tensors

Shape broadcast_shape(const char* who, const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()));
  for (std::size_t i = 1; i <= shape.size(); ++i) {  // i-th axis from the end
    const std::size_t n = i <= a.size() ? a[a.size() - i] : 1;
    const std::size_t m = i <= b.size() ? b[b.size() - i] : 1;
    if (n != m && n != 1 && m != 1) {
      throw std::invalid_argument(std::string(who) + ": shapes " + to_string(a) + " and " + to_string(b) +
                                  " don't fit: aligned at the last axis, sizes must be equal or 1");
    }
    shape[shape.size() - i] = n == 1 ? m : n;
  }
  return shape;
}

// The value repeated up to a shape; the value itself if it has that shape already.
Value expanded(const Value& value, const Shape& shape) {
  if (value->shape == shape) return value;
  Strides strides = row_major(value->shape);
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (value->shape[i] == 1) strides[i] = 0;  // however far along this axis, it is the same number
  }
  strides.insert(strides.begin(), shape.size() - strides.size(), 0);
  Value out = make_value(shape);
  gather(value->data(), shape, strides, GradSlot{out->data()});
  return out;
}

// Is it the value as a whole that is repeated: a row for every row, a table for every sequence?
bool repeats_whole(const Shape& own, const Shape& shape) {
  return !own.empty() && own.back() > 1 && own.size() <= shape.size() &&
         std::equal(own.rbegin(), own.rend(), shape.rbegin());
}

// Adds a gradient of the repeated shape into an input's own: what was used several times gets the sum.
void accumulate_reduced(GradSlot slot, const Shape& own, const Array& gradient) {
  if (gradient.size() == 0) {  // a sum of nothing
    return fill(slot, element_count(own), [](std::size_t) { return 0.0f; });
  }
  if (repeats_whole(own, Shape(gradient.shape().begin(), gradient.shape().end()))) {
    const std::size_t n = element_count(own);
    if (!slot.add) std::fill_n(slot.data, n, 0.0f);
    for (const float* part = gradient.data(); part != gradient.data() + gradient.size(); part += n) {
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) slot.data[i] += part[i];
    }
    return;
  }
  const std::size_t extra = gradient.dimension() - own.size();
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < gradient.dimension(); ++i) {
    if (i < extra || (own[i - extra] == 1 && gradient.shape()[i] != 1)) axes.push_back(i);
  }
  const xt::xarray<double> summed =
      xt::sum<double>(gradient, axes);  // in float, 2^24 ones and one more are 2^24
  const double* data = summed.data();
  fill(slot, summed.size(), [data](std::size_t i) { return static_cast<float>(data[i]); });
}

// One input's share of the gradient: dy times a local derivative, summed where the input was repeated.
template <class F>
void accumulate(Node& out, std::size_t input, const F& derivative) {
  if (!out.wants(input)) return;
  const Shape& own = out.inputs[input]->shape;
  const GradSlot slot = out.input(input);
  if (own == out.shape) return fill(slot, out.grad.size(), derivative);
  Array gradient = Array::from_shape(out.shape);
  fill(GradSlot{gradient.data(), /*add=*/false}, gradient.size(), derivative);
  accumulate_reduced(slot, own, gradient);
}

// f(a, b) is the value, da(a, b) and db(a, b) its derivatives.
template <class F, class Da, class Db>
Tensor binary(const char* who, const Tensor& a, const Tensor& b, F f, Da da, Db db) {
  const Shape shape = broadcast_shape(who, a.shape(), b.shape());
  const Kept va = expanded(Inside::rows(a), shape), vb = expanded(Inside::rows(b), shape);
  Value y = make_value(shape);
  {
    const float *pa = va->data(), *pb = vb->data();
    fill(*y, [=](std::size_t i) { return f(pa[i], pb[i]); });
  }
  return result(y, {&a, &b}, [va, vb, da, db](Node& out) {
    const float *dy = out.dy(), *pa = va->data(), *pb = vb->data();
    accumulate(out, 0, [=](std::size_t i) { return dy[i] * da(pa[i], pb[i]); });
    accumulate(out, 1, [=](std::size_t i) { return dy[i] * db(pa[i], pb[i]); });
  });
}

// Sums need no numbers for their derivative, so they keep none.
Tensor sum_of(const char* who, const Tensor& a, const Tensor& b, float sign) {
  const Shape shape = broadcast_shape(who, a.shape(), b.shape());
  const Value va = expanded(Inside::rows(a), shape);
  const Value vb = expanded(Inside::rows(b), shape);
  Value y = make_value(shape);
  const float *pa = va->data(), *pb = vb->data();
  fill(*y, [=](std::size_t i) { return pa[i] + sign * pb[i]; });
  return result(y, {&a, &b}, [sign](Node& out) {
    const float* dy = out.dy();
    if (out.wants(1)) accumulate(out, 1, [=](std::size_t i) { return sign * dy[i]; });
    if (out.wants(0) && out.inputs[0]->shape == out.shape) return out.hand_over(0, std::move(out.grad));
    accumulate(out, 0, [=](std::size_t i) { return dy[i]; });
  });
}

// ---- One tensor

// derivative(x) is taken from the input.
template <class F, class D>
Tensor unary(const Tensor& x, F f, D derivative) {
  const Kept vx = Inside::rows(x);
  Value y = make_value(x.shape());
  const float* px = vx->data();
  fill(*y, [=](std::size_t i) { return f(px[i]); });
  return result(y, {&x}, [vx, derivative](Node& out) {
    const float *dy = out.dy(), *px = vx->data();
    fill(out.input(0), out.grad.size(), [=](std::size_t i) { return dy[i] * derivative(px[i]); });
  });
}

// derivative(y) is taken from the result: then the input need not be kept.
template <class F, class D>
Tensor unary_from_result(const Tensor& x, F f, D derivative) {
  Value y = make_value(x.shape());
  const float* px = Inside::rows(x)->data();
  fill(*y, [=](std::size_t i) { return f(px[i]); });
  return result(y, {&x}, [y = Kept(y), derivative](Node& out) {
    const float *dy = out.dy(), *py = y->data();
    fill(out.input(0), out.grad.size(), [=](std::size_t i) { return dy[i] * derivative(py[i]); });
  });
}

// scale * x + shift, with constants
Tensor affine(const Tensor& x, float scale, float shift) {
  Value y = make_value(x.shape());
  const float* px = Inside::rows(x)->data();
  fill(*y, [=](std::size_t i) { return scale * px[i] + shift; });
  return result(y, {&x}, [scale](Node& out) {
    const float* dy = out.dy();
    fill(out.input(0), out.grad.size(), [=](std::size_t i) { return scale * dy[i]; });
  });
}

// GELU's inner argument is s (x + k x^3).
constexpr float gelu_s = 0.7978845608f;  // sqrt(2 / pi)
constexpr float gelu_k = 0.044715f;

inline float silu_of(float v) { return v * fast_logistic(v); }
inline float silu_slope(float v) {
  const float share = fast_logistic(v);
  return share * (1.0f + v * (1.0f - share));
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) { return sum_of("operator+", a, b, 1.0f); }
Tensor operator-(const Tensor& a, const Tensor& b) { return sum_of("operator-", a, b, -1.0f); }

Tensor operator*(const Tensor& a, const Tensor& b) {
  return binary(
      "operator*", a, b, [](float x, float y) { return x * y; }, [](float, float y) { return y; },
      [](float x, float) { return x; });
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  return binary(
      "operator/", a, b, [](float x, float y) { return x / y; }, [](float, float y) { return 1.0f / y; },
      [](float x, float y) { return -x / (y * y); });
}

Tensor operator+(const Tensor& a, float b) { return affine(a, 1.0f, b); }
Tensor operator-(const Tensor& a, float b) { return affine(a, 1.0f, -b); }
Tensor operator*(const Tensor& a, float b) { return affine(a, b, 0.0f); }
Tensor operator/(const Tensor& a, float b) { return affine(a, 1.0f / b, 0.0f); }
Tensor operator+(float a, const Tensor& b) { return affine(b, 1.0f, a); }
Tensor operator-(float a, const Tensor& b) { return affine(b, -1.0f, a); }
Tensor operator*(float a, const Tensor& b) { return affine(b, a, 0.0f); }
Tensor operator-(const Tensor& a) { return affine(a, -1.0f, 0.0f); }

Tensor operator/(float a, const Tensor& b) {
  return unary(
      b, [a](float x) { return a / x; }, [a](float x) { return -a / (x * x); });
}

Tensor exp(const Tensor& x) {
  return unary_from_result(
      x, [](float v) { return fast_exp(v); }, [](float y) { return y; });
}

Tensor log(const Tensor& x) {
  return unary(
      x, [](float v) { return std::log(v); }, [](float v) { return 1.0f / v; });
}

//! [tanh]
Tensor tanh(const Tensor& x) {
  return unary_from_result(
      x, [](float v) { return std::tanh(v); }, [](float y) { return 1 - y * y; });
}
//! [tanh]

Tensor sqrt(const Tensor& x) {
  return unary_from_result(
      x, [](float v) { return std::sqrt(v); }, [](float y) { return 0.5f / y; });
}

Tensor relu(const Tensor& x) {  // asked this way round, NaN stays NaN: a run that went wrong must show
  return unary_from_result(
      x, [](float v) { return v <= 0.0f ? 0.0f : v; }, [](float y) { return y > 0.0f ? 1.0f : 0.0f; });
}

Tensor gelu(const Tensor& x) {
  return unary(
      x, [](float v) { return 0.5f * v * (1.0f + fast_tanh(gelu_s * (v + gelu_k * v * v * v))); },
      [](float v) {
        const float t = fast_tanh(gelu_s * (v + gelu_k * v * v * v));
        return 0.5f * (1.0f + t) + 0.5f * v * (1.0f - t * t) * gelu_s * (1.0f + 3.0f * gelu_k * v * v);
      });
}

Tensor relu_squared(const Tensor& x) {
  return unary(
      x, [](float v) { return v <= 0.0f ? 0.0f : v * v; },
      [](float v) { return v > 0.0f ? 2.0f * v : 0.0f; });
}

Tensor silu(const Tensor& x) {
  return unary(
      x, [](float v) { return silu_of(v); }, [](float v) { return silu_slope(v); });
}

Tensor silu_gate(const Tensor& gate, const Tensor& value) {
  return binary(
      "silu_gate", gate, value, [](float g, float v) { return silu_of(g) * v; },
      [](float g, float v) { return silu_slope(g) * v; }, [](float g, float) { return silu_of(g); });
}

}  // namespace gpt
