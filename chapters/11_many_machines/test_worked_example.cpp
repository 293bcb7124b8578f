// The numbers of chapter 11's text.
#include <cmath>

#include "01_bigram/loss.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "11_many_machines/average_gradients.hpp"
#include "11_many_machines/share_of_batch.hpp"
#include "11_many_machines/step_cost.hpp"
#include "11_many_machines/thread_ranks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("chapter 11, worked example: the mean of two means", "[ch11][worked]") {
  // One weight, w = 1, loss (w x - y)^2 over four examples (x, y).
  const std::vector<float> x{1, 2, 3, 1}, y{3, 2, 1, 0};
  const auto gradient = [&](std::size_t first, std::size_t n) {
    const Tensor w = Tensor::from({1}, {1}).require_grad();
    const Tensor xs = Tensor::from({n}, std::span(x).subspan(first, n));
    const Tensor ys = Tensor::from({n}, std::span(y).subspan(first, n));
    const Tensor error = w * xs - ys;
    mean(error * error).backward();
    return w.grad()[0];
  };
  CHECK(gradient(0, 2) == -2.0f);  // (-4 + 0) / 2
  CHECK(gradient(2, 2) == 7.0f);   // (12 + 2) / 2
  CHECK(gradient(0, 4) == 2.5f);   // (-4 + 0 + 12 + 2) / 4 = (-2 + 7) / 2
  CHECK(gradient(0, 1) == -4.0f);  // parts of unequal size: (-4 + 14 / 3) / 2 is not 2.5
  CHECK(std::abs(gradient(1, 3) - 14.0f / 3) < 1e-6f);
}

TEST_CASE("chapter 11, worked example: two ranks find the gradient of the whole batch", "[ch11][worked]") {
  Rng rng(1337);
  std::vector<int> text;
  for (int i = 0; i < 200; ++i) text.push_back(int(rng.below(13)));
  const GPTSizes sizes{.V = 13, .block_size = 5, .C = 12, .H = 3, .L = 2, .dropout = 0.0f};
  for (const std::size_t P : {2, 3}) {
    Rng dice(7);
    const Batch whole = sample_batch(text, 6, 5, dice);
    const auto gradients_of = [&](const Batch& batch) {
      Rng weights(1);
      const GPTLanguageModel model(sizes, weights);
      next_token_loss(model(batch.inputs), batch.targets).backward();
      return model.parameters();
    };
    const Parameters expected = gradients_of(whole);
    std::vector<Parameters> of_rank;
    for (std::size_t r = 0; r < P; ++r) {
      Meeting alone(P);
      of_rank.push_back(gradients_of(share_of_batch(whole, ThreadRanks(alone, r))));
    }
    on_threads(P, [&](Ranks& ranks) { average_gradients(of_rank[ranks.rank()], ranks); });
    for (std::size_t i = 0; i < expected.size(); ++i) {
      for (std::size_t j = 0; j < expected[i].tensor.size(); ++j) {
        CHECK(std::abs(of_rank[0][i].tensor.grad()[j] - expected[i].tensor.grad()[j]) < 1e-6f);
        CHECK(of_rank[0][i].tensor.grad()[j] == of_rank[P - 1][i].tensor.grad()[j]);
      }
    }
  }
}

TEST_CASE("chapter 11, worked example: what the formula says of the lecture's size", "[ch11][worked]") {
  // 6.3 seconds a step on two cores (Where the time goes), 10,788,929 weights, 50 microseconds of latency.
  const auto machine = [](double gigabits) {
    return Measured{.compute = 6.3,
                    .fixed = 0,
                    .bytes = 4.0 * 10'788'929,
                    .latency = 50e-6,
                    .bandwidth = gigabits * 1e9 / 8};
  };
  const auto percent = [](double x) { return std::lround(100 * x); };
  CHECK(percent(efficiency(machine(1), 2)) == 90);
  CHECK(percent(efficiency(machine(1), 8)) == 57);
  CHECK(percent(efficiency(machine(1), 64)) == 13);
  CHECK(percent(efficiency(machine(1), 8, /*hidden=*/0.6)) == 86);
  CHECK(percent(efficiency(machine(10), 2)) == 99);
  CHECK(percent(efficiency(machine(10), 8)) == 93);
  CHECK(percent(efficiency(machine(10), 64)) == 57);
  // GPT-2's smallest size: 124 million weights, of which all ranks hear twice, however many they are.
  CHECK(std::lround(
            10 * ring_seconds(
                     {.compute = 0, .fixed = 0, .bytes = 4 * 124e6, .latency = 50e-6, .bandwidth = 1e9 / 8},
                     64)) == 78);
}
