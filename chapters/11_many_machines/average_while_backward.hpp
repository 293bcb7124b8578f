/// @file average_while_backward.hpp
/// Chapter 11. The last block's gradients are there long before the first's: they can travel meanwhile.
#pragma once

#include <list>

#include "11_many_machines/ranks.hpp"

namespace gpt {

/// Averages gradients over all ranks while backward() still works: as soon as a bucket of them is full, its sum
/// begins, and the next gradients are computed while it is under way (Li et al. 2020, arXiv:2006.15704, section
/// 3.2.3).
class AverageWhileBackward {
 public:
  /// From now on every backward() that reaches these weights begins their sums. All ranks compute the same model,
  /// so their gradients come in the same order, and the buckets of all ranks hold the same weights.
  /// @param weights what is averaged; each must want a gradient
  /// @param ranks   must outlive this
  /// @param bucket  numbers that are worth a message of their own, > 0
  AverageWhileBackward(Parameters weights, Ranks& ranks, size_t bucket)
      : weights_(std::move(weights)), ranks_(ranks), bucket_(require_positive("bucket", bucket)) {
    for (const auto& [name, weight] : weights_) {
      const Tensor& w = weight;
      w.on_gradient([this, w] { collect_gradient(w); });
    }
  }
  ~AverageWhileBackward() {
    for (const auto& [name, weight] : weights_) weight.on_gradient({});
  }
  AverageWhileBackward(const AverageWhileBackward&) = delete;
  AverageWhileBackward& operator=(const AverageWhileBackward&) = delete;

  /// Waits for the sums and puts the means in the gradients' place: to be called between backward() and step().
  void finish() {
    //! [finish]
    send();
    ranks_.finish_sums();
    for (const Bucket& bucket : under_way_) {
      const float* sum = bucket.numbers.data();
      for (const Tensor& weight : bucket.weights) {
        for (float& g : weight.mutable_grad()) g = *sum++ / float(ranks_.size());
      }
    }
    under_way_.clear();
    //! [finish]
  }

 private:
  struct Bucket {
    std::vector<Tensor> weights;
    std::vector<float> numbers;  // their gradients, one behind the other
  };

  //! [collect]
  void collect_gradient(const Tensor& weight) {
    const std::span<const float> gradient = weight.grad();
    open_.weights.push_back(weight);
    open_.numbers.insert(open_.numbers.end(), gradient.begin(), gradient.end());
    if (open_.numbers.size() >= bucket_) send();
  }

  void send() {
    if (open_.weights.empty()) return;
    under_way_.push_back(std::exchange(open_, {}));
    ranks_.begin_sum(under_way_.back().numbers);
  }
  //! [collect]

  Parameters weights_;
  Ranks& ranks_;
  size_t bucket_;
  Bucket open_;
  std::list<Bucket> under_way_;  // a list, so that what is being sent stays where it is
};

}  // namespace gpt
