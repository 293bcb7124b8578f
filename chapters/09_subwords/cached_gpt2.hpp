/// @file cached_gpt2.hpp
/// Chapter 9. GPT-2 speaks with its weights as they are stored, in 32, 16 or 8 bits.
#pragma once

#include <functional>
#include <stdexcept>

#include "06_gpt/cached_gpt.hpp"  // generate_with
#include "09_subwords/gpt2.hpp"
#include "common/gpt.hpp"
#include "common/tensor/stored_matrix.hpp"  // StoredWeights, row_times, times_column

namespace gpt {

/// The forward pass of GPT2 for the newest tokens only, as chapter 6's CachedGPT. Each token reads every weight once: so
/// the fewer bytes a weight has, the sooner it is said.
class CachedGPT2 {
 public:
  /// @param weights by their published names; what they point to must outlive this object. In int8, matrices are (out, in)
  CachedGPT2(const GPT2Sizes& sizes, StoredWeights weights)
      : sizes_(sizes), weights_(std::move(weights)), keys_(sizes.L), values_(sizes.L) {}

  size_t size() const { return size_; }  ///< positions in the cache

  /// Forgets all of them.
  void clear() {
    size_ = 0;
    for (auto* cache : {&keys_, &values_})
      for (std::vector<float>& of_block : *cache) of_block.clear();
  }

  /// Takes in the next tokens of the text. @returns the logits (V) of the token after them
  /// @throws std::invalid_argument if there are none, or more than block_size - size(), or an id is not in [0, V)
  /// @throws std::runtime_error if a logit is no number, as with broken weights
  std::vector<float> read(const std::vector<int>& tokens) {
    const size_t n = tokens.size();
    if (n == 0 || size_ + n > sizes_.block_size) {
      throw std::invalid_argument("CachedGPT2::read: needs 1 to " +
                                  std::to_string(sizes_.block_size - size_) + " tokens, got " +
                                  std::to_string(n));
    }
    const NoGrad no_grad;
    //! [read]
    Tensor x = embedded(tokens);  // (n, C)
    for (size_t l = 0; l < sizes_.L; ++l) {
      const std::string block = "h." + std::to_string(l) + ".";
      const Tensor qkv = layer(block + "attn.c_attn", norm(block + "ln_1", x));        // (n, 3C)
      x = x + layer(block + "attn.c_proj", attend(l, qkv));                            // (n, C)
      const Tensor hidden = gelu(layer(block + "mlp.c_fc", norm(block + "ln_2", x)));  // (n, 4C)
      x = x + layer(block + "mlp.c_proj", hidden);                                     // (n, C)
    }
    size_ += n;
    const Tensor last = norm("ln_f", slice(x, 0, n - 1, n));  // (1, C): only the newest is asked
    std::vector<float> logits(sizes_.V);
    times_column(weights_.at("wte.weight"), last.values().data(), logits.data());  // the table (V, C) again
    //! [read]
    for (const float logit : logits) {
      if (!std::isfinite(logit))
        throw std::runtime_error("CachedGPT2::read: a logit is no number - are the weights whole?");
    }
    return logits;
  }

 private:
  /// A row of the token table and one of the position table, for each: (n, C).
  Tensor embedded(const std::vector<int>& tokens) const {
    const size_t C = sizes_.C;
    const Tensor x = Tensor::zeros({tokens.size(), C});
    std::vector<float> where(C);
    for (size_t i = 0; i < tokens.size(); ++i) {
      const int id = tokens[i];
      if (id < 0 || size_t(id) >= sizes_.V) {
        throw std::invalid_argument("CachedGPT2::read: ids must be in [0, " + std::to_string(sizes_.V) +
                                    "), got " + std::to_string(id));
      }
      float* const row = &x.mutable_values()[i * C];
      widen(weights_.at("wte.weight"), size_t(id) * C, C, row);
      widen(weights_.at("wpe.weight"), (size_ + i) * C, C, where.data());
      for (size_t c = 0; c < C; ++c) row[c] += where[c];
    }
    return x;
  }

  Tensor vector(const std::string& name) const {
    const StoredMatrix& stored = weights_.at(name);
    const Tensor x = Tensor::zeros({stored.columns});
    widen(stored, 0, stored.columns, x.mutable_values().data());
    return x;
  }

