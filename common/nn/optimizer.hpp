/// @file optimizer.hpp
/// What every optimiser can do, so that training needs to know none of them.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>

#include "common/nn/nn.hpp"

namespace gpt {

/// Whatever turns gradients into steps: AdamW, Muon with AdamW, or one of the reader's own.
template <class O>
concept Optimizer = requires(O& optimizer, const O& as_it_is, float lr, std::size_t n,
                             std::function<void()> f) {
  optimizer.zero_grad();     // forgets all gradients
  optimizer.step(lr);        // moves every weight that has a gradient
  optimizer.before_step(f);  // calls f at the beginning of every step
  optimizer.set_steps(n);    // for a run that goes on from a checkpoint
  { as_it_is.steps() } -> std::same_as<std::size_t>;
  { as_it_is.state() } -> std::same_as<Parameters>;  // what such a run needs besides, named "optimizer. ..."
};

}  // namespace gpt
