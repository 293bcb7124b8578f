#include "01_bigram/train.hpp"

#include <cstdint>

#include "01_bigram/bigram_language_model.hpp"
#include "common/nn/adamw.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// 0 1 2 3 0 1 2 3 ...: a bigram can learn it to the last bit.
struct Cycle {
  std::vector<int> text;
  Cycle() {
    for (int i = 0; i < 160; ++i) text.push_back(i % 4);
  }
  Batch sample(size_t B, size_t T, Rng& rng) const { return sample_batch(text, B, T, rng); }
};

/// All that one run needs, with small sizes.
struct Run {
  Cycle task;
  Rng rng;
  BigramLanguageModel model;
  AdamW optimizer;
  std::vector<float> losses;       // of each step
  std::vector<size_t> asked = {};  // for the learning rate of these steps
  std::function<bool()> more = [] { return true; };

  explicit Run(std::uint64_t seed) : rng(seed), model(4, rng), optimizer(model.parameters()) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void train(size_t steps, float lr = 0.1f) {
    const Training plan{/*B=*/4, /*T=*/8, steps, [this, lr](size_t step) {
                          asked.push_back(step);
                          return lr;
                        }};
    gpt::train(model, optimizer, task, plan, rng, [this](float loss) {
      losses.push_back(loss);
      return more();
    });
  }
  std::vector<float> weights() const {
    const Tensor table = model.parameters()[0].tensor;
    return {table.values().begin(), table.values().end()};
  }
};

}  // namespace

TEST_CASE("train: the loss falls", "[ch01][train]") {
  Run run(1);
  run.train(100);
  REQUIRE(run.losses.size() == 100);
  CHECK(run.losses.front() > 0.7f);
  CHECK(run.losses.back() < 0.1f);
  CHECK(run.optimizer.steps() == 100);
}

TEST_CASE("train: asks for the learning rate of every step, from 0 on", "[ch01][train]") {
  Run run(1);
  const std::vector<float> before = run.weights();
  run.train(5, /*lr=*/0.0f);
  CHECK(run.asked == std::vector<size_t>{0, 1, 2, 3, 4});
  CHECK(run.weights() == before);  // with a rate of 0 nothing moves
}

TEST_CASE("train: the first loss is that of the first batch, before anything was learned", "[ch01][train]") {
  Run run(7), untouched(7);
  run.train(1);
  const Batch batch = untouched.task.sample(4, 8, untouched.rng);
  CHECK(run.losses.front() == next_token_loss(untouched.model(batch.inputs), batch.targets).item());
}

TEST_CASE("train: the same seed gives the same weights, bit for bit", "[ch01][train]") {
  Run one(1), same(1), other(2);
  one.train(20);
  same.train(20);
  other.train(20);
  CHECK(one.weights() == same.weights());
  CHECK(one.weights() != other.weights());
}

TEST_CASE("train: stops when it is told to, and goes on as if nothing had been", "[ch01][train]") {
  Run run(1), whole(1);
  run.more = [&run] { return run.optimizer.steps() < 7; };
  run.train(20);
  CHECK(run.optimizer.steps() == 7);
  run.more = [] { return true; };
  run.train(20);
  whole.train(20);
  CHECK(run.losses == whole.losses);
  CHECK(run.weights() == whole.weights());
}

TEST_CASE("train: any optimiser will do, the reader's own too", "[ch01][train]") {
  // Straight down the gradient: there is nothing simpler.
  class Descent {
   public:
    explicit Descent(Parameters parameters) : parameters_(std::move(parameters)) {}
    void zero_grad() {
      for (const Parameter& p : parameters_) p.tensor.zero_grad();
    }
    void step(float lr) {
      ++steps_;
      for (const Parameter& p : parameters_) {
        const std::span<float> w = p.tensor.mutable_values();
        for (size_t i = 0; i < w.size(); ++i) w[i] -= lr * p.tensor.grad()[i];
      }
    }
    void before_step(const std::function<void()>&) {}
    size_t steps() const { return steps_; }
    void set_steps(size_t steps) { steps_ = steps; }
    Parameters state() const { return {}; }

   private:
    Parameters parameters_;
    size_t steps_ = 0;
  };
  Run run(1);
  Descent descent(run.model.parameters());
  const Training plan{/*B=*/4, /*T=*/8, /*steps=*/100, [](size_t) { return 2.0f; }};
  float first = 0, last = 0;
  train(run.model, descent, run.task, plan, run.rng, [&](float loss) {
    if (first == 0) first = loss;
    last = loss;
    return true;
  });
  CHECK(descent.steps() == 100);
  CHECK(first > 0.7f);
  CHECK(last < 0.1f);
}

TEST_CASE("train: has nothing to do where all steps are done", "[ch01][train]") {
  Run run(1);
  run.train(5);
  const std::vector<float> before = run.weights();
  run.train(5);
  CHECK(run.losses.size() == 5);
  CHECK(run.weights() == before);
}