  Tensor norm(const std::string& name, const Tensor& x) const {
    return layer_norm(x, vector(name + ".weight"), vector(name + ".bias"));
  }

  /// x W + b: (n, in) -> (n, out).
  Tensor layer(const std::string& name, const Tensor& x) {
    const StoredMatrix& W = weights_.at(name + ".weight");  // (in, out), in int8 (out, in)
    const bool turned = W.type == NumberType::int8;
    const size_t n = x.size(0), in = x.size(1), out = turned ? W.rows : W.columns;
    const Tensor y = Tensor::zeros({n, out});
    const float* const numbers = x.values().data();
    float* const results = y.mutable_values().data();
    constexpr size_t few = 4;  // rows for which W is read again
    for (size_t i = 0; i < n && n <= few; ++i) {
      if (turned) {
        times_column(W, numbers + i * in, results + i * out);
      } else {
        row_times(numbers + i * in, W, results + i * out);
      }
    }
    if (n > few) {  // a prompt: one product for all of it
      wide_.resize(W.type == NumberType::float32 ? 0 : W.rows * W.columns);
      if (!wide_.empty()) widen(W, 0, wide_.size(), wide_.data());
      gemm(Trans::no, turned ? Trans::yes : Trans::no, n, out, in, 1.0f, numbers, in,
           wide_.empty() ? static_cast<const float*>(W.numbers) : wide_.data(), W.columns, /*beta=*/0.0f,
           results, out);
    }
    return y + vector(name + ".bias");
  }

  /// Causal attention of the new positions over the cached ones and themselves: (n, 3C) -> (n, C).
  Tensor attend(size_t l, const Tensor& qkv) {
    const size_t C = sizes_.C, hs = C / sizes_.H, n = qkv.size(0);
    const std::span<const float> all = qkv.values();
    const Tensor out = Tensor::zeros({n, C});
    const std::span<float> results = out.mutable_values();
    const float scale = 1.0f / std::sqrt(float(hs));
    std::vector<float>&keys = keys_[l], &values = values_[l];  // (T, C) each
    for (size_t i = 0; i < n; ++i) {
      const float* const query = &all[i * 3 * C];
      keys.insert(keys.end(), query + C, query + 2 * C);
      values.insert(values.end(), query + 2 * C, query + 3 * C);
      const size_t T = size_ + i + 1;  // how many this position sees
      scores_.resize(T);
      for (size_t first = 0; first < C; first += hs) {  // each head's first channel
        // (1, hs) @ (hs, T) -> (1, T); then softmax; then (1, T) @ (T, hs) -> (1, hs)
        gemm(Trans::no, Trans::yes, 1, T, hs, scale, query + first, hs, &keys[first], C, /*beta=*/0.0f,
             scores_.data(), T);
        const std::vector<float> weights = probabilities(scores_, /*temperature=*/1);
        gemm(Trans::no, Trans::no, 1, hs, T, 1.0f, weights.data(), T, &values[first], C, /*beta=*/0.0f,
             &results[i * C + first], hs);
      }
    }
    return out;
  }

  GPT2Sizes sizes_;
  StoredWeights weights_;
  std::vector<std::vector<float>> keys_, values_;  // for each block (T, C), which grows
  size_t size_ = 0;
  std::vector<float> scores_, wide_;
};

/// A model's weights where they are, under their published names.
inline StoredWeights stored_weights(const GPT2& model) {
  StoredWeights weights;
  for (const Parameter& p : model.parameters()) {
    const size_t columns = p.tensor.size(-1);
    weights[published_name(p.name)] = {NumberType::float32, p.tensor.values().data(),
                                       p.tensor.size() / columns, columns, nullptr};
  }
  return weights;
}

/// generate() of chapter 1 for GPT-2, with the cache.
/// @throws std::invalid_argument if tokens is empty
inline std::vector<int> generate(const GPT2& model, std::vector<int> tokens, size_t n, Sampling sampling,
                                 Rng& rng, const std::function<void(int)>& on_token = {}) {
  return generate_with(CachedGPT2(model.sizes(), stored_weights(model)), model.block_size(),
                       std::move(tokens), n, sampling, rng, on_token);
}

}  // namespace gpt
