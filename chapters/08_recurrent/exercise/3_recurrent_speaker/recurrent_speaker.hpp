/// @file recurrent_speaker.hpp
/// Chapter 8. Speaking with a state: what was read is in it, so nothing is read twice and there is no window to fill.
#pragma once

#include <functional>
#include <stdexcept>

#include "06_gpt/cached_gpt.hpp"  // generate_with
#include "08_recurrent/recurrent_language_model.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// A RecurrentLanguageModel that reads a text token by token and remembers its state in between. What the next token costs
/// does not depend on how many came before: chapter 6's cache grows with the text, and this stays as large as it is.
/// @tparam Cell RNN or LSTM
template <Module Cell>
class RecurrentSpeaker {
 public:
  /// @param model must outlive this object
  explicit RecurrentSpeaker(const RecurrentLanguageModel<Cell>& model)
      : model_(&model), state_(model.start(1)) {}

  size_t size() const { return size_; }  ///< tokens read so far

  /// Forgets all of them.
  void clear() {
    state_ = model_->start(1);
    size_ = 0;
  }

  /// Takes in the next tokens of the text. @returns the logits (V) of the token after them
  /// @throws std::invalid_argument if there are none
  std::vector<float> read(const std::vector<int>& tokens) {
    if (tokens.empty())
      throw std::invalid_argument("RecurrentSpeaker::read: needs at least one token, got none");
    todo("recurrent_speaker");  // TODO: read on from where it stopped, and say what comes next
  }

 private:
  const RecurrentLanguageModel<Cell>* model_;
  typename RecurrentLanguageModel<Cell>::State state_;
  size_t size_ = 0;
};

/// generate() of chapter 1 with the state, from the first token on: nothing is ever forgotten to make room.
/// @throws std::invalid_argument if tokens is empty
template <Module Cell>
std::vector<int> generate(const RecurrentLanguageModel<Cell>& model, std::vector<int> tokens, size_t n,
                          Sampling sampling, Rng& rng, const std::function<void(int)>& on_token = {}) {
  return generate_with(RecurrentSpeaker(model), no_limit, std::move(tokens), n, sampling, rng, on_token);
}

}  // namespace gpt
