/// @file distance.hpp
/// Chapter 8. How far back a model looks, asked in two ways: whom does the last loss call to account, and how much does
/// another character of context help?
#pragma once

#include <algorithm>
#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// The gradient of a window's last loss with respect to the embedding of each of its characters.
///
/// A model leaves that gradient in its table of embeddings, row by row: one for a character, however often it comes in
/// the window. So a twin reads the window. It has the model's weights and a longer vocabulary, in which each position has a
/// row of its own, with the embedding of the character that stands there; it never says one of these.
template <LanguageModel Model>
class InputGradients {
 public:
  /// @param model its weights are copied whenever it is asked
  /// @param twin  made as the model was, for a vocabulary of V + T
  /// @throws std::invalid_argument unless both have the same weights but for the vocabulary, and the output a bias
  InputGradients(const Model& model, Model twin)
      : from_(model.parameters()), twin_(std::move(twin)), to_(twin_.parameters()) {
    bool fits = from_.size() == to_.size(), bias = false;
    for (size_t i = 0; fits && i < from_.size(); ++i) {
      fits = from_[i].name == to_[i].name && from_[i].tensor.dim() == to_[i].tensor.dim();
      bias = bias || from_[i].name == "output.bias";
    }
    if (!fits || !bias) {
      throw std::invalid_argument(
          "InputGradients: the twin must be made as the model was, with a bias at the output");
    }
    V_ = weight(from_, "output.bias").size();
  }

  /// The length of the gradient at each position of a window.
  /// @param window T characters and their successor
  /// @throws std::invalid_argument if the window has fewer than two characters, or the twin no row for one of them
  std::vector<double> operator()(std::span<const int> window) const {
    const size_t T = window.size() - 1;
    const Tensor table = weight(to_, "token_embedding.weight");
    if (window.size() < 2 || table.size(0) < V_ + T) {
      throw std::invalid_argument("InputGradients: expected a window of 2 to " +
                                  std::to_string(table.size(0) - V_ + 1) + " characters, got " +
                                  std::to_string(window.size()));
    }
    copy_weights();
    //! [twin]
    const size_t C = table.size(1);
    Batch batch{{1, T, {}}, {1, T, std::vector<int>(T, no_target)}};
    for (size_t t = 0; t < T; ++t) {
      const std::span<float> rows = table.mutable_values();
      const size_t from = size_t(window[t]) * C, to = (V_ + t) * C;
      for (size_t c = 0; c < C; ++c) rows[to + c] = rows[from + c];
      batch.inputs.ids.push_back(int(V_ + t));
    }
    batch.targets.ids.back() = window.back();  // the last loss, and no other
    for (const Parameter& parameter : to_) parameter.tensor.zero_grad();
    next_token_loss(twin_(batch.inputs), batch.targets).backward();
    //! [twin]
    std::vector<double> lengths;
    for (size_t t = 0; t < T; ++t) {
      double squares = 0;
      for (const float g : table.grad().subspan((V_ + t) * C, C)) squares += double(g) * double(g);
      lengths.push_back(std::sqrt(squares));
    }
    return lengths;
  }

 private:
  static Tensor weight(const Parameters& all, const std::string& name) {
    for (const Parameter& parameter : all)
      if (parameter.name == name) return parameter.tensor;
    throw std::invalid_argument("InputGradients: the model has no " + name);
  }

  /// Each row of a weight to the beginning of the twin's row. What the model has not: logits that are never said.
  void copy_weights() const {
    for (size_t i = 0; i < from_.size(); ++i) {
      const Tensor &from = from_[i].tensor, &to = to_[i].tensor;
      const bool bias = from_[i].name == "output.bias";
      if (bias) std::fill(to.mutable_values().begin(), to.mutable_values().end(), -1e9f);
      const auto row = size_t(from.size(-1)), twin_row = size_t(to.size(-1));
      for (size_t r = 0; r < from.size() / row; ++r) {
        const auto values = from.values().subspan(r * row, row);
        std::copy(values.begin(), values.end(), to.mutable_values().data() + r * twin_row);
      }
    }
  }

  Parameters from_;
  Model twin_;
  Parameters to_;
  size_t V_ = 0;
};

/// The mean loss at each position of a window of T characters: position t is guessed from t + 1 characters.
/// @param every a window begins at each of so many characters
/// @throws std::invalid_argument if T or every is 0, or the text is shorter than T + 1
template <LanguageModel Model>
std::vector<double> loss_by_position(const Model& model, std::span<const int> text, size_t T, size_t every) {
  if (T == 0 || every == 0 || text.size() < T + 1) {
    throw std::invalid_argument(
        "loss_by_position: T and every must be positive and the text at least T + 1 long, got T = " +
        std::to_string(T) + " and " + std::to_string(text.size()) + " characters");
  }
  const NoGrad no_grad;
  const size_t B = std::max<size_t>(1, 4096 / T);
  std::vector<double> sums(T, 0.0);
  size_t windows = 0;
  for (size_t start = 0; start + T < text.size();) {
    Batch batch{{0, T, {}}, {0, T, {}}};
    for (; batch.inputs.B < B && start + T < text.size(); start += every) add_window(batch, text, start);
    const Tensor log_p = pick(log_softmax(model(batch.inputs)), batch.targets);  // (B, T)
    for (size_t i = 0; i < log_p.size(); ++i) sums[i % T] -= double(log_p.values()[i]);
    windows += batch.inputs.B;
  }
  for (double& sum : sums) sum /= double(windows);
  return sums;
}

}  // namespace gpt
