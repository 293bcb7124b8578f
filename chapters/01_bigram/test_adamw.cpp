#include <cmath>
#include <string>
#include <vector>

#include "01_bigram/adamw_by_hand.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;

/// Some steps from w, with one gradient for each.
Numbers after(Numbers w, const std::vector<Numbers>& gradients, float lr, const AdamWOptions& o) {
  RunningMeans means{Numbers(w.size(), 0.0f), Numbers(w.size(), 0.0f)};
  for (const Numbers& g : gradients) adamw_by_hand(w, g, means, lr, o);
  return w;
}

void expect_weights(const std::string& what, const Numbers& got, const Numbers& expected,
                    const std::vector<Mistake>& mistakes = {}, float tolerance = 1e-5f) {
  expect_close(what, Tensor::from({got.size()}, got), expected, mistakes, tolerance);
}

const AdamWOptions plain{.weight_decay = 0};

}  // namespace

TEST_CASE("adamw_by_hand: the first step is the learning rate times the sign of the gradient",
          "[ch01][adamw]") {
  // m = g / 10, s = g * g / 1000; corrected, g and g * g: the quotient is the sign of g.
  const Numbers start{4, -2, 1};
  const std::vector<Numbers> g{{0.02f, -3, 500}};
  // Without any correction the quotient is 0.1 / sqrt(0.001) = 3.1623; with that of m alone 1 / sqrt(0.001) = 31.623;
  // with that of s alone 0.1.
  const float r = 0.1f;
  const Numbers w = after(start, g, r, plain);
  expect(std::isfinite(w[0]),
         "adamw_by_hand: the first step has n = 1; with n = 0 the corrections divide by 1 - 1 = 0");
  expect_weights("adamw_by_hand: (4, -2, 1) after a step of 0.1 with the gradient (0.02, -3, 500)", w,
                 {4 - r, -2 + r, 1 - r},
                 {{{4 - 3.16228f * r, -2 + 3.16228f * r, 1 - 3.16228f * r},
                   "the means are not corrected: divide each by 1 - beta^n"},
                  {{4 - 31.6228f * r, -2 + 31.6228f * r, 1 - 31.6228f * r},
                   "the mean of the squares is not corrected: divide it by 1 - beta2^n"},
                  {{4 - 0.1f * r, -2 + 0.1f * r, 1 - 0.1f * r},
                   "the mean of the gradient is not corrected: divide it by 1 - beta1^n"},
                  {{4 + r, -2 - r, 1 + r}, "the weight moves along the gradient, uphill"},
                  {{4 - r * 0.02f / (0.0004f + 1e-8f), -2 + r / 3, 1 - r / 500},
                   "the root is missing: divide by the root of s"},
                  {{4 - 0.001f * r, -2 + 0.001f * r, 1 - 0.001f * r}, "beta1 and beta2 are exchanged"}},
                 1e-4f);
}

TEST_CASE("adamw_by_hand: a second step, worked out by hand", "[ch01][adamw]") {
  // beta1 = 0.5, beta2 = 0.75, lr = 1, g = 1 and then -2.
  // Step 1: m = 0.5, s = 0.25, corrected 1 and 1: w = 10 - 1 = 9.
  // Step 2: m = 0.25 - 1 = -0.75, s = 0.1875 + 1 = 1.1875; the shares are 1 - 0.25 = 0.75 and 1 - 0.5625 = 0.4375:
  // m hat = -1, s hat = 2.714286, its root 1.647509; the quotient is -0.606977: w = 9.606977.
  const AdamWOptions o{.beta1 = 0.5f, .beta2 = 0.75f, .weight_decay = 0};
  const Numbers w = after({10}, {{1}, {-2}}, 1.0f, o);
  const auto mistake = [](double m, double s) { return Numbers{static_cast<float>(9 - m / std::sqrt(s))}; };
  expect_weights(
      "adamw_by_hand: 10 after the gradients 1 and -2, betas 0.5 and 0.75, lr 1", w, {9.606977f},
      {{mistake(-0.75 / 0.5, 1.1875 / 0.25), "the second step is counted as the first: n is 2 in it"},
       {mistake(-1.0 / 0.75, 1.0 / 0.4375),
        "the means of the step before are forgotten: keep them in `means`"},
       {mistake((0.5 - 1) / 0.75, (0.75 + 1) / 0.4375),
        "the corrected means are kept; `means` holds those before the correction"}});
}

