/// @file recurrent_stack.hpp
/// Chapter 8. Depth for recurrent nets: the states of one are what the next one reads.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// Does a layer add to what it reads, or take its place?
enum class Residual { no, yes };

/// Recurrent nets on top of each other, with residual paths past them if wanted (He et al. 2015, arXiv:1512.03385; between
/// LSTM layers, Wu et al. 2016, arXiv:1609.08144, section 3.1).
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: layers.0, layers.1, ..., each as in Cell.
/// @tparam Cell RNN or LSTM
template <Module Cell>
class RecurrentStack {
 public:
  /// What all layers carry from one position to the next, the lowest first.
  using State = std::vector<typename Cell::State>;

  /// @param C   channels, > 0
  /// @param L   layers, > 0
  /// @param rng draws the initial weights, layer after layer
  /// @throws std::invalid_argument if C or L is 0
  RecurrentStack(size_t C, size_t L, Residual residual, Rng& rng) : residual_(residual) {
    require_positive("RecurrentStack: L", L);
    for (size_t l = 0; l < L; ++l) layers_.emplace_back(C, rng);
  }

  /// The state before anything was read, for B sequences.
  State start(size_t B) const {
    State state;
    for (const Cell& layer : layers_) state.push_back(layer.start(B));
    return state;
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    State state = start(x.dim() > 0 ? x.size(0) : 1);
    return read(x, state);
  }

  /// The same for a text that goes on: from this state, which is then that after the last position.
  //! [read]
  Tensor read(Tensor x, State& state) const {
    note("embedded", x);
    size_t l = 0;
    for (const Cell& layer : numbered("layers", layers_)) {
      const Tensor states = layer.read(x, state[l++]);  // (B, T, C)
      x = residual_ == Residual::yes ? x + states : states;
    }
    return x;
  }
  //! [read]

  /// Its weights.
  Parameters parameters() const { return collect("layers", layers_); }

 private:
  Residual residual_;
  std::vector<Cell> layers_;
};

}  // namespace gpt
