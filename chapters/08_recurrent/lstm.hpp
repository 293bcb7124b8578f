/// @file lstm.hpp
/// Chapter 8. New idea: a memory that is added to rather than multiplied, and gates that decide what goes in, what stays
/// and what is shown.
#pragma once

#include <algorithm>

#include "08_recurrent/positions.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// The logistic function 1 / (1 + e^-x): a gate, from 0 (shut) to 1 (open). Written with tanh, nothing overflows.
inline Tensor logistic(const Tensor& x) { return 0.5f + 0.5f * tanh(0.5f * x); }

/// Long short-term memory, position by position, written out.
///
/// \f[ [i, f, g, o] = x_t W_x + h_{t-1} W_h + b, \quad
///     c_t = \sigma(f) \odot c_{t-1} + \sigma(i) \odot \tanh(g), \quad h_t = \sigma(o) \odot \tanh(c_t) \f]
/// Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", section 4; with the forget gate f of Gers et al. 2000,
/// "Learning to Forget", section 3. The gates stand in PyTorch's order.
///
/// @param given  what the input gives to the gates, x W_x + b
/// @param weight W_h
/// @param state  before the first position, h and c, (B, C) each
/// @returns h of all positions, (B, T, C), and the state after the last
inline LSTMResult lstm_by_hand(const Tensor& given,   // (B, T, 4 C)
                               const Tensor& weight,  // (C, 4 C)
                               LSTMState state) {
  //! [by_hand]
  const size_t C = weight.size(0);
  std::vector<Tensor> outputs;  // (B, C) each
  for (size_t t = 0; t < given.size(1); ++t) {
    const Tensor gates = position(given, t) + matmul(state.h, weight);  // (B, 4 C)
    const Tensor write = logistic(slice(gates, 1, 0, C));               // i, (B, C)
    const Tensor keep = logistic(slice(gates, 1, C, 2 * C));            // f
    const Tensor news = tanh(slice(gates, 1, 2 * C, 3 * C));            // g
    const Tensor show = logistic(slice(gates, 1, 3 * C, 4 * C));        // o
    state.c = keep * state.c + write * news;
    state.h = show * tanh(state.c);
    outputs.push_back(state.h);
  }
  return {positions(outputs), state};
  //! [by_hand]
}

/// The same in one operation, which is what trains.
inline LSTMResult remember(const Tensor& given, const Tensor& weight, const LSTMState& state) {
  return lstm(given, weight, state);
}

/// lstm_by_hand() with its weights: a part that reads a text and remembers.
///
/// Shapes: x (B, T, C) -> (B, T, C), h after each position.
/// Parameters, in order: input.weight (C, 4 C), input.bias (4 C), hidden.weight (C, 4 C).
class LSTM {
 public:
  /// What it carries from one position to the next: h, which it shows, and c, which it keeps, (B, C) each.
  using State = LSTMState;
  static constexpr size_t gates = 4;  ///< matrices of each kind

  /// @param C           channels, > 0: as many come in as are carried along
  /// @param rng         draws the initial weights, in the order of the parameters
  /// @param forget_bias what the forget gate's bias starts at. At 1 the gate is nearly three quarters open, and what is
  ///                    remembered lasts while nothing has been learned (Jozefowicz et al. 2015, "An Empirical
  ///                    Exploration of Recurrent Network Architectures")
  /// @throws std::invalid_argument if C is 0
  LSTM(size_t C, Rng& rng, float forget_bias = 1.0f)
      : channels_(require_positive("LSTM: C", C)),
        input_(C, 4 * C, Bias::on, rng),
        hidden_(C, 4 * C, Bias::off, rng) {
    const std::span<float> bias = input_.parameters().back().tensor.mutable_values();
    std::fill_n(bias.begin() + static_cast<std::ptrdiff_t>(C), C, forget_bias);
  }

  /// The state before anything was read, for B sequences: zeros.
  State start(size_t B) const { return {Tensor::zeros({B, channels_}), Tensor::zeros({B, channels_})}; }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    require_shape("LSTM: x", x, {any, any, channels_});
    State state = start(x.size(0));
    return read(x, state);
  }

  /// The same for a text that goes on: from this state, which is then that after the last position.
  /// @throws std::invalid_argument unless x is (B, T, C), h and c (B, C)
  //! [read]
  Tensor read(const Tensor& x, State& state) const {
    require_shape("LSTM: x", x, {any, any, channels_});
    require_shape("LSTM: h", state.h, {x.size(0), channels_});
    require_shape("LSTM: c", state.c, {x.size(0), channels_});
    const Tensor given = input_(x);  // (B, T, 4 C), for all positions at once
    const LSTMResult all = remember(given, hidden_.parameters().front().tensor, state);
    state = all.last;
    return note("states", all.outputs);  // (B, T, C)
  }
  //! [read]

  /// Its weights.
  Parameters parameters() const { return collect("input", input_, "hidden", hidden_); }

 private:
  size_t channels_;
  Linear input_, hidden_;  // W_x with b, and W_h, for all four gates
};

}  // namespace gpt
