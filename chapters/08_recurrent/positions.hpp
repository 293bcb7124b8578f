/// @file positions.hpp
/// Chapter 8. Recurrent nets take a sequence apart, position by position, and put it together again.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// What stands at one position of every sequence: (B, T, n) -> (B, n).
inline Tensor position(const Tensor& x, size_t t) {
  return reshape(slice(x, 1, t, t + 1), {x.size(0), x.size(2)});
}

/// The way back: one (B, n) for each of T positions -> (B, T, n).
inline Tensor positions(const std::vector<Tensor>& each) {
  std::vector<Tensor> rows;
  for (const Tensor& x : each) rows.push_back(reshape(x, {x.size(0), 1, x.size(1)}));
  return concatenate(rows, 1);
}

}  // namespace gpt
