/// @file nn.hpp
/// What the chapters' classes are made of: named weights, the linear layer and the embedding table.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/tensor/check.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"

namespace gpt {

/// A weight and its name, "blocks.0.attention.query.weight": checkpoints and error messages use it.
struct Parameter {
  std::string name;  ///< unique in its model
  Tensor tensor;     ///< a handle: writing to it changes the model
};

/// All weights of a module, in the order of declaration.
using Parameters = std::vector<Parameter>;

/// A part of a network: a plain class whose weights can be listed.
template <class M>
concept Module = requires(const M& module) {
  { module.parameters() } -> std::same_as<Parameters>;
};

/// Something that can be trained and can speak: from tokens (B, T), T at most block_size(), to the logits (B,
/// T, V) of the token after each position.
template <class M>
concept LanguageModel = Module<M> && requires(const M& model, const Tokens& tokens) {
  { model(tokens) } -> std::same_as<Tensor>;
  { model.block_size() } -> std::convertible_to<std::size_t>;
};

/// Adds one weight under its name.
inline void append(Parameters& all, const std::string& name, const Tensor& tensor) {
  all.push_back({name, tensor});
}

/// Adds a module's weights as "NAME.weight", "NAME.bias" and so on.
template <Module M>
void append(Parameters& all, const std::string& name, const M& module) {
  for (const Parameter& p : module.parameters()) all.push_back({name + "." + p.name, p.tensor});
}

/// Adds the weights of a list of modules as "NAME.0.weight", "NAME.1.weight" and so on.
template <Module M>
void append(Parameters& all, const std::string& name, const std::vector<M>& modules) {
  for (std::size_t i = 0; i < modules.size(); ++i) append(all, name + "." + std::to_string(i), modules[i]);
}

/// Names and parts in turn, in the order of declaration: `collect("query", query_, "key", key_)`. A part is a
/// tensor, a module or a vector of modules.
template <class Part, class... Rest>
Parameters collect(const char* name, const Part& part, const Rest&... rest) {
  Parameters all;
  append(all, name, part);
  if constexpr (sizeof...(rest) > 0) {
    Parameters more = collect(rest...);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

/// Number of weights, counted one by one.
inline std::size_t count(const Parameters& parameters) {
  std::size_t n = 0;
  for (const Parameter& p : parameters) n += p.tensor.size();
  return n;
}

/// Does a layer add an offset of its own to each output?
enum class Bias { off, on };

/// A linear layer: y = x W + b. Shapes: (..., in) -> (..., out). Parameters, in order: weight (in, out), bias
/// (out) if there is one.
class Linear {
 public:
  /// Weights start uniform in +-1/sqrt(in), PyTorch's default, which keeps the size of what passes through.
  /// @throws std::invalid_argument if in or out is 0
  Linear(std::size_t in, std::size_t out, Bias bias, Rng& rng)
      : bias_(bias),
        weight_(Tensor::uniform({require_positive("Linear: in", in), require_positive("Linear: out", out)},
                                -1.0f / std::sqrt(static_cast<float>(in)),
                                1.0f / std::sqrt(static_cast<float>(in)), rng)
                    .require_grad()),
        offset_(bias == Bias::on ? Tensor::uniform({out}, -1.0f / std::sqrt(static_cast<float>(in)),
                                                   1.0f / std::sqrt(static_cast<float>(in)), rng)
                                       .require_grad()
                                 : Tensor::zeros({out})) {}

  /// @throws std::invalid_argument unless x is (..., in)
  Tensor operator()(const Tensor& x) const {
    return bias_ == Bias::on ? linear(x, weight_, offset_) : linear(x, weight_);
  }

  /// Handles to the weights, not copies: the optimiser writes through them.
  Parameters parameters() const {
    return bias_ == Bias::on ? collect("weight", weight_, "bias", offset_) : collect("weight", weight_);
  }

 private:
  Bias bias_;
  Tensor weight_;  // (in, out)
  Tensor offset_;  // (out), left out of parameters() when bias is off
};

/// A table with one row of C numbers for each of n ids. Shapes: (B, T) ids -> (B, T, C).
/// Parameters: weight (n, C).
class Embedding {
 public:
  /// Rows start as normal draws of standard deviation 1, PyTorch's default.
  /// @throws std::invalid_argument if n or C is 0
  Embedding(std::size_t n, std::size_t C, Rng& rng)
      : weight_(Tensor::normal({require_positive("Embedding: n", n), require_positive("Embedding: C", C)},
                               /*standard_deviation=*/1.0f, rng)
                    .require_grad()) {}

  /// @throws std::invalid_argument if an id is not in [0, n)
  Tensor operator()(const Tokens& tokens) const { return embedding(weight_, tokens); }

  const Tensor& weight() const { return weight_; }                      ///< the table, (n, C)
  Parameters parameters() const { return collect("weight", weight_); }  ///< handles to the weights

 private:
  Tensor weight_;  // (n, C)
};

}  // namespace gpt
