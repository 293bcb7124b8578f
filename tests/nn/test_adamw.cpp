/// @file test_adamw.cpp
/// The optimiser, step by step.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/nn/adamw.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

Tensor weight(std::initializer_list<float> values) {
  return Tensor::from({values.size()}, values).require_grad();
}

void set_grad(Tensor& w, std::initializer_list<float> gradient) {
  w.zero_grad();
  std::copy(gradient.begin(), gradient.end(), w.mutable_grad().begin());
}

AdamWOptions without_decay() {
  AdamWOptions options;
  options.weight_decay = 0;
  return options;
}

TEST_CASE("AdamW: the first step is the learning rate against the gradient's sign", "[adamw]") {
  // mean = 0.1 g, corrected by 1 / (1 - 0.9): g. square likewise g^2. So the step is
  // lr g / |g|, whatever g's size.
  Tensor w = weight({1, 1, 1});
  AdamW optimizer({{"w", w}}, without_decay());
  set_grad(w, {5, -0.001f, 0});
  optimizer.step(0.1f);
  check_values("w", w, Tensor::from({3}, {0.9f, 1.1f, 1}), 1e-5);
  CHECK(optimizer.steps() == 1);
}

TEST_CASE("AdamW: before_step() comes between the gradients and the move", "[adamw]") {
  // What is called halves the gradient first, so that the norm is 2 and not 4.
  Tensor w = weight({1});
  AdamW optimizer({{"w", w}}, without_decay());
  int calls = 0;
  optimizer.before_step([&] {
    CHECK(w.at({0}) == 1);
    w.mutable_grad()[0] /= 2;
    ++calls;
  });
  set_grad(w, {4});
  CHECK(optimizer.step(0.1f) == 2);
  CHECK(calls == 1);
  check_values("w", w, Tensor::from({1}, {0.9f}), 1e-5);
}

TEST_CASE("AdamW: two steps, worked out by hand", "[adamw]") {
  // g = 1 then 3; betas 0.5 and 0.75; epsilon 1, decay 0.1, lr 0.1, w = 2.
  // Step 1: w -> 2 (1 - 0.01) = 1.98. mean = 0.5, corrected / 0.5 = 1. square = 0.25, corrected / 0.25 = 1.
  //         w = 1.98 - 0.1 * 1 / (1 + 1) = 1.93.
  // Step 2: 1.93 * 0.99 = 1.9107. mean = 0.25 + 1.5 = 1.75, corrected / 0.75 = 2.333333.
  //         square = 0.1875 + 2.25 = 2.4375, corrected / 0.4375 = 5.571429, root 2.360387.
  //         w = 1.9107 - 0.1 * 2.333333 / 3.360387 = 1.841264.
  AdamWOptions options;
  options.beta1 = 0.5f;
  options.beta2 = 0.75f;
  options.epsilon = 1;
  options.weight_decay = 0.1f;
  Tensor w = weight({2});
  AdamW optimizer({{"w", w}}, options);
  set_grad(w, {1});
  CHECK(optimizer.step(0.1f) == 1);
  check_values("after one step", w, Tensor::from({1}, {1.93f}));
  set_grad(w, {3});
  CHECK(optimizer.step(0.1f) == 3);
  check_values("after two steps", w, Tensor::from({1}, {1.841264f}));
}

TEST_CASE("AdamW: decay takes its share off each weight, apart from the gradient", "[adamw]") {
  AdamWOptions options;
  options.weight_decay = 0.5f;
  Tensor w = weight({8, -4});
  AdamW optimizer({{"w", w}}, options);
  set_grad(w, {0, 0});
  optimizer.step(0.25f);  // times 1 - 0.25 * 0.5
  check_values("w", w, Tensor::from({2}, {7, -3.5f}));
}

