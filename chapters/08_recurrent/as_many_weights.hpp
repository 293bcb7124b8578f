/// @file as_many_weights.hpp
/// Chapter 8. A fair comparison first counts: how wide is a recurrent net with as many weights as a GPT?
#pragma once

#include "06_gpt/sizes.hpp"
#include "08_recurrent/recurrent_language_model.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Chapter 6's small GPT. Its number of weights is that of a context of 32, whatever it is trained with.
inline GPTSizes small_gpt(size_t V, size_t block_size = 32) {
  GPTSizes sizes = gpt_sizes.at("small");
  sizes.V = V;
  sizes.block_size = block_size;
  return sizes;
}

/// Weights of a RecurrentLanguageModel, without making it.
/// @tparam Cell RNN or LSTM
//! [count]
template <Module Cell>
size_t weights_of(const RecurrentSizes& sizes) {
  const size_t V = sizes.V, C = sizes.C;
  const size_t layer = Cell::gates * (C * C + C + C * C);  // W_x, b, W_h
  return V * C + sizes.L * layer + C * V + V;              // embedding, layers, output
}
//! [count]

/// The same sizes, and as wide as comes nearest to this number of weights.
template <Module Cell>
RecurrentSizes as_wide_as(size_t weights, RecurrentSizes sizes) {
  const auto of_width = [&](size_t C) {
    sizes.C = C;
    return weights_of<Cell>(sizes);
  };
  size_t C = 1;
  while (of_width(C + 1) <= weights) ++C;
  const bool wider = of_width(C) < weights && of_width(C + 1) - weights < weights - of_width(C);
  sizes.C = wider ? C + 1 : C;
  return sizes;
}

/// L layers, and in all as many weights as chapter 6's small GPT.
template <Module Cell>
RecurrentSizes as_large_as_small_gpt(size_t V, size_t L, Residual residual) {
  Rng unused(1);
  const size_t weights = count(GPTLanguageModel(small_gpt(V), unused).parameters());
  return as_wide_as<Cell>(weights, {.V = V, .C = 0, .L = L, .residual = residual});
}

}  // namespace gpt
