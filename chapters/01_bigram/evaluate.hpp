/// @file evaluate.hpp
/// Chapter 1. The loss on text, without learning from it.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Mean loss over a text cut into windows of T characters, one after the other. No dice are thrown, so two
/// runs agree to the last digit.
/// @param every  1 for all windows; k takes each k-th, for a quick look
/// @throws std::invalid_argument if T or every is 0, or the text is shorter than T + 1
template <LanguageModel Model>
float evaluate(const Model& model, std::span<const int> text, size_t T, size_t every = 1) {
  if (T == 0 || every == 0 || text.size() < T + 1) {
    throw std::invalid_argument(
        "evaluate: T and every must be positive and the text at least T + 1 long, got T = " +
        std::to_string(T) + " and " + std::to_string(text.size()) + " characters");
  }
  const NoGrad no_grad;
  const size_t windows = (text.size() - 1) / T;
  const size_t B = std::max<size_t>(1, 4096 / T);  // some thousand positions keep all cores busy
  double total = 0;
  size_t seen = 0;
  for (size_t window = 0; window < windows;) {
    Batch batch{{0, T, {}}, {0, T, {}}};
    for (; batch.inputs.B < B && window < windows; window += every) add_window(batch, text, window * T);
    const float loss = next_token_loss(model(batch.inputs), batch.targets).item();
    total += double(loss) * double(batch.inputs.B);
    seen += batch.inputs.B;
  }
  return float(total / double(seen));
}

}  // namespace gpt
