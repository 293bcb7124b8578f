/// @file as_many_weights.hpp
/// Chapter 8. A fair comparison first counts: how wide is a recurrent net with as many weights as a GPT?
#pragma once

#include "08_recurrent/recurrent_language_model.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Weights of a RecurrentLanguageModel, without making it.
/// @param gates matrices of each kind in a layer: 1 in an RNN, 4 in an LSTM
//! [count]
inline size_t weights_of(size_t gates, const RecurrentSizes& sizes) {
  const size_t V = sizes.V, C = sizes.C;
  return V * C                                    // token_embedding
         + sizes.L * gates * (C * C + C + C * C)  // input.weight, input.bias, hidden.weight
         + C * V + V;                             // output
}
//! [count]

/// The same sizes, and as wide as comes nearest to this number of weights.
inline RecurrentSizes as_wide_as(size_t weights, size_t gates, RecurrentSizes sizes) {
  const auto of_width = [&](size_t C) {
    sizes.C = C;
    return weights_of(gates, sizes);
  };
  size_t C = 1;
  while (of_width(C + 1) <= weights) ++C;
  const bool wider = of_width(C) < weights && of_width(C + 1) - weights < weights - of_width(C);
  sizes.C = wider ? C + 1 : C;
  return sizes;
}

}  // namespace gpt
