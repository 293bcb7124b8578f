/// @file gelu_by_hand.hpp
/// Chapter 4. A smoother bend than ReLU's, and the chain and product rules at work in its derivative.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// GELU in GPT-2's form, u = s (x + k x^3) and y = x / 2 (1 + tanh u), with s = sqrt(2 / pi) and k = 0.044715
/// (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2). Shapes: any -> the same.
inline Tensor gelu_by_hand(const Tensor& x) {
  todo("gelu_by_hand");  // TODO: as relu_by_hand, with a derivative that takes two rules
}

}  // namespace gpt
