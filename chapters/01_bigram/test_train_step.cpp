#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "01_bigram/train.hpp"
#include "common/nn/adamw.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;

/// A table for the look-up and no more, so that no other part of the reader's is needed. It counts who comes back.
struct Table {
  Tensor rows;  // (V, V)
  mutable int came_back = 0;
  explicit Table(const Tensor& values) : rows(values) { rows.require_grad(); }
  Tensor operator()(const Tokens& tokens) const {
    const Tensor logits = embedding(rows, tokens);
    return Tensor::with_backward(logits.shape(), logits.values(), {logits},
                                 [this, logits](std::span<const float> dy) {
                                   ++came_back;
                                   const std::span<float> dx = logits.mutable_grad();
                                   for (size_t i = 0; i < dx.size(); ++i) dx[i] += dy[i];
                                 });
  }
  size_t block_size() const { return 1000; }
  Parameters parameters() const { return collect("rows", rows); }
  Numbers values() const { return {rows.values().begin(), rows.values().end()}; }
  Numbers gradient() const { return {rows.grad().begin(), rows.grad().end()}; }
};

/// What a batch alone gives on these weights.
struct Alone {
  float loss, loss_on_inputs;
  Numbers gradient;
  Alone(size_t V, const Numbers& weights, const Batch& batch) : loss(0), loss_on_inputs(0) {
    const Table table(Tensor::from({V, V}, weights));
    const Tensor x = next_token_loss(table(batch.inputs), batch.targets);
    x.backward();
    loss = x.item();
    gradient = table.gradient();
    loss_on_inputs = next_token_loss(table(batch.inputs), batch.inputs).item();
  }
};

bool equal(const Numbers& a, const Numbers& b) {
  for (size_t i = 0; i < a.size() && a.size() == b.size(); ++i) {
    if (std::abs(a[i] - b[i]) > 1e-6f) return false;
  }
  return a.size() == b.size();
}

/// Draws batches of random ids, and watches the training that asks for them.
struct Watched {
  size_t V, B, T;
  Rng rng;
  Table table;
  AdamW optimizer;
  mutable std::vector<Batch> batches = {};
  mutable std::vector<Numbers> before = {};  // the weights when a batch was drawn
  mutable std::vector<std::uint64_t> dice = {};
  std::vector<size_t> asked = {};
  std::vector<float> losses = {};
  std::function<float(size_t)> rate = [](size_t) { return 0.1f; };
  size_t stop_after = 1000;

  Watched(size_t V, size_t B, size_t T, std::uint64_t seed)
      : V(V),
        B(B),
        T(T),
        rng(seed),
        table(Tensor::from({V, V}, uneven(V * V))),
        optimizer(table.parameters(), AdamWOptions{.weight_decay = 0}) {}
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  Batch sample(size_t sequences, size_t positions, Rng& dice_used) const {
    expect(sequences != T || positions != B,
           "train: B and T are exchanged: the batch is task.sample(plan.B, plan.T, rng)");
    expect_equal("train: B of the batch", static_cast<long long>(sequences), static_cast<long long>(B));
    expect_equal("train: T of the batch", static_cast<long long>(positions), static_cast<long long>(T));
    expect(&dice_used == &rng,
           "train: the batch is drawn with other dice than the ones that were passed in: pass rng on");
    Batch batch{{sequences, positions, {}}, {sequences, positions, {}}};
    for (size_t i = 0; i < sequences * positions; ++i) {
      batch.inputs.ids.push_back(static_cast<int>(dice_used.below(V)));
      batch.targets.ids.push_back(static_cast<int>(dice_used.below(V)));
    }
    batches.push_back(batch);
    before.push_back(table.values());
    return batch;
  }

  void train(size_t steps) {
    const Training plan{B, T, steps, [this](size_t step) {
                          asked.push_back(step);
                          return rate(step);
                        }};
    gpt::train(table, optimizer, *this, plan, rng, [this](float loss) {
      losses.push_back(loss);
      look(losses.size());
      expect(losses.size() <= stop_after,
             "train: on_step said false after step " + std::to_string(stop_after) + ", and training went on");
      return losses.size() < stop_after;
    });
  }

