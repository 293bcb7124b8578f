/// @file grouped_query_attention.hpp
/// Chapter 7. New idea: heads keep their own queries, and share keys and values.
#pragma once

#include <optional>
#include <stdexcept>

#include "03_multi_head_attention/batched_attention.hpp"
#include "07_since_the_paper/head_norm.hpp"
#include "07_since_the_paper/key_values.hpp"
#include "07_since_the_paper/rotate.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Causal attention of H heads of queries over G heads of keys and values, written out: n = H / G neighbours share.
/// Shapes: q (B, H, T, hs), k and v (B, G, T, hs) -> (B, H, T, hs).
inline Tensor grouped_attention_by_hand(const Tensor& q, const Tensor& k, const Tensor& v) {
  todo("grouped_query_attention");  // TODO: scores, mask, softmax, mixture
}

/// The newest position alone, which sees all: q (B, H, 1, hs), k and v (B, G, T, hs) -> (B, H, 1, hs).
inline Tensor newest_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  const size_t B = q.size(0), H = q.size(1), hs = q.size(3), G = k.size(1);
  const Tensor asked = matmul(reshape(q, {B, G, H / G, hs}), transpose(k));   // (B, G, n, T)
  const Tensor weights = softmax(asked / std::sqrt(static_cast<float>(hs)));  // no mask: there is no future
  return reshape(matmul(weights, v), {B, H, 1, hs});
}

/// Attention with fewer keys and values than queries (Ainslie et al. 2023, arXiv:2305.13245, section 2.2; one for all
/// heads: Shazeer 2019, arXiv:1911.02150, section 3), a norm for queries and keys and a rotation if asked for, and the
/// projection back into the stream.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: query.weight (C, C), key.weight (C, G hs), value.weight
/// (C, G hs), projection.weight (C, C), projection.bias if there is one, query_norm.gain and key_norm.gain (hs) if asked
/// for. Queries, keys and values have no bias, as in chapter 2.
class GroupedQueryAttention {
 public:
  /// @param C        channels, a multiple of H
  /// @param H        heads of queries, > 0, a multiple of G
  /// @param G        heads of keys and values, > 0
  /// @param bias     whether the projection has one
  /// @param qk_norm  whether queries and keys are normed
  /// @param rotation turns queries and keys, if there is one
  /// @param rng      draws the initial weights
  /// @throws std::invalid_argument if C is not a positive multiple of H, or H not one of G
  GroupedQueryAttention(size_t C, size_t H, size_t G, Bias bias, bool qk_norm,
                        std::optional<Rotation> rotation, Rng& rng)
      : C_(C),
        H_(H),
        G_(checked_groups(C, H, G)),
        rotation_(std::move(rotation)),
        query_(C, C, Bias::off, rng),
        key_(C, C / H * G, Bias::off, rng),
        value_(C, C / H * G, Bias::off, rng),
        projection_(C, C, bias, rng) {
    if (qk_norm) {
      query_norm_.emplace(C / H);
      key_norm_.emplace(C / H);
    }
  }

  /// @throws std::invalid_argument unless x is (B, T, C)
  Tensor operator()(const Tensor& x) const {
    require_shape("GroupedQueryAttention: x", x, {any, any, C_});
    todo("grouped_query_attention");  // TODO: queries, keys, values; attend; merge
  }

  /// The same for the positions after those remembered, which it adds to them: either the first, or one more.
  /// @throws std::invalid_argument if there are several and others are remembered already
  Tensor operator()(const Tensor& x, KeyValues& memory) const {
    const size_t first = memory.size(), n = x.size(1);
    if (first > 0 && n > 1) {
      throw std::invalid_argument(
          "GroupedQueryAttention: reads the first positions together, and one at a time after "
          "them, got " +
          std::to_string(n) + " after " + std::to_string(first));
    }
    const Tensor q = queries(x, first);                         // (B, H, n, hs)
    memory.append(keys(x, first), split_heads(value_(x), G_));  // (B, G, first + n, hs)
    return projection_(merge_heads(first == 0 ? causal_attention(q, memory.keys(), memory.values())
                                              : newest_attention(q, memory.keys(), memory.values())));
  }

  /// Its weights.
  Parameters parameters() const {
    Parameters all = collect("query", query_, "key", key_, "value", value_, "projection", projection_);
    if (query_norm_) append(all, "query_norm", *query_norm_);
    if (key_norm_) append(all, "key_norm", *key_norm_);
    return all;
  }

 private:
  static size_t checked_groups(size_t C, size_t H, size_t G) {
    require_multiple("GroupedQueryAttention", C, H);
    if (G == 0 || H % G != 0) {
      throw std::invalid_argument("GroupedQueryAttention: H must be a multiple of G, got H = " +
                                  std::to_string(H) + " and G = " + std::to_string(G));
    }
    return G;
  }

  // Normed, cut into heads and turned as positions first, first + 1, ...
  Tensor queries(const Tensor& x, size_t first) const {
    const Tensor q = query_(x);
    const Tensor heads = split_heads(query_norm_ ? (*query_norm_)(q) : q, H_);
    return rotation_ ? (*rotation_)(heads, first) : heads;
  }
  Tensor keys(const Tensor& x, size_t first) const {
    const Tensor k = key_(x);
    const Tensor heads = split_heads(key_norm_ ? (*key_norm_)(k) : k, G_);
    return rotation_ ? (*rotation_)(heads, first) : heads;
  }

  size_t C_, H_, G_;
  std::optional<Rotation> rotation_;
  Linear query_, key_, value_, projection_;
  std::optional<HeadNorm> query_norm_, key_norm_;
};

}  // namespace gpt
