/// @file generate.hpp
/// Chapter 1. The model speaks: predict, draw, append, and again.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "01_bigram/sample.hpp"
#include "01_bigram/top_k.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// How to choose among the model's predictions.
struct Sampling {
  float temperature = 1.0f;  ///< >= 0; 0 always takes the likeliest
  size_t top_k = 0;          ///< draw among this many; 0 for all
};

/// The last tokens that the model can look at, as a batch of one.
inline Tokens last_tokens(const std::vector<int>& tokens, size_t block_size) {
  todo("generate");  // TODO: at most block_size of them, from the end of the text
}

/// Continues a text by n tokens.
/// @param tokens   what has been said so far, at least one
/// @param on_token is told each new token at once, so that a program can print while the model thinks
/// @returns tokens, and n more
/// @throws std::invalid_argument if tokens is empty
template <LanguageModel Model>
std::vector<int> generate(const Model& model, std::vector<int> tokens, size_t n, Sampling sampling, Rng& rng,
                          const std::function<void(int)>& on_token = {}) {
  if (tokens.empty()) throw std::invalid_argument("generate: needs at least one token to continue, got none");
  todo("generate");  // TODO: predict, draw, append, and again
}

}  // namespace gpt
