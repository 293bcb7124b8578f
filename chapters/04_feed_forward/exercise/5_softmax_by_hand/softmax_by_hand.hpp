/// @file softmax_by_hand.hpp
/// Chapter 4. An operation whose outputs all depend on all of its inputs, forward and backward written out.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// softmax along the last axis, as common/ has it. Shapes: (..., C) -> (..., C), C >= 1.
inline Tensor softmax_by_hand(const Tensor& x) {
  todo("softmax_by_hand");  // TODO: the shares, the backward function, and Tensor::with_backward
}

}  // namespace gpt
