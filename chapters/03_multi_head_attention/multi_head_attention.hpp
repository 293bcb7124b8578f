/// @file multi_head_attention.hpp
/// Chapter 3. New idea: several small heads side by side, each free to look for something else.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "02_self_attention/head.hpp"  // Head
#include "common/nn/nn.hpp"            // Parameters, collect
#include "common/tensor/ops.hpp"       // concatenate
#include "common/tensor/rng.hpp"       // Rng
#include "common/tensor/tensor.hpp"    // Tensor
#include "common/tensor/trace.hpp"     // numbered

namespace gpt {

/// H heads of size C / H, their outputs one after the other (Vaswani et al. 2017, arXiv:1706.03762,
/// section 3.2.2, without the projection, which comes in chapter 5).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters: heads.0, heads.1, ..., each as in Head.
//! [class]
class MultiHeadAttention {
 public:
  /// @param C   channels, a multiple of H
  /// @param H   number of heads, > 0
  /// @param rng draws the initial weights, head after head
  /// @throws std::invalid_argument if C is not a positive multiple of H
  MultiHeadAttention(std::size_t C, std::size_t H, Rng& rng) {
    if (H == 0 || C == 0 || C % H != 0) {
      throw std::invalid_argument("MultiHeadAttention: C must be a positive multiple of H, got C = " +
                                  std::to_string(C) + " and H = " + std::to_string(H));
    }
    for (std::size_t h = 0; h < H; ++h) heads_.emplace_back(C, /*hs=*/C / H, rng);
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    std::vector<Tensor> outputs;
    for (const Head& head : numbered("heads", heads_)) outputs.push_back(head(x));  // each (B, T, hs)
    return concatenate(outputs, -1);                                                // H of them -> (B, T, C)
  }

  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const { return collect("heads", heads_); }

 private:
  std::vector<Head> heads_;
};
//! [class]

}  // namespace gpt
