/// @file recurrent_language_model.hpp
/// Chapter 8. Chapter 2's frame without its table of places: who reads in order needs no numbers for the order.
#pragma once

#include "08_recurrent/lstm.hpp"
#include "08_recurrent/recurrent_stack.hpp"
#include "08_recurrent/rnn.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// How large a recurrent language model is.
struct RecurrentSizes {
  size_t V;                          ///< vocabulary
  size_t C;                          ///< channels
  size_t L;                          ///< layers
  Residual residual = Residual::no;  ///< do they add to the stream?
};

/// Embedding at the bottom, logits at the top, and recurrent nets in between.
///
/// Shapes: tokens (B, T), any T >= 1 -> logits (B, T, V).
/// Parameters, in order: token_embedding.weight (V, C), body.layers.0, body.layers.1, ..., output.weight (C, V),
/// output.bias (V).
/// @tparam Cell RNN or LSTM
template <Module Cell>
class RecurrentLanguageModel {
 public:
  /// What it carries from one token to the next.
  using State = typename RecurrentStack<Cell>::State;

  /// @param rng draws the initial weights
  /// @throws std::invalid_argument if a size is 0
  RecurrentLanguageModel(const RecurrentSizes& sizes, Rng& rng)
      : token_embedding_(sizes.V, sizes.C, rng),
        body_(sizes.C, sizes.L, sizes.residual, rng),
        output_(sizes.C, sizes.V, Bias::on, rng) {}

  /// @throws std::invalid_argument if an id is not in [0, V)
  Tensor operator()(const Tokens& tokens) const {
    State state = start(tokens.B);
    return read(tokens, state);
  }

  /// The state before anything was read, for B sequences.
  State start(size_t B) const { return body_.start(B); }

  /// The same for a text that goes on: from this state, which is then that after the last token.
  Tensor read(const Tokens& tokens, State& state) const {
    //! [read]
    const Tensor what = token_embedding_(tokens);  // (B, T, C)
    return output_(body_.read(what, state));       // (B, T, C) -> (B, T, V)
    //! [read]
  }

  size_t block_size() const { return no_limit; }  ///< it reads texts of any length

  /// Its weights.
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "body", body_, "output", output_);
  }

 private:
  Embedding token_embedding_;  // (V, C)
  RecurrentStack<Cell> body_;
  Linear output_;  // (C, V)
};

}  // namespace gpt
