/// @file relu_by_hand.hpp
/// Chapter 4. How an operation gets its derivative: ReLU, forward and backward written out.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// relu(x) = max(x, 0), as common/ has it, from a loop each way. Shapes: any -> the same.
inline Tensor relu_by_hand(const Tensor& x) {
  todo("relu_by_hand");  // TODO: the values, the backward function, and Tensor::with_backward
}

}  // namespace gpt