TEST_CASE("adamw_by_hand: epsilon is added to the root", "[ch01][adamw]") {
  // The first step of g = 3: the root of s hat is 3, and with epsilon 1 the quotient is 3 / 4.
  const AdamWOptions o{.epsilon = 1, .weight_decay = 0};
  expect_weights(
      "adamw_by_hand: 1 after a step of 0.4 with the gradient 3 and epsilon 1", after({1}, {{3}}, 0.4f, o),
      {0.7f},
      {{{1 - 0.4f * 3 / std::sqrt(10.0f)}, "epsilon stands under the root; it is added to the root"},
       {{0.6f}, "epsilon is not used"}});
}

TEST_CASE("adamw_by_hand: the decay takes its share of the weight, whatever the gradient says",
          "[ch01][adamw]") {
  // lr = 0.1 and decay 0.5: 0.05 of the old weight, beside the step of 0.1.
  const AdamWOptions o{.weight_decay = 0.5f};
  expect_weights("adamw_by_hand: (4, -2) after a step of 0.1 with the gradient (0, 0) and decay 0.5",
                 after({4, -2}, {{0, 0}}, 0.1f, o), {3.8f, -1.9f},
                 {{{3.9f, -1.9f}, "the decay is added to the gradient, as Adam did before the W"},
                  {{2, -1}, "the decay is not multiplied by the learning rate"},
                  {{4, -2}, "the weight decay is missing"}});
  expect_weights(
      "adamw_by_hand: (4, -2) after a step of 0.1 with the gradient (0.02, -3) and decay 0.5",
      after({4, -2}, {{0.02f, -3}}, 0.1f, o), {3.7f, -1.8f},
      {{{3.9f, -1.9f}, "the weight decay is missing"},
       {{1.9f, -0.9f}, "the decay is not multiplied by the learning rate"},
       {{3.705f, -1.805f}, "the decay is that of the weight after its step; it is that of the old one"}});
}

TEST_CASE("adamw_by_hand: a rate of 0 moves nothing, and the means learn all the same", "[ch01][adamw]") {
  Numbers w{1, 2};
  RunningMeans means{{0, 0}, {0, 0}};
  adamw_by_hand(w, Numbers{3, -4}, means, 0.0f, {});
  expect_weights("adamw_by_hand: weights after a step of 0", w, {1, 2});
  expect_weights("adamw_by_hand: m after a step with the gradient (3, -4)", means.gradient, {0.3f, -0.4f});
  expect_weights("adamw_by_hand: s after a step with the gradient (3, -4)", means.square, {0.009f, 0.016f});
  expect_equal("adamw_by_hand: means.steps after a step", static_cast<long long>(means.steps), 1);
}

TEST_CASE("adamw_by_hand: goes where the library's AdamW goes", "[ch01][adamw]") {
  for (const std::size_t N : {1u, 7u, 12u}) {
    for (const AdamWOptions& o :
         {AdamWOptions{},
          AdamWOptions{.beta1 = 0.7f, .beta2 = 0.95f, .epsilon = 1e-3f, .weight_decay = 0.3f}}) {
      Numbers w = uneven(N, 2.0f);
      Tensor weight = Tensor::from({N}, w);
      weight.require_grad();
      AdamW adamw({{"w", weight}}, o);
      RunningMeans means{Numbers(N, 0.0f), Numbers(N, 0.0f)};
      for (int step = 0; step < 50; ++step) {
        Numbers g = uneven(N, step % 7 == 3 ? 1e3f : 0.1f, 0.4f * static_cast<float>(step));
        const Numbers before = g;
        weight.zero_grad();
        for (std::size_t i = 0; i < N; ++i) weight.mutable_grad()[i] = g[i];
        const float lr = 0.02f / static_cast<float>(1 + step);
        adamw.step(lr);
        adamw_by_hand(w, g, means, lr, o);
        expect(g == before, "adamw_by_hand: the gradient was changed");
        expect_close("adamw_by_hand: " + std::to_string(N) + " numbers against AdamW, step " +
                         std::to_string(step + 1),
                     Tensor::from({N}, w), weight, 1e-4f);
      }
    }
  }
}
