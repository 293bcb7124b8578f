/// @file mask_future.hpp
/// Chapter 2. Nobody may read ahead: a model that sees the answer learns nothing but to copy it.
#pragma once

#include <limits>     // std::numeric_limits<float>::infinity()
#include <stdexcept>  // std::invalid_argument

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"
#include "common/tensor/array.hpp"  // tensor, xt

namespace gpt {

/// Forbids each position (a row: who asks) to look at later ones (columns: who is asked), by adding a matrix
/// that is 0 up to the diagonal and -inf after it. e^-inf is 0, so a softmax then shares everything out among
/// the past.
///
/// Shapes: scores (..., T, T) -> (..., T, T).
/// @throws std::invalid_argument unless the last two axes are equal
inline Tensor mask_future_by_hand(const Tensor& scores) { todo("mask_future"); }

/// What Head uses: yours, until you trade it for the library's `causal_mask`, which is the same in one pass.
inline Tensor mask_future(const Tensor& scores) { return mask_future_by_hand(scores); }

}  // namespace gpt
