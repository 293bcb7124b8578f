/// @file cached_gpt.hpp
/// Chapter 6. Speaking without thinking everything over: what a position's keys and values are never changes
/// again, so they are worked out once and kept.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

#include "01_bigram/generate.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "common/gpt.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/precision.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// The forward pass of a GPTLanguageModel for the newest tokens only, with a key/value cache (Pope et al.
/// 2022, arXiv:2211.05102, section 2).
///
/// A causal model's earlier positions never look at later ones: one more token changes nothing about them. To
/// predict the token after it, the new position needs its own query, and the keys and values of all positions
/// before it, which are in the cache. That is T times less work than the whole window at every token.
class CachedGPT {
 public:
  /// @param model whose weights are looked up by name; it must outlive this object
  explicit CachedGPT(const GPTLanguageModel& model) : sizes_(model.sizes()) {
    for (const Parameter& p : model.parameters()) weights_.insert_or_assign(p.name, p.tensor);
    keys_.assign(sizes_.L, std::vector<float>(sizes_.block_size * sizes_.C));
    values_ = keys_;
  }

  size_t size() const { return size_; }  ///< positions in the cache
  void clear() { size_ = 0; }            ///< forgets all of them

  /// Takes in the next tokens of the text. @returns the logits (V) of the token after them
  /// @throws std::invalid_argument if there are none, or more than block_size - size()
  std::vector<float> read(const std::vector<int>& tokens) {
    const size_t n = tokens.size();
    if (n == 0 || size_ + n > sizes_.block_size) {
      throw std::invalid_argument("CachedGPT::read: needs 1 to " + std::to_string(sizes_.block_size - size_) +
                                  " tokens, got " + std::to_string(n));
    }
    const NoGrad no_grad;
    const Tensor where = slice(weight("position_embedding.weight"), 0, size_, size_ + n);  // (n, C)
    Tensor x = embedding(weight("token_embedding.weight"), Tokens{1, n, tokens}) + where;  // (1, n, C)
    for (size_t l = 0; l < sizes_.L; ++l) {
      const std::string block = "blocks." + std::to_string(l) + ".";
      x = x + project(block + "attention.", attend(l, block, norm(block + "norm_1.", x)));
      x = x + project(block + "feed_forward.",
                      relu(layer(block + "feed_forward.hidden.", norm(block + "norm_2.", x))));
    }
    size_ += n;
    const Tensor last = slice(x, 1, n - 1, n);  // (1, 1, C): only the newest position is asked
    const Tensor logits = layer("output.", norm("norm.", last));
    return {logits.values().begin(), logits.values().end()};
  }

 private:
  const Tensor& weight(const std::string& name) const { return weights_.at(name); }
  Tensor norm(const std::string& name, const Tensor& x) const {
    return layer_norm(x, weight(name + "gain"), weight(name + "bias"));
  }
  Tensor layer(const std::string& name, const Tensor& x) const {
    return linear(x, weight(name + "weight"), weight(name + "bias"));
  }
  Tensor project(const std::string& name, const Tensor& x) const { return layer(name + "projection.", x); }

  /// Causal attention of the new positions over the cached ones and themselves: (1, n, C) -> (1, n, C).
  Tensor attend(size_t l, const std::string& block, const Tensor& x) {
    [[maybe_unused]] const size_t C = sizes_.C, hs = C / sizes_.H, n = x.size(1);
    const Tensor q = linear(x, weight(block + "attention.query.weight"));
    const Tensor k = linear(x, weight(block + "attention.key.weight"));
    const Tensor v = linear(x, weight(block + "attention.value.weight"));
    const std::span<const float> queries = q.values();  // n rows of C each, as are keys and values
    const std::span<const float> keys = k.values(), values = v.values();
    const Tensor out = Tensor::zeros(x.shape());
    const std::span<float> results = out.mutable_values();
    // TODO: for each new position i of n: its keys and values go to position size_ + i of keys_[l] and values_[l]; then each
    // of its heads asks all positions up to itself, and the mixtures go to its C numbers of `results`.
    todo("key_value_cache");
    return out;
  }

  GPTSizes sizes_;
  std::map<std::string, Tensor> weights_;
  std::vector<std::vector<float>> keys_;  // for each block (C, block_size), of which size_ columns are filled
  std::vector<std::vector<float>> values_;  // for each block (block_size, C), of which size_ rows are filled
  size_t size_ = 0;
  std::vector<float> scores_;
};

/// Does the cache say what the model itself says of these tokens? Not if the model's blocks were changed:
/// CachedGPT knows the usual ones alone.
inline bool cache_agrees(const GPTLanguageModel& model, const std::vector<int>& tokens) {
  const NoGrad no_grad;
  const WithPrecision exact(Precision::float32);  // or roundings would have to be told from changes
  const Tokens window = last_tokens(tokens, model.block_size());
  const Tensor all = model(window);  // (1, T, V)
  const std::span<const float> logits = last_row(all);
  try {
    CachedGPT cache(model);
    const std::vector<float> cached = cache.read(window.ids);
    return std::equal(cached.begin(), cached.end(), logits.begin(), logits.end(), [](float a, float b) {
      return std::abs(a - b) <= 1e-3f * std::max(1.0f, std::abs(b));
    });
  } catch (const std::logic_error&) {
    return false;  // weights under other names, or of other shapes
  }
}

/// generate() of chapter 1 with a cache, which can say its size(), clear() itself and read() tokens. When it is full, the
/// older half of the text is forgotten and the newer half read again at its new positions, since a position's number is
/// part of its embedding.
/// @throws std::invalid_argument if tokens is empty
template <class Cache>
std::vector<int> generate_with(Cache cache, size_t block_size, std::vector<int> tokens, size_t n,
                               Sampling sampling, Rng& rng, const std::function<void(int)>& on_token) {
  if (tokens.empty()) throw std::invalid_argument("generate: needs at least one token to continue, got none");
  std::vector<int> unread = last_tokens(tokens, block_size).ids;
  for (size_t i = 0; i < n; ++i) {
    if (cache.size() + unread.size() > block_size) {
      cache.clear();
      unread = last_tokens(tokens, std::max<size_t>(1, block_size / 2)).ids;
    }
    const std::vector<float> logits = cache.read(unread);
    unread = {sample(keep_top_k(logits, sampling.top_k), sampling.temperature, rng)};
    tokens.push_back(unread.front());
    if (on_token) on_token(tokens.back());
  }
  return tokens;
}

/// generate() for a GPT, with the cache. A model whose blocks were changed speaks without it.
/// @throws std::invalid_argument if tokens is empty
inline std::vector<int> generate(const GPTLanguageModel& model, std::vector<int> tokens, size_t n,
                                 Sampling sampling, Rng& rng, const std::function<void(int)>& on_token = {}) {
  if (!tokens.empty() && !cache_agrees(model, tokens))
    return generate<GPTLanguageModel>(model, std::move(tokens), n, sampling, rng, on_token);
  return generate_with(CachedGPT(model), model.block_size(), std::move(tokens), n, sampling, rng, on_token);
}

}  // namespace gpt
