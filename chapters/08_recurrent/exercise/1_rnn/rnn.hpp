/// @file rnn.hpp
/// Chapter 8. New idea: read one position after the other, and carry along a few numbers that say what came before.
#pragma once

#include "08_recurrent/positions.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// The simple recurrent net.
///
/// \f[ h_t = \tanh\left( x_t W_x + h_{t-1} W_h + b \right) \f]
/// Elman 1990, "Finding structure in time", figure 2, with tanh for its logistic function.
///
/// Shapes: x (B, T, C) -> (B, T, C), the state h after each position.
/// Parameters, in order: input.weight (C, C), input.bias (C), hidden.weight (C, C).
class RNN {
 public:
  /// What it carries from one position to the next: h, (B, C).
  using State = Tensor;
  static constexpr size_t gates = 1;  ///< matrices of each kind

  /// @param C   channels, > 0: as many come in as are carried along
  /// @param rng draws the initial weights, in the order of the parameters
  /// @throws std::invalid_argument if C is 0
  RNN(size_t C, Rng& rng)
      : channels_(require_positive("RNN: C", C)),
        input_(C, C, Bias::on, rng),
        hidden_(C, C, Bias::off, rng) {}

  /// The state before anything was read, for B sequences: zeros.
  State start(size_t B) const { return Tensor::zeros({B, channels_}); }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    require_shape("RNN: x", x, {any, any, channels_});
    State h = start(x.size(0));
    return read(x, h);
  }

  /// The same for a text that goes on: from the state h, which is then that after the last position.
  /// @throws std::invalid_argument unless x is (B, T, C) and h (B, C)
  Tensor read(const Tensor& x, State& h) const {
    require_shape("RNN: x", x, {any, any, channels_});
    require_shape("RNN: h", h, {x.size(0), channels_});
    todo("rnn");  // TODO: the new state at each position, out of what is read there and the state before
  }

  /// Its weights.
  Parameters parameters() const { return collect("input", input_, "hidden", hidden_); }

 private:
  size_t channels_;
  Linear input_, hidden_;  // W_x with b, and W_h
};

}  // namespace gpt
