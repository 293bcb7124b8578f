/// @file ops_rotate.cpp
/// Rotary positions: pairs of channels as points in a plane, turned about its origin.
#include <stdexcept>
#include <utility>

#include "common/tensor/check.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// Turns the pairs of all rows in place, or from `from` to `to`; sign -1 turns them back. Heads that were split off a
// (B, T, C) tensor lie in another order than their shape says: rows are visited as they lie, and the stride of the
// positions' axis tells each row's position.
void turn(const float* from, float* to, const Shape& shape, const Strides& given, const float* cosines,
          const float* sines, float sign) {
  const Strides strides = given.empty() ? row_major(shape) : given;
  const std::size_t axis = shape.size() - 2, T = shape[axis], hs = shape.back(), half = hs / 2;
  const std::size_t rows = element_count(shape) / hs;
  parallel_for(rows, plain_grain / hs + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const std::size_t at = row * hs, t = at / strides[axis] % T;
      const float *a = from + at, *b = a + half, *c = cosines + t * half, *s = sines + t * half;
      float *turned_a = to + at, *turned_b = turned_a + half;
#pragma omp simd
      for (std::size_t i = 0; i < half; ++i) {
        const float x = a[i], y = b[i], sine = sign * s[i];
        turned_a[i] = x * c[i] - y * sine;
        turned_b[i] = x * sine + y * c[i];
      }
    }
  });
}

}  // namespace

Tensor rotate(const Tensor& x, const Tensor& cosines, const Tensor& sines) {
  const Shape& shape = x.shape();
  if (shape.size() < 2 || shape.back() == 0 || shape.back() % 2 != 0) {
    throw std::invalid_argument("rotate: x must be (..., T, hs) with an even hs, got " + to_string(shape));
  }
  require_shape("rotate: cosines", cosines, {x.size(-2), shape.back() / 2});
  require_shape("rotate: sines", sines, {x.size(-2), shape.back() / 2});
  if (cosines.requires_grad() || sines.requires_grad()) {
    throw std::invalid_argument("rotate: the angles are fixed: cosines and sines take no gradient");
  }
  const Strides& strides = Inside::view(x)->strides;
  const Value vx = strides.empty() || strides.back() == 1 ? Inside::view(x) : Inside::rows(x);
  const Kept c = Inside::rows(cosines), s = Inside::rows(sines);
  Value y = make_value(shape, vx->strides);
  turn(vx->data(), y->data(), shape, vx->strides, c->data(), s->data(), 1.0f);
  return result(y, {&x}, [c, s](Node& out) {
    // A turn keeps lengths and angles, so its gradient is the output's, turned back.
    if (!out.grad_strides.empty() && out.grad_strides.back() != 1) out.make_contiguous();
    turn(out.grad.data(), out.grad.data(), out.shape, out.grad_strides, c->data(), s->data(), -1.0f);
    out.hand_over(0, std::move(out.grad), std::move(out.grad_strides));
  });
}

}  // namespace gpt
