/// @file cached_modern_gpt.hpp
/// Chapter 7. Speaking with what was worked out before: a model's own parts, and what they remember.
#pragma once

#include <functional>
#include <stdexcept>

#include "06_gpt/cached_gpt.hpp"
#include "07_since_the_paper/key_values.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// The forward pass of a ModernGPT for the newest tokens only (chapter 6's CachedGPT, and Pope et al. 2022,
/// arXiv:2211.05102, section 2). With G heads of keys and values for H of queries it holds G / H as many numbers.
class CachedModernGPT {
 public:
  /// @param model whose parts are used; it must outlive this object
  explicit CachedModernGPT(const ModernGPT& model) : model_(&model), memory_(model.sizes().L) {}

  size_t size() const { return memory_.front().size(); }         ///< positions in the cache
  void clear() { memory_.assign(memory_.size(), KeyValues{}); }  ///< forgets all of them

  /// Takes in the next tokens of the text. @returns the logits (V) of the token after them
  /// @throws std::invalid_argument if there are none, or more than block_size - size()
  std::vector<float> read(const std::vector<int>& tokens) {
    if (tokens.empty() || size() + tokens.size() > model_->block_size()) {
      throw std::invalid_argument("CachedModernGPT::read: needs 1 to " +
                                  std::to_string(model_->block_size() - size()) + " tokens, got " +
                                  std::to_string(tokens.size()));
    }
    const NoGrad no_grad;
    if (size() == 0) return numbers(model_->read(tokens, memory_));  // all at once
    for (size_t i = 0; i + 1 < tokens.size(); ++i) model_->read({tokens[i]}, memory_);
    return numbers(model_->read({tokens.back()}, memory_));
  }

 private:
  static std::vector<float> numbers(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

  const ModernGPT* model_;
  std::vector<KeyValues> memory_;  // one for each block
};

/// generate() of chapter 1 with the cache, which is emptied when it is full, as in chapter 6: rotation could go on, but the
/// model has never seen places beyond its context.
/// @throws std::invalid_argument if tokens is empty
inline std::vector<int> generate(const ModernGPT& model, std::vector<int> tokens, size_t n, Sampling sampling,
                                 Rng& rng, const std::function<void(int)>& on_token = {}) {
  return generate_with(CachedModernGPT(model), model.block_size(), std::move(tokens), n, sampling, rng,
                       on_token);
}

}  // namespace gpt
