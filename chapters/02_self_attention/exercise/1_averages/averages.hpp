/// @file averages.hpp
/// Chapter 2. Before attention: three ways to give every position the average of itself and those before it.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"
#include "common/tensor/array.hpp"  // array, tensor, xt

namespace gpt {

/// With a loop, as a programmer would: out[b, t] = mean of x[b, 0..t]. Shapes: (B, T, C) -> (B, T, C), off
/// the tape.
inline Tensor average_by_loop(const Tensor& x) {
  require_shape("average_by_loop: x", x, {any, any, any});
  todo("averages");
}

/// The weights of that average as a matrix: row t has 1 / (t + 1) up to the diagonal and 0 after it. Shape
/// (T, T).
inline Tensor averaging_weights(std::size_t T) { todo("averages"); }

/// With one matrix product for each sequence: all T averages at once. Shapes: (B, T, C) -> (B, T, C).
inline Tensor average_by_product(const Tensor& x) {
  require_shape("average_by_product: x", x, {any, any, any});
  todo("averages");
}

/// With a softmax: equal scores for the past, -inf for the future. What changes in attention is that the
/// scores will no longer be equal: each position finds its own. Shapes: (B, T, C) -> (B, T, C).
inline Tensor average_by_softmax(const Tensor& x) {
  require_shape("average_by_softmax: x", x, {any, any, any});
  todo("averages");
}

}  // namespace gpt
