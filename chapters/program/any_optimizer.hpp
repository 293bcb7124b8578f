/// @file any_optimizer.hpp
/// The optimisers of all chapters as one class, for code that is compiled once and serves them all.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "common/nn/adamw.hpp"
#include "common/nn/muon_and_adamw.hpp"
#include "common/nn/nn.hpp"
#include "common/nn/optimizer.hpp"

namespace gpt {

/// Some optimiser, which is an Optimizer itself: it passes on whatever it is asked.
class AnyOptimizer {
 public:
  /// @param optimizer is moved here
  template <Optimizer O>
  explicit AnyOptimizer(O optimizer) : held_(std::make_unique<Holds<O>>(std::move(optimizer))) {}

  void zero_grad() { held_->zero_grad(); }                                         ///< forgets all gradients
  void step(float lr) { held_->step(lr); }                                         ///< moves the weights
  void before_step(std::function<void()> f) { held_->before_step(std::move(f)); }  ///< what comes before that
  std::size_t steps() const { return held_->steps(); }                             ///< steps done so far
  void set_steps(std::size_t steps) { held_->set_steps(steps); }                   ///< when going on
  Parameters state() const { return held_->state(); }                              ///< handles to its means

 private:
  struct Held {
    virtual ~Held() = default;
    virtual void zero_grad() = 0;
    virtual void step(float lr) = 0;
    virtual void before_step(std::function<void()> f) = 0;
    virtual std::size_t steps() const = 0;
    virtual void set_steps(std::size_t steps) = 0;
    virtual Parameters state() const = 0;
  };
  template <class O>
  struct Holds : Held {
    explicit Holds(O o) : optimizer(std::move(o)) {}
    void zero_grad() override { optimizer.zero_grad(); }
    void step(float lr) override { optimizer.step(lr); }
    void before_step(std::function<void()> f) override { optimizer.before_step(std::move(f)); }
    std::size_t steps() const override { return optimizer.steps(); }
    void set_steps(std::size_t steps) override { optimizer.set_steps(steps); }
    Parameters state() const override { return optimizer.state(); }
    O optimizer;
  };

  std::unique_ptr<Held> held_;
};

/// Makes the optimiser of a model's weights.
using MakeOptimizer = std::function<AnyOptimizer(const Parameters&)>;

/// AdamW for all weights.
inline MakeOptimizer adamw(AdamWOptions options = {}) {
  return [options](const Parameters& parameters) { return AnyOptimizer(AdamW(parameters, options)); };
}

/// Muon for the hidden matrices, at `rate` times AdamW's learning rate, and AdamW for all else.
inline MakeOptimizer muon_and_adamw(float rate, MuonOptions muon = {}, AdamWOptions adamw = {}) {
  return
      [=](const Parameters& parameters) { return AnyOptimizer(MuonAndAdamW(parameters, rate, muon, adamw)); };
}

}  // namespace gpt