TEST_CASE("AdamW: the norm of all gradients together is returned, and limited by clip", "[adamw]") {
  // Norm of (3, 0, 4): 5. With clip 1 the gradients become (0.6, 0, 0.8), which the running means show.
  AdamWOptions options = without_decay();
  options.clip = 1;
  Tensor a = weight({0, 0}), b = weight({0});
  AdamW optimizer({{"a", a}, {"b", b}}, options);
  set_grad(a, {3, 0});
  set_grad(b, {4});
  CHECK_THAT(optimizer.step(0.1f), Catch::Matchers::WithinAbs(5.0f, 1e-6f));
  const Parameters state = optimizer.state();
  check_values("mean of a", state[0].tensor, Tensor::from({2}, {0.06f, 0}));
  check_values("square of a", state[1].tensor, Tensor::from({2}, {0.00036f, 0}));
  check_values("mean of b", state[2].tensor, Tensor::from({1}, {0.08f}));
  CHECK(a.grad()[0] == 3);  // the gradients themselves stay
}

TEST_CASE("AdamW: gradients within the limit are not touched", "[adamw]") {
  AdamWOptions options = without_decay();
  options.clip = 10;
  Tensor w = weight({0});
  AdamW optimizer({{"w", w}}, options);
  set_grad(w, {3});
  optimizer.step(0.1f);
  check_values("mean", optimizer.state()[0].tensor, Tensor::from({1}, {0.3f}));
}

TEST_CASE("AdamW: the norm is right for long tensors too", "[adamw]") {
  Tensor w = Tensor::zeros({1000003}).require_grad();
  AdamW optimizer({{"w", w}});
  for (float& g : w.mutable_grad()) g = 0.5f;
  CHECK_THAT(optimizer.step(0.1f), Catch::Matchers::WithinRel(0.5f * std::sqrt(1000003.0f), 1e-6f));
}

TEST_CASE("AdamW: a weight that had no part in the loss stays, decay and all", "[adamw]") {
  Tensor used = weight({1}), idle = weight({1});
  AdamW optimizer({{"used", used}, {"idle", idle}});
  set_grad(used, {1});
  CHECK(optimizer.step(0.1f) == 1);
  CHECK(idle.item() == 1);
  CHECK(used.item() < 1);
}

TEST_CASE("AdamW: without any gradient a step does nothing and has norm 0", "[adamw]") {
  Tensor w = weight({1});
  AdamW optimizer({{"w", w}});
  CHECK(optimizer.step(0.1f) == 0);
  CHECK(w.item() == 1);
  AdamW nothing({});
  CHECK(nothing.step(0.1f) == 0);
}

TEST_CASE("AdamW: zero_grad forgets the gradients of all parameters", "[adamw]") {
  Tensor a = weight({1}), b = weight({2});
  AdamW optimizer({{"a", a}, {"b", b}});
  set_grad(a, {1});
  set_grad(b, {1});
  optimizer.zero_grad();
  CHECK(a.grad().empty());
  CHECK(b.grad().empty());
}

TEST_CASE("AdamW: walks down to the minimum", "[adamw]") {
  // (w - 3)^2 + (v + 1)^2
  Tensor w = weight({0}), v = weight({0});
  AdamW optimizer({{"w", w}, {"v", v}}, without_decay());
  for (int i = 0; i < 2000; ++i) {
    optimizer.zero_grad();
    const Tensor dw = w - 3.0f, dv = v + 1.0f;
    (dw * dw + dv * dv).backward();
    optimizer.step(0.02f);
  }
  CHECK_THAT(w.item(), Catch::Matchers::WithinAbs(3.0f, 0.01f));
  CHECK_THAT(v.item(), Catch::Matchers::WithinAbs(-1.0f, 0.01f));
}

TEST_CASE("AdamW: its state is named after the parameters and holds handles", "[adamw]") {
  AdamW optimizer({{"head.weight", Tensor::zeros({2, 3}).require_grad()},
                   {"head.bias", Tensor::zeros({3}).require_grad()}});
  const Parameters state = optimizer.state();
  REQUIRE(state.size() == 4);
  CHECK(state[0].name == "optimizer.mean.head.weight");
  CHECK(state[1].name == "optimizer.square.head.weight");
  CHECK(state[2].name == "optimizer.mean.head.bias");
  CHECK(state[3].name == "optimizer.square.head.bias");
  CHECK(state[1].tensor.shape() == Shape{2, 3});
  CHECK_FALSE(state[0].tensor.requires_grad());
}