  /// After each step: is all as it should be?
  void look(size_t step) const {
    const std::string which = "train, step " + std::to_string(step) + ": ";
    expect(optimizer.steps() > 0 || step < 2,
           "train: optimizer.steps() does not grow: each round ends with optimizer.step(...)");
    if (optimizer.steps() == 0) return;  // and the loop would never end
    expect(batches.size() >= step, which + "every step has the same batch: draw one inside the loop");
    const Alone alone(V, before[step - 1], batches[step - 1]);
    const float got = losses.back();
    expect(std::abs(got - alone.loss_on_inputs) > 1e-6f,
           which + "the loss compares the logits with the inputs; it takes the targets");
    const Alone after(V, table.values(), batches[step - 1]);
    const Numbers gradient = table.gradient();
    expect(table.came_back > 0, which + "the weights have no gradient: loss.backward() is missing");
    expect(
        std::abs(got - alone.loss) < 1e-5f || std::abs(got - after.loss) > 1e-5f,
        which +
            "the loss that on_step is told is that after the step; it is the one that was measured before");
    expect_close(which + "the loss", got, alone.loss);
    const bool stayed = rate(step - 1) > 0 && equal(table.values(), before[step - 1]);
    expect(
        !stayed || !gradient.empty(),
        which +
            "the weights did not move: zero_grad() comes between backward() and step(), and nothing is left");
    expect(!stayed,
           which + "the weights did not move: step() comes before backward(), when there is no gradient yet");
    expect(step == 1 || equal(gradient, alone.gradient),
           which +
               "the gradient holds that of the steps before, too: zero_grad() forgets it, before backward()");
    expect_close(which + "the gradient", Tensor::from({V, V}, gradient),
                 Tensor::from({V, V}, alone.gradient));
    const size_t rate_of = asked.empty() ? 99 : asked.back();
    expect(rate_of == step - 1, "train: plan.lr was asked for step " + std::to_string(rate_of) + " in step " +
                                    std::to_string(step) +
                                    "; steps count from 0, and optimizer.steps() says how many are done");
  }
};

}  // namespace

TEST_CASE("train: each step learns from its own batch, in the right order", "[ch01][train_step]") {
  Watched run(/*V=*/5, /*B=*/3, /*T=*/4, /*seed=*/1);
  run.train(6);
  expect_equal("train: steps of a plan of 6", static_cast<long long>(run.losses.size()), 6);
}

TEST_CASE("train: other sizes, other dice", "[ch01][train_step]") {
  for (const auto& [V, B, T] : {std::array<size_t, 3>{2, 1, 7}, {7, 5, 2}, {11, 8, 9}}) {
    Watched run(V, B, T, /*seed=*/V);
    run.train(4);
    expect_equal("train: steps of a plan of 4", static_cast<long long>(run.losses.size()), 4);
  }
}

TEST_CASE("train: a weight's first move has the size of the learning rate of step 0", "[ch01][train_step]") {
  Watched run(5, 3, 4, 2);
  run.rate = [](size_t step) { return step == 0 ? 0.25f : 0.0f; };
  const Numbers start = run.table.values();
  run.train(3);
  for (size_t i = 0; i < start.size(); ++i) {
    const float moved = std::abs(run.table.values()[i] - start[i]);
    const bool used = std::abs(moved - 0.25f) < 1e-4f || moved == 0.0f;  // 0: a row that no batch has used
    expect(used, "train: a weight moved by " + std::to_string(moved) + " where the rates are 0.25, 0 and 0");
  }
}

TEST_CASE("train: stops when it is told to, and goes on from there", "[ch01][train_step]") {
  Watched run(5, 3, 4, 3);
  run.stop_after = 2;
  run.train(5);
  expect_equal("train: steps when on_step says false after the second",
               static_cast<long long>(run.optimizer.steps()), 2);
  run.stop_after = 1000;
  run.train(5);
  expect_equal("train: steps when it is called again with a plan of 5",
               static_cast<long long>(run.optimizer.steps()), 5);
  run.train(5);
  expect_equal("train: steps when all are done already", static_cast<long long>(run.losses.size()), 5);
  Watched first(5, 3, 4, 3);
  first.stop_after = 1;
  first.train(5);
  expect_equal("train: steps when on_step says false after the first",
               static_cast<long long>(first.optimizer.steps()), 1);
}
