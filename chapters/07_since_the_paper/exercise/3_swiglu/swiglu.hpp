/// @file swiglu.hpp
/// Chapter 7. New idea: one linear layer decides how far the units of another are open.
#pragma once

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// A value, and how much of it may pass, written out: silu(gate) times value, with silu(z) = z / (1 + e^-z), which is 0
/// far below 0 and z far above it. Shapes: two alike -> the same.
inline Tensor silu_gate_by_hand(const Tensor& gate, const Tensor& value) {
  todo("swiglu");  // TODO: silu of the gate, times the value
}

/// The gated feed-forward part.
///
/// \f[ \mathrm{out} = \left( \mathrm{silu}(x W_g) \odot x W_v \right) W_p \f]
/// (Shazeer 2020, arXiv:2002.05202, eq. 6). Shapes: x (..., C) -> (..., C). Parameters, in order: gate.weight
/// (C, hidden), value.weight (C, hidden), projection.weight (hidden, C), each followed by its bias if there are any.
class SwiGLU {
 public:
  /// @param C      channels, > 0
  /// @param hidden units, > 0; two thirds of an ungated part's make as many weights
  /// @param bias   whether the linear layers have one
  /// @param rng    draws the initial weights
  /// @throws std::invalid_argument if C or hidden is 0
  SwiGLU(size_t C, size_t hidden, Bias bias, Rng& rng)
      : gate_(C, hidden, bias, rng), value_(C, hidden, bias, rng), projection_(hidden, C, bias, rng) {}

  /// @throws std::invalid_argument unless x is (..., C)
  Tensor operator()(const Tensor& x) const {
    todo("swiglu");  // TODO: gate and value, one through the other, and back into the stream
  }

  /// Its weights.
  Parameters parameters() const { return collect("gate", gate_, "value", value_, "projection", projection_); }

 private:
  Linear gate_, value_, projection_;
};

}  // namespace gpt
