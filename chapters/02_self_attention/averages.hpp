/// @file averages.hpp
/// Chapter 2. Before attention: three ways to give every position the average of itself and those before it.
#pragma once

#include <cstddef>
#include <vector>

#include "common/tensor/check.hpp"   // require_shape, any
#include "common/tensor/ops.hpp"     // causal_mask, matmul, softmax
#include "common/tensor/tensor.hpp"  // Tensor

namespace gpt {

/// With a loop, as a programmer would: out[b, t] = mean of x[b, 0..t]. Shapes: (B, T, C)
/// -> (B, T, C), off the tape.
inline Tensor average_by_loop(const Tensor& x) {
  require_shape("average_by_loop: x", x, {any, any, any});
  const std::size_t B = x.size(0), T = x.size(1), C = x.size(2);
  std::vector<float> out;
  out.reserve(B * T * C);
  for (std::size_t b = 0; b < B; ++b) {
    for (std::size_t t = 0; t < T; ++t) {
      for (std::size_t c = 0; c < C; ++c) {
        //! [loop]
        float total = 0;
        for (std::size_t past = 0; past <= t; ++past) total += x.at({b, past, c});
        out.push_back(total / static_cast<float>(t + 1));
        //! [loop]
      }
    }
  }
  return Tensor::from(x.shape(), out);
}

/// The weights of that average as a matrix: row t has 1 / (t + 1) up to the diagonal
/// and 0 after it. Shape (T, T).
inline Tensor averaging_weights(std::size_t T) {
  std::vector<float> weights;
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t past = 0; past < T; ++past)
      weights.push_back(past <= t ? 1.0f / static_cast<float>(t + 1) : 0.0f);
  }
  return Tensor::from({T, T}, weights);
}

/// With one matrix product for each sequence: all T averages at once. Shapes: (B, T, C) -> (B, T, C).
inline Tensor average_by_product(const Tensor& x) {
  require_shape("average_by_product: x", x, {any, any, any});
  const std::size_t B = x.size(0), T = x.size(1);
  //! [product]
  // (T, T) repeated -> (B, T, T)
  const Tensor weights = averaging_weights(T) + Tensor::zeros({B, 1, 1});
  return matmul(weights, x);  // (B, T, T) @ (B, T, C) -> (B, T, C)
  //! [product]
}

/// With a softmax: equal scores for the past, -inf for the future. What changes in attention is that the
/// scores will no longer be equal: each position finds its own. Shapes: (B, T, C) -> (B, T, C).
inline Tensor average_by_softmax(const Tensor& x) {
  require_shape("average_by_softmax: x", x, {any, any, any});
  const std::size_t B = x.size(0), T = x.size(1);
  //! [softmax]
  // Nobody is more interesting than anybody else.
  const Tensor scores = Tensor::zeros({B, T, T});
  const Tensor weights = softmax(causal_mask(scores));  // (B, T, T), rows sum to 1
  return matmul(weights, x);                            // -> (B, T, C)
  //! [softmax]
}

}  // namespace gpt
