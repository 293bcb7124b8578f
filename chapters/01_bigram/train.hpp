/// @file train.hpp
/// Chapter 1. Learning: guess, measure, ask every weight for its share of the error, move each a little.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"            // Batch, sample_batch
#include "01_bigram/evaluate.hpp"         // evaluate
#include "01_bigram/loss.hpp"             // next_token_loss
#include "common/files/report.hpp"        // CurvePoint
#include "common/nn/adamw.hpp"            // AdamW
#include "common/nn/nn.hpp"               // LanguageModel
#include "common/tensor/rng.hpp"          // Rng
#include "common/terminal/interrupt.hpp"  // Interrupt
#include "common/terminal/progress.hpp"   // Progress

namespace gpt {

/// A text in two parts: one to learn from, one that is never learned from and shows what was understood.
struct Split {
  std::span<const int> train;  ///< ids to learn from
  std::span<const int> val;    ///< ids to validate on
};

/// How to train.
struct Training {
  std::size_t B;           ///< windows in a batch
  std::size_t T;           ///< characters in a window
  std::size_t steps;       ///< the number of the last step; a run that was loaded has some behind it
  std::size_t eval_every;  ///< steps between two looks at the losses
  std::function<float(std::size_t)> lr;  ///< learning rate at a step
};

/// What came of it.
struct TrainingRun {
  std::vector<CurvePoint> curve;  ///< one point a look at the losses
  std::vector<float> step_ms;     ///< of every step, evaluations not included
  double seconds = 0;             ///< spent, evaluations included
  bool interrupted = false;       ///< Ctrl-C came before the last step
};

/// A look at both losses on some twenty thousand characters from all over each part.
template <LanguageModel Model>
CurvePoint quick_look(const Model& model, const Split& text, std::size_t T, std::size_t step) {
  constexpr std::size_t characters = 20000;
  const auto loss = [&](std::span<const int> part) {
    return evaluate(model, part, T, std::max<std::size_t>(1, part.size() / characters));
  };
  return {step, loss(text.train), loss(text.val)};
}

/// Trains from optimizer.steps() to plan.steps.
/// @param on_look is told each look at the losses
/// @throws std::runtime_error if the loss is no longer a finite number
template <LanguageModel Model>
TrainingRun train(const Model& model, AdamW& optimizer, const Training& plan, const Split& text, Rng& rng,
                  Progress& progress, const std::function<void(const CurvePoint&)>& on_look) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const Interrupt interrupt;
  const Clock::time_point start = Clock::now();
  TrainingRun run;
  for (std::size_t step = optimizer.steps(); step < plan.steps && !interrupt.requested(); ++step) {
    if (step % plan.eval_every == 0) {
      run.curve.push_back(quick_look(model, text, plan.T, step));
      on_look(run.curve.back());
    }

    const Clock::time_point step_start = Clock::now();
    //! [step]
    const Batch batch = sample_batch(text.train, plan.B, plan.T, rng);
    const Tensor loss = next_token_loss(model(batch.inputs), batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(plan.lr(step));
    //! [step]
    run.step_ms.push_back(static_cast<float>(1e3 * seconds_since(step_start)));

    if (!std::isfinite(loss.item())) {
      throw std::runtime_error("training: the loss is not a finite number at step " +
                               std::to_string(step + 1) +
                               ", and from there nothing can be learned; try a lower --lr");
    }
    progress.step(step + 1, loss.item());
  }
  run.interrupted = optimizer.steps() < plan.steps;
  run.seconds = seconds_since(start);
  return run;
}

}  // namespace gpt
