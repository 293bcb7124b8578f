#include "program/any_optimizer.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

/// A hidden matrix and a bias with gradients, the same each time.
Parameters weights() {
  Rng rng(1);
  const Parameters all = Linear(3, 2, Bias::on, rng).parameters();
  for (const Parameter& p : all) {
    for (float& g : p.tensor.mutable_grad()) g = rng.normal();
  }
  return all;
}

bool same(const Parameters& a, const Parameters& b) {
  return std::ranges::equal(a, b, [](const Parameter& x, const Parameter& y) {
    return x.name == y.name && std::ranges::equal(x.tensor.values(), y.tensor.values());
  });
}

}  // namespace

TEST_CASE("AnyOptimizer: does what the optimiser that it holds would do", "[any_optimizer]") {
  const Parameters held = weights(), alone = weights();
  AnyOptimizer any = muon_and_adamw(/*rate=*/20, {.momentum = 0.9f}, {.beta2 = 0.99f})(held);
  MuonAndAdamW muon(alone, 20, {.momentum = 0.9f}, {.beta2 = 0.99f});
  any.step(0.01f);
  muon.step(0.01f);
  CHECK(same(held, alone));
  CHECK(same(any.state(), muon.state()));
  CHECK(any.steps() == 1);
  any.set_steps(7);
  CHECK(any.steps() == 7);
  any.zero_grad();
  for (const Parameter& p : held) CHECK(p.tensor.grad().empty());
}

TEST_CASE("AnyOptimizer: holds AdamW with the options that were named", "[any_optimizer]") {
  const Parameters held = weights(), alone = weights(), others = weights();
  AnyOptimizer any = adamw({.weight_decay = 0.5f})(held);
  AdamW same_options(alone, {.weight_decay = 0.5f}), other_options(others);
  any.step(0.1f);
  same_options.step(0.1f);
  other_options.step(0.1f);
  CHECK(same(held, alone));
  CHECK_FALSE(same(held, others));
}

TEST_CASE("AnyOptimizer: what is to come before a step comes before any weight has moved",
          "[any_optimizer]") {
  for (const MakeOptimizer& make : {adamw(), muon_and_adamw(20)}) {
    const Parameters moved = weights(), still = weights();
    AnyOptimizer any = make(moved);
    int calls = 0;
    any.before_step([&] {
      if (++calls == 1) CHECK(same(moved, still));
    });
    any.step(0.1f);
    any.step(0.1f);
    CHECK(calls == 2);
  }
}
