/// @file inside.hpp
/// Every tensor of one forward pass, in the order in which they come.
///
/// The chapters' code names the tensors that its figures show. Those in between follow from them and the weights, by
/// the operations of the class that has them: norms, queries, keys and values, mixtures, projections.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "03_multi_head_attention/batched_attention.hpp"  // merge_heads, split_heads
#include "common/nn/nn.hpp"                               // Parameters
#include "common/tensor/ops.hpp"     // embedding, layer_norm, linear, matmul, rms_norm, slice, softmax
#include "common/tensor/tensor.hpp"  // NoGrad, Tensor, Tokens
#include "common/tensor/trace.hpp"   // TracedTensor, Trace
#include "program/any_model.hpp"     // AnyModel

namespace gpt {

/// Weights by name, whatever stands before it: "blocks.0.norm_1.gain" is "body.blocks.0.norm_1.gain" in chapter 5.
class WeightsByName {
 public:
  /// @param all a model's parameters
  explicit WeightsByName(Parameters all) : all_(std::move(all)) {}

  /// @returns the weight, or null if there is none by that name
  const Tensor* find(const std::string& name) const {
    for (const Parameter& p : all_) {
      if (p.name == name || p.name == "body." + name) return &p.tensor;
    }
    return nullptr;
  }
  /// x through the layer of this name; without a bias if it has none.
  Tensor layer(const std::string& name, const Tensor& x) const {
    const Tensor *weight = find(name + ".weight"), *bias = find(name + ".bias");
    return bias ? linear(x, *weight, *bias) : linear(x, *weight);
  }
  /// x through the norm of this name; x itself if there is none.
  Tensor norm(const std::string& name, const Tensor& x) const {
    const Tensor *gain = find(name + ".gain"), *bias = find(name + ".bias");
    if (gain == nullptr) return x;
    return bias ? layer_norm(x, *gain, *bias) : rms_norm(x, *gain);
  }

 private:
  Parameters all_;
};

/// All tensors of model(tokens). Of models whose attention is chapter 3's BatchedAttention all there are, of the
/// others those that their code names, between the embeddings and the probabilities.
///
/// Names, for one text of T tokens: "what" and, if places have a table, "where" (T, C), "embedded" (1, T, C); for each block, after "blocks.0.",
/// norm_1 (1, T, C), query, key, value (1, H, T, hs), scores, masked, weights (1, H, T, T), mixture (1, H, T, hs),
/// merged, attention_projection, read, norm_2 (1, T, C), before_relu, hidden (1, T, 4 C), feed_forward_projection,
/// thought (1, T, C); then norm (1, T, C), logits and probabilities (1, T, V).
/// @param H heads of each block
inline std::vector<TracedTensor> inside(const AnyModel& model, const Tokens& tokens, std::size_t H) {
  const NoGrad no_grad;
  std::vector<TracedTensor> noted;
  Tensor logits = Tensor::zeros({});
  {
    const Trace trace;
    logits = model(tokens);
    noted = trace.noted();
  }

  const WeightsByName weights(model.parameters());
  std::vector<TracedTensor> all;
  const auto add = [&](const std::string& name, const Tensor& x) {
    all.push_back({name, x});
    return x;
  };
  Tensor x = Tensor::zeros({});  // the stream, as far as it has come
  if (const Tensor* table = weights.find("token_embedding.weight")) {
    const Tensor what = add("what", embedding(*table, tokens));
    const Tensor* places = weights.find("position_embedding.weight");
    x = places ? what + add("where", slice(*places, 0, 0, tokens.T)) : what;
    if (noted.empty() || noted.front().name != "embedded") add("embedded", x);
  }

  Tensor value = x;
  for (const TracedTensor& one : noted) {
    const std::size_t dot = one.name.rfind('.');
    const std::string place = dot == std::string::npos ? "" : one.name.substr(0, dot + 1);
    const std::string name = one.name.substr(place.size());
    // Chapter 7's attention and gates have their own operations: there, what their code names has to do.
    const bool modern = weights.find(place + "attention.query_norm.gain") != nullptr;
    const bool batched = !modern && weights.find(place + "attention.query.weight") != nullptr;
    const bool projected = !modern && weights.find(place + "feed_forward.projection.weight") != nullptr;
    const bool normed = weights.find(place + "norm_1.gain") != nullptr;
    if (name == "scores" && batched) {
      const Tensor input = weights.norm(place + "norm_1", x);
      if (normed) add(place + "norm_1", input);
      add(place + "query", split_heads(weights.layer(place + "attention.query", input), H));
      add(place + "key", split_heads(weights.layer(place + "attention.key", input), H));
      value = add(place + "value", split_heads(weights.layer(place + "attention.value", input), H));
    }
    if (name == "hidden" && projected) {
      const Tensor input = weights.norm(place + "norm_2", x);
      if (normed) add(place + "norm_2", input);
      add(place + "before_relu", weights.layer(place + "feed_forward.hidden", input));
    }
    if (name != "read" || !batched) add(one.name, one.tensor);
    if (name == "weights" && batched) {
      const Tensor mixture = add(place + "mixture", matmul(one.tensor, value));
      const Tensor merged = add(place + "merged", merge_heads(mixture));
      add(place + "attention_projection", weights.layer(place + "attention.projection", merged));
      // A block names it at its end, with what it has thought; but this is where it comes to be.
      const auto is_read = [&](const TracedTensor& other) { return other.name == place + "read"; };
      x = add(place + "read", std::find_if(noted.begin(), noted.end(), is_read)->tensor);
    }
    if (name == "hidden" && projected)
      add(place + "feed_forward_projection", weights.layer(place + "feed_forward.projection", one.tensor));
    if (name == "embedded" || name == "thought") x = one.tensor;
  }
  if (weights.find("norm.gain")) add("norm", weights.norm("norm", x));
  add("logits", logits);
  add("probabilities", softmax(logits));
  return all;
}

}  // namespace gpt
