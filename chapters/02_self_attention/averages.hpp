/// @file averages.hpp
/// Chapter 2. Before attention: three ways to give every position the average of itself and those before it.
#pragma once

#include "common/gpt.hpp"
#include "common/tensor/array.hpp"  // array, tensor, xt

namespace gpt {

/// With a loop, as a programmer would: out[b, t] = mean of x[b, 0..t]. Shapes: (B, T, C)
/// -> (B, T, C), off the tape.
inline Tensor average_by_loop(const Tensor& x) {
  require_shape("average_by_loop: x", x, {any, any, any});
  const std::size_t B = x.size(0), T = x.size(1);
  const ArrayView in = array(x);  // (B, T, C)
  std::vector<float> out;
  for (std::size_t b = 0; b < B; ++b) {
    for (std::size_t t = 0; t < T; ++t) {
      //! [loop]
      // (t + 1, C): position t and all before it
      const xt::xarray<float> past = xt::view(in, b, xt::range(0, t + 1));
      const xt::xarray<float> average = xt::mean(past, {0});  // (C)
      out.insert(out.end(), average.begin(), average.end());
      //! [loop]
    }
  }
  return Tensor::from(x.shape(), out);
}

/// The weights of that average as a matrix: row t has 1 / (t + 1) up to the diagonal
/// and 0 after it. Shape (T, T).
inline Tensor averaging_weights(std::size_t T) {
  //! [weights]
  // (T, T): 1 up to the diagonal, 0 after it
  const Tensor lower = tensor(xt::tril(xt::ones<float>({T, T})));
  return lower / sum(lower, -1);  // (T, T) / (T, 1): rows sum to 1
  //! [weights]
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
