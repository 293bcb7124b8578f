// expect: the prompt 3, 7 is gone
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

#include "01_bigram/sample.hpp"
#include "01_bigram/top_k.hpp"
#include "common/nn.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

struct Sampling {
  float temperature = 1.0f;
  std::size_t top_k = 0;
};

inline Tokens last_tokens(const std::vector<int>& tokens, std::size_t block_size) {
  const std::size_t T = std::min(tokens.size(), block_size);
  return {1, T, std::vector<int>(tokens.end() - static_cast<std::ptrdiff_t>(T), tokens.end())};
}

template <LanguageModel Model>
std::vector<int> generate(const Model& model, std::vector<int> tokens, std::size_t n, Sampling sampling,
                          Rng& rng, const std::function<void(int)>& on_token = {}) {
  if (tokens.empty()) throw std::invalid_argument("generate: needs at least one token to continue, got none");
  const NoGrad no_grad;
  for (std::size_t i = 0; i < n; ++i) {
    const Tensor logits = model(last_tokens(tokens, model.block_size()));
    const std::span<const float> last = logits.values().last(logits.shape().back());
    tokens.push_back(sample(keep_top_k(last, sampling.top_k), sampling.temperature, rng));
    if (on_token) on_token(tokens.back());
  }
  return {tokens.end() - static_cast<std::ptrdiff_t>(n), tokens.end()};
}

}  // namespace gpt
