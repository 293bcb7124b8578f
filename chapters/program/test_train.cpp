#include "01_bigram/train.hpp"

#include <csignal>

#include "01_bigram/bigram_language_model.hpp"
#include "program/saved_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temp_folder.hpp"

using namespace gpt;

namespace {

/// 0 1 2 3 0 1 2 3 ...: a bigram can learn it to the last bit.
std::vector<int> cycle(std::size_t n) {
  std::vector<int> text;
  for (std::size_t i = 0; i < n; ++i) text.push_back(static_cast<int>(i % 4));
  return text;
}

/// All that one run needs, with small sizes.
struct Run {
  std::vector<int> text = cycle(200);
  Split split{std::span<const int>(text).first(160), std::span<const int>(text).subspan(160)};
  Rng rng;
  BigramLanguageModel model;
  AdamW optimizer;
  std::vector<float> rates = {};  // of each step, as train() asks for them

  explicit Run(std::uint64_t seed) : rng(seed), model(4, rng), optimizer(model.parameters()) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  TrainingRun train(
      std::size_t steps, std::size_t eval_every = 10, float lr = 0.1f,
      const std::function<void(const CurvePoint&)>& look = [](const CurvePoint&) {}) {
    const Training plan{/*B=*/4, /*T=*/8, steps, eval_every, [this, lr](std::size_t) {
                          rates.push_back(lr);
                          return lr;
                        }};
    Progress progress("test", optimizer.steps(), steps, /*quiet=*/true);
    return gpt::train(model, optimizer, plan, split, rng, progress, look);
  }
  std::vector<float> weights() const {
    const Tensor table = model.parameters()[0].tensor;
    return {table.values().begin(), table.values().end()};
  }
};

}  // namespace

TEST_CASE("train: the loss falls, on text that was never learned from too", "[ch01][train]") {
  Run run(1);
  const TrainingRun result = run.train(100);
  REQUIRE(result.curve.size() == 10);
  CHECK(result.curve.front().step == 0);
  CHECK(result.curve.front().val > 0.7f);
  CHECK(result.curve.back().step == 90);
  CHECK(result.curve.back().train < 0.1f);
  CHECK(result.curve.back().val < 0.1f);
  CHECK(result.step_ms.size() == 100);
  CHECK(run.optimizer.steps() == 100);
  CHECK_FALSE(result.interrupted);
}

TEST_CASE("train: looks at the losses every eval_every steps, and tells at once", "[ch01][train]") {
  Run run(1);
  std::vector<std::size_t> seen, steps_then;
  run.train(10, /*eval_every=*/4, /*lr=*/0.1f, [&](const CurvePoint& point) {
    seen.push_back(point.step);
    steps_then.push_back(run.optimizer.steps());
  });
  CHECK(seen == std::vector<std::size_t>{0, 4, 8});
  CHECK(steps_then == seen);
}

TEST_CASE("train: asks for the learning rate of every step", "[ch01][train]") {
  Run run(1);
  const std::vector<float> before = run.weights();
  run.train(5, 10, /*lr=*/0.0f);
  CHECK(run.rates.size() == 5);
  CHECK(run.weights() == before);  // with a rate of 0 nothing moves
}

TEST_CASE("train: the same seed gives the same weights, bit for bit", "[ch01][train]") {
  Run one(1), same(1), other(2);
  one.train(20);
  same.train(20);
  other.train(20);
  CHECK(one.weights() == same.weights());
  CHECK(one.weights() != other.weights());
}

TEST_CASE("train: how often one looks changes nothing", "[ch01][train]") {
  Run often(1), seldom(1);
  often.train(20, /*eval_every=*/1);
  seldom.train(20, /*eval_every=*/100);
  CHECK(often.weights() == seldom.weights());
}

TEST_CASE("train: a run that goes on from a file gives the losses of one that never stopped, bit for bit",
          "[ch01][train]") {
  const TempFolder folder;
  const auto run_of = [](const Run& run) {
    return SavedRun{1, "", "abcd", 4, 8, run.optimizer.steps(), run.rng.state(), {}};
  };
  Run whole(1);
  const TrainingRun uninterrupted = whole.train(40);

  Run first(1);
  const TrainingRun before = first.train(20);
  save_run(folder / "half.safetensors", run_of(first), first.model.parameters(), first.optimizer);

  Run second(99);  // other weights and other dice, all of which the file replaces
  resume(load_run(folder / "half.safetensors", 1, ""), second.model.parameters(), second.optimizer,
         second.rng);
  const TrainingRun after = second.train(40);

  REQUIRE(uninterrupted.curve.size() == 4);
  REQUIRE(before.curve.size() == 2);
  REQUIRE(after.curve.size() == 2);
  for (std::size_t i = 0; i < 4; ++i) {
    const CurvePoint& stopped = i < 2 ? before.curve[i] : after.curve[i - 2];
    CHECK(stopped.step == uninterrupted.curve[i].step);
    CHECK(stopped.train == uninterrupted.curve[i].train);
    CHECK(stopped.val == uninterrupted.curve[i].val);
  }
  CHECK(second.weights() == whole.weights());
  CHECK(second.rng.state() == whole.rng.state());
}

TEST_CASE("train: a loss that is not a number ends it in a sentence that names the step", "[ch01][train]") {
  Run run(1);
  for (float& w : run.model.parameters()[0].tensor.mutable_values())
    w = std::numeric_limits<float>::quiet_NaN();
  std::string message;
  try {
    run.train(5);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message ==
        "training: the loss is not a finite number at step 1, and from there nothing can be learned; "
        "try a lower --lr");
}

TEST_CASE("train: a signal ends it after the current step", "[ch01][train]") {
  Run run(1);
  const TrainingRun result = run.train(1000, /*eval_every=*/5, /*lr=*/0.1f, [](const CurvePoint& point) {
    if (point.step == 10) std::raise(SIGTERM);
  });
  CHECK(result.interrupted);
  CHECK(run.optimizer.steps() == 11);
  // It can go on, and then it ends as if nothing had been.
  const TrainingRun rest = run.train(20);
  CHECK_FALSE(rest.interrupted);
  Run whole(1);
  whole.train(20);
  CHECK(run.weights() == whole.weights());
}

TEST_CASE("train: has nothing to do where all steps are done", "[ch01][train]") {
  Run run(1);
  run.train(5);
  const std::vector<float> before = run.weights();
  const TrainingRun again = run.train(5);
  CHECK(again.curve.empty());
  CHECK(again.step_ms.empty());
  CHECK_FALSE(again.interrupted);
  CHECK(run.weights() == before);
}

TEST_CASE("quick_look: looks at windows from all over a text that is too long to read whole",
          "[ch01][train]") {
  // 100,000 characters, of which the second half is 0: a look at the first 20,000 would miss it.
  std::vector<int> text = cycle(100000);
  std::fill(text.begin() + 50000, text.end(), 0);
  const Split split{text, std::span<const int>(text).first(40)};
  Rng rng(1);
  const BigramLanguageModel model(4, rng);
  const std::span<float> table = model.parameters()[0].tensor.mutable_values();
  for (std::size_t i = 0; i < 16; ++i)
    table[i] = i % 4 == (i / 4 + 1) % 4 ? 20.0f : 0.0f;  // sure of the cycle
  const CurvePoint look = quick_look(model, split, /*T=*/8, /*step=*/7);
  CHECK(look.step == 7);
  CHECK(look.train > 9.0f);  // half of it costs 20
  CHECK(look.train < 11.0f);
  CHECK(look.val < 1e-3f);
}
