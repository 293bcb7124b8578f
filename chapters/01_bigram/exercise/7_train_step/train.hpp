/// @file train.hpp
/// Chapter 1. Learning: guess, measure, ask every weight for its share of the error, move each a little.
#pragma once

#include <concepts>
#include <functional>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "common/gpt.hpp"
#include "common/nn/optimizer.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// What there is to learn: whatever batches can be drawn from. Here it is a text.
template <class T>
concept Task = requires(const T& task, size_t n, Rng& rng) {
  { task.sample(/*B=*/n, /*T=*/n, rng) } -> std::same_as<Batch>;
};

/// How to train.
struct Training {
  size_t B;                         ///< windows in a batch
  size_t T;                         ///< characters in a window
  size_t steps;                     ///< the number of the last step
  std::function<float(size_t)> lr;  ///< learning rate at a step
};

/// Trains from optimizer.steps() to plan.steps.
/// @param on_step is told the loss after each step; training stops when it returns false
template <LanguageModel Model, Optimizer O, Task T>
void train(const Model& model, O& optimizer, const T& task, const Training& plan, Rng& rng,
           const std::function<bool(float)>& on_step) {
  while (optimizer.steps() < plan.steps) {
    todo("train_step");  // TODO: the five lines of a step, then: if (!on_step(loss.item())) return;
  }
}

}  // namespace gpt
