/// @file adamw.hpp
/// The optimiser: turns gradients into steps.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "common/nn/nn.hpp"

namespace gpt {

/// The numbers of AdamW; the defaults are PyTorch's.
struct AdamWOptions {
  float beta1 = 0.9f;          ///< how slowly the mean gradient forgets, in [0, 1)
  float beta2 = 0.999f;        ///< how slowly the mean squared gradient forgets, in [0, 1)
  float epsilon = 1e-8f;       ///< keeps the step finite where gradients are tiny, > 0
  float weight_decay = 0.01f;  ///< share of each weight taken off a step, times the learning rate, >= 0
  float clip = 0.0f;           ///< largest norm of all gradients together; 0 for no limit
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; Kingma and Ba
/// 2015, arXiv:1412.6980).
class AdamW {
 public:
  /// @throws std::invalid_argument if an option is out of its range
  explicit AdamW(Parameters parameters, AdamWOptions options = {});

  /// Forgets all gradients.
  void zero_grad();

  /// Calls f at the beginning of every step, between backward() and the move: the place where many machines add up
  /// their gradients.
  void before_step(std::function<void()> f) { before_step_ = std::move(f); }

  /// Moves every weight that has a gradient. @param lr learning rate, >= 0
  /// @returns the norm of all gradients together, before clipping
  float step(float lr);

  std::size_t steps() const { return steps_; }           ///< steps done so far
  void set_steps(std::size_t steps) { steps_ = steps; }  ///< for a run that goes on from a checkpoint
  /// The running means, named "optimizer.mean.NAME" and "optimizer.square.NAME": with steps(), what a run
  /// needs to go on as if it had never stopped.
  Parameters state() const;

 private:
  Parameters parameters_;
  AdamWOptions options_;
  std::function<void()> before_step_;
  std::vector<Tensor> means_, squares_;  // running means of g and of g * g
  std::size_t steps_ = 0;
};

}  // namespace gpt
