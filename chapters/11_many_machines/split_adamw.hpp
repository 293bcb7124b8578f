/// @file split_adamw.hpp
/// Chapter 11. Gradients and weights have to be everywhere; what the optimiser remembers of them does not.
#pragma once

#include <stdexcept>

#include "11_many_machines/ranks.hpp"
#include "common/nn/adamw.hpp"

namespace gpt {

/// The weights that are one rank's business: those that begin in its P-th of all numbers. Parts are of one size, give or
/// take a weight; together they are all weights, in their order.
inline Parameters part_of(const Parameters& weights, size_t rank, size_t P) {
  Parameters part;
  size_t before = 0;
  for (const Parameter& p : weights) {
    if (before * P / count(weights) == rank) part.push_back(p);
    before += p.tensor.size();
  }
  return part;
}

/// AdamW whose running means lie on P ranks, a part on each (Rajbhandari et al. 2020, arXiv:1910.02054, section 5.1,
/// where it is the first stage of ZeRO). A rank moves its own weights alone, and then hands them on around the ring.
/// All ranks' weights are those of one AdamW, to the bit.
class SplitAdamW {
 public:
  /// @param weights the same on all ranks
  /// @param ranks   must outlive this
  /// @throws std::invalid_argument if gradients are to be clipped: their norm is that of all of them
  SplitAdamW(Parameters weights, Ranks& ranks, AdamWOptions options = {})
      : weights_(std::move(weights)),
        ranks_(ranks),
        own_(part_of(weights_, ranks.rank(), ranks.size()), options) {
    if (options.clip > 0)
      throw std::invalid_argument("SplitAdamW: clip must be 0, since no rank sees the whole norm");
  }

  /// Forgets all gradients.
  void zero_grad() {
    for (const Parameter& p : weights_) p.tensor.zero_grad();
  }
  /// Calls f at the beginning of every step: the gradients are averaged there.
  void before_step(std::function<void()> f) { own_.before_step(std::move(f)); }

  /// Moves every weight that has a gradient, each by the rank whose it is. @param lr learning rate, >= 0
  void step(float lr) {
    own_.step(lr);
    //! [hand_on]
    const size_t P = ranks_.size(), r = ranks_.rank();
    std::vector<float> going = numbers(part_of(weights_, r, P)), came;
    for (size_t turn = 0; turn + 1 < P; ++turn) {
      const Parameters part = part_of(weights_, (P + r - turn - 1) % P, P);
      came.resize(count(part));
      ranks_.pass_on(going, came);
      const float* number = came.data();
      for (const auto& [name, weight] : part) {
        for (float& w : weight.mutable_values()) w = *number++;
      }
      std::swap(going, came);
    }
    //! [hand_on]
  }

  size_t steps() const { return own_.steps(); }            ///< steps done so far
  void set_steps(size_t steps) { own_.set_steps(steps); }  ///< for a run that goes on from a checkpoint
  Parameters state() const { return own_.state(); }        ///< handles to this rank's running means

 private:
  static std::vector<float> numbers(const Parameters& part) {
    std::vector<float> all;
    for (const auto& [name, weight] : part) {
      all.insert(all.end(), weight.values().begin(), weight.values().end());
    }
    return all;
  }

  Parameters weights_;
  Ranks& ranks_;
  AdamW own_;
};

/// What all ranks' optimisers remember, as one AdamW of all weights would: on rank 0; on the others, nothing.
/// @param weights the same on all ranks
/// @param own     SplitAdamW::state() of this rank
inline Parameters whole_state(const Parameters& weights, const Parameters& own, Ranks& ranks) {
  Parameters whole;
  for (size_t r = 0; r < ranks.size(); ++r) {
    const bool mine = r == ranks.rank();
    for (const auto& [name, mean] : mine ? own : AdamW(part_of(weights, r, ranks.size())).state()) {
      std::vector<float> numbers(mean.size(), -0.0f);  // which adds nothing, not even to another -0
      if (mine) numbers.assign(mean.values().begin(), mean.values().end());
      ranks.sum(numbers);
      if (ranks.rank() == 0) whole.push_back({name, Tensor::from(mean.shape(), numbers)});
    }
  }
  return whole;
}

}  // namespace gpt