TEST_CASE("AdamW: a run that was stopped and goes on ends where an unbroken one does, bit for bit",
          "[adamw]") {
  const auto gradient_at = [](int step) {
    Rng rng(static_cast<std::uint64_t>(step));
    return Tensor::normal({5}, 1, rng);
  };
  const auto train = [&](AdamW& optimizer, Tensor& w, int from, int to) {
    for (int step = from; step < to; ++step) {
      const Tensor g = gradient_at(step);
      w.zero_grad();
      std::copy(g.values().begin(), g.values().end(), w.mutable_grad().begin());
      optimizer.step(0.01f);
    }
  };
  AdamWOptions options;
  options.clip = 1;
  Tensor unbroken = weight({1, 2, 3, 4, 5}), broken = weight({1, 2, 3, 4, 5});
  AdamW whole({{"w", unbroken}}, options);
  train(whole, unbroken, 0, 20);

  AdamW first({{"w", broken}}, options);
  train(first, broken, 0, 7);
  AdamW second({{"w", broken}}, options);
  const Parameters saved = first.state();
  Parameters restored = second.state();
  for (std::size_t i = 0; i < saved.size(); ++i) {
    std::copy(saved[i].tensor.values().begin(), saved[i].tensor.values().end(),
              restored[i].tensor.mutable_values().begin());
  }
  second.set_steps(first.steps());
  train(second, broken, 7, 20);
  CHECK(second.steps() == whole.steps());
  check_values("w", broken, unbroken, 0);
}

TEST_CASE("AdamW: the number of threads changes rounding at most", "[adamw]") {
  const auto stepped = [](std::size_t threads) {
    const WithThreads with(threads);
    Rng rng(80);
    Tensor w = Tensor::normal({100003}, 1, rng).require_grad();
    AdamWOptions options;
    options.clip = 1;
    AdamW optimizer({{"w", w}}, options);
    for (int step = 0; step < 2; ++step) {
      for (float& g : w.mutable_grad()) g = rng.normal();
      optimizer.step(0.01f);
    }
    return w;
  };
  const Tensor one = stepped(1);
  // The last numbers of a share are computed one by one, and a compiler may round them once less there.
  check_values("two threads", stepped(2), one, 1e-6);
  check_values("three threads", stepped(3), one, 1e-6);
}

TEST_CASE("AdamW: refuses options and learning rates out of range", "[adamw]") {
  const auto message = [](void (*spoil)(AdamWOptions&)) {
    return message_of<std::invalid_argument>([&] {
      AdamWOptions options;
      spoil(options);
      AdamW({}, options);
    });
  };
  CHECK(message([](AdamWOptions& o) { o.beta1 = 1; }) == "AdamW: beta1 must be in [0, 1), got 1");
  CHECK(message([](AdamWOptions& o) { o.beta1 = -0.5f; }) == "AdamW: beta1 must be in [0, 1), got -0.5");
  CHECK(message([](AdamWOptions& o) { o.beta2 = 1.5f; }) == "AdamW: beta2 must be in [0, 1), got 1.5");
  CHECK(message([](AdamWOptions& o) { o.epsilon = 0; }) ==
        "AdamW: epsilon must be in [1.17549e-38, 3.40282e+38], got 0");
  CHECK(message([](AdamWOptions& o) { o.weight_decay = -1; }) ==
        "AdamW: weight_decay must be in [0, 3.40282e+38], got -1");
  CHECK(message([](AdamWOptions& o) { o.clip = std::numeric_limits<float>::quiet_NaN(); }) ==
        "AdamW: clip must be in [0, 3.40282e+38], got nan");
  CHECK(message_of<std::invalid_argument>([] { AdamW({}).step(-1); }) ==
        "AdamW::step: lr must be in [0, 3.40282e+38], got -1");
}

}  // namespace
}  // namespace gpt
