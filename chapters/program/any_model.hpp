/// @file any_model.hpp
/// The models of all chapters as one class, for code that is compiled once and serves them all.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "01_bigram/generate.hpp"    // generate, Sampling
#include "common/nn/nn.hpp"          // LanguageModel, Parameters
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor, Tokens

namespace gpt {

/// Some chapter's model, which is a LanguageModel itself: it passes on whatever it is asked.
class AnyModel {
 public:
  /// @param model must outlive this object
  template <LanguageModel Model>
  AnyModel(const Model& model)
      : block_size_(model.block_size()),
        parameters_(model.parameters()),
        predict_([&model](const Tokens& tokens) { return model(tokens); }),
        speak_([&model](std::vector<int> tokens, std::size_t n, Sampling sampling, Rng& rng,
                        const std::function<void(int)>& on_token) {
          return generate(model, std::move(tokens), n, sampling, rng, on_token);  // chapter 6 has its own
        }) {}

  Tensor operator()(const Tokens& tokens) const { return predict_(tokens); }  ///< the model's logits
  Parameters parameters() const { return parameters_; }                       ///< handles to its weights
  std::size_t block_size() const { return block_size_; }                      ///< the most it looks back

  /// The model's own generate().
  std::vector<int> speak(std::vector<int> tokens, std::size_t n, Sampling sampling, Rng& rng,
                         const std::function<void(int)>& on_token) const {
    return speak_(std::move(tokens), n, sampling, rng, on_token);
  }

 private:
  std::size_t block_size_;
  Parameters parameters_;
  std::function<Tensor(const Tokens&)> predict_;
  std::function<std::vector<int>(std::vector<int>, std::size_t, Sampling, Rng&,
                                 const std::function<void(int)>&)>
      speak_;
};

/// generate() of chapter 1 for whatever model this is.
inline std::vector<int> generate(const AnyModel& model, std::vector<int> tokens, std::size_t n,
                                 Sampling sampling, Rng& rng, const std::function<void(int)>& on_token = {}) {
  return model.speak(std::move(tokens), n, sampling, rng, on_token);
}

}  // namespace gpt
