#include "01_bigram/loss.hpp"

#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

Tensor random_logits(Shape shape, std::uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(std::move(shape), /*standard_deviation=*/2.0f, rng);
}

}  // namespace

TEST_CASE("cross_entropy_by_hand: no idea among V characters costs ln V", "[ch01][loss]") {
  // Four equal logits: every p is 1/4, and -log(1/4) = ln 4 = 1.38629.
  const Tensor loss = cross_entropy_by_hand(Tensor::zeros({2, 3, 4}), {2, 3, {0, 1, 2, 3, 0, 1}});
  expect_shape("the loss", loss, {});
  expect_close(
      "loss of equal logits over 4 characters, ln 4", loss, {1.386294f},
      {{{-1.386294f}, "the sign: -log p is never negative"},
       {{0.0f}, "the log of the sum of the exponentials is missing"},
       {{1.386294f / 4}, "a mean over V, where only the target's entry counts"},
       {{1.386294f * 4}, "a sum over V, where only the target's entry counts"},
       {{1.386294f * 6}, "a sum over the positions, where a mean is asked for"},
       {{2.0f}, "the logarithm to base 2, where nats are asked for"},
       {{std::log(24.0f)}, "one sum for all positions: each row has its own, along the last axis"},
       {{std::log(3.0f)}, "the exponentials are summed over the positions, and not over the characters"},
       {{0.25f}, "a probability, and not its -log"}});
}

TEST_CASE("cross_entropy_by_hand: the mean of -log p over all positions", "[ch01][loss]") {
  // Logits ln 1, ln 2, ln 5: p = 1/8, 2/8, 5/8; target 2 costs ln(8/5) = 0.470004.
  // Logits 0, 0, ln 2:       p = 1/4, 1/4, 1/2; target 0 costs ln 4     = 1.386294. Mean: 0.928149.
  const Tensor logits = Tensor::from({1, 2, 3}, {0, std::log(2.0f), std::log(5.0f), 0, 0, std::log(2.0f)});
  const Tokens targets{1, 2, {2, 0}};
  expect_close("loss of two positions that cost 0.470 and 1.386", cross_entropy_by_hand(logits, targets),
               {0.928149f},
               {{{1.856298f}, "a sum over the positions, where a mean is asked for"},
                {{-0.928149f}, "the sign: -log p is never negative"},
                {{-0.804719f}, "the log of the sum of the exponentials is missing"},
                {{0.346574f}, "the log of the sum of the exponentials is missing"},
                // (ln 8 + ln 4 + ln 8/5 + ln 4 + ln 4 + ln 2) / 6
                {{1.233571f}, "a mean over all V entries, where only the target's counts"},
                // Off go 0, ln 2 and ln 5: the exponentials are 1, 1, 1 and 1, 1/2, 2/5
                {{0.870233f}, "the largest of each column was taken off, which changes the probabilities"},
                // -log of the mean of p: (5/8 + 1/4) / 2
                {{0.826679f}, "the log of a mean, where the mean of the logs is asked for"},
                {{0.4375f}, "a mean of probabilities, and not of their -log"}},
               1e-4f);
}

TEST_CASE("cross_entropy_by_hand: sure and right costs nothing", "[ch01][loss]") {
  const Tensor logits = Tensor::from({1, 2, 3}, {50, 0, 0, 0, 0, 50});
  expect_close("loss of logits 50 above the others, at the target",
               cross_entropy_by_hand(logits, {1, 2, {0, 2}}), {0.0f}, std::vector<Mistake>{});
}

TEST_CASE("cross_entropy_by_hand: adding a number to all logits of a position changes nothing",
          "[ch01][loss]") {
  // Probabilities depend on differences alone. But e^1000 is infinite in float32, and e^-1000 is 0.
  const Tokens targets{1, 2, {2, 0}};
  const auto loss = [&](float first, float second) {
    const float ln2 = std::log(2.0f), ln5 = std::log(5.0f);
    return cross_entropy_by_hand(
        Tensor::from({1, 2, 3}, {first, first + ln2, first + ln5, second, second, second + ln2}), targets);
  };
  const std::string advice =
      ": the exponential overflowed or vanished, take each row's largest logit off first";
  for (const float offset : {100.0f, 1000.0f, -1000.0f}) {
    const float value = loss(offset, offset).item();
    expect(std::isfinite(value), "loss of logits near " + std::to_string(static_cast<int>(offset)) + " is " +
                                     std::to_string(value) + advice);
    expect_close("loss of logits near " + std::to_string(static_cast<int>(offset)), value, 0.928149f, 1e-3f);
  }
  const float value = loss(1000, -1000).item();
  expect(std::isfinite(value),
         "loss of one row of logits near 1000 and one near -1000 is " + std::to_string(value) +
             ": every row needs its own largest logit taken off, not the largest of all");
  expect_close("loss of one row of logits near 1000 and one near -1000", value, 0.928149f, 1e-3f);
}

TEST_CASE("cross_entropy_by_hand: surely wrong is expensive, but finite", "[ch01][loss]") {
  // p = e^-200 is 0 in float32, and its logarithm -inf; taken as a difference of logits, it is -200.
  const float value = cross_entropy_by_hand(Tensor::from({1, 1, 2}, {0, 200}), {1, 1, {0}}).item();
  expect(std::isfinite(value), "loss of a target 200 below the other logit is " + std::to_string(value) +
                                   ": the probability vanished before its log was taken, so subtract "
                                   "logarithms and never divide");
  expect_close("loss of a target 200 below the other logit", value, 200.0f);
}

TEST_CASE("cross_entropy_by_hand: the gradient is the probability, less 1 at the target", "[ch01][loss]") {
  // Four equal logits, one position: p = 1/4 everywhere, and 1/4 - 1 = -3/4 at the target.
  Tensor logits = Tensor::zeros({1, 1, 4}).require_grad();
  const Tensor loss = cross_entropy_by_hand(logits, {1, 1, {2}});
  expect(loss.requires_grad(),
         "the loss is off the tape: compute with tensors' operations, not with values()");
  loss.backward();
  expect_close("gradient of the loss of equal logits, target 2", Tensor::from({4}, logits.grad()),
               {0.25f, 0.25f, -0.75f, 0.25f}, 1e-5f);
}

TEST_CASE("cross_entropy_by_hand: gradient", "[ch01][loss]") {
  Tensor logits = random_logits({2, 3, 5}, 1).require_grad();
  const Tokens targets{2, 3, {0, 4, 2, 2, 1, 3}};
  expect_gradient(
      "cross_entropy_by_hand", [&] { return cross_entropy_by_hand(logits, targets); }, logits);
}

TEST_CASE("cross_entropy_by_hand: refuses targets that don't fit", "[ch01][loss]") {
  const Tensor logits = Tensor::zeros({1, 2, 3});
  expect_error(
      "a target of 3 among 3 characters",
      [&] {
        cross_entropy_by_hand(logits, {1, 2, {0, 3}});
      },
      "got 3");
  expect_error(
      "a target of -1",
      [&] {
        cross_entropy_by_hand(logits, {1, 2, {-1, 0}});
      },
      "got -1");
  expect_error(
      "three targets for two positions",
      [&] {
        cross_entropy_by_hand(logits, {1, 3, {0, 1, 2}});
      },
      "(1, 3)");
}

TEST_CASE("cross_entropy_by_hand: every position of every sequence counts", "[ch01][loss]") {
  // Each position costs another amount: log-probabilities by hand, in double.
  struct Sizes {
    std::size_t B, T, V;
  };
  for (const Sizes& s : {Sizes{3, 2, 5}, Sizes{2, 7, 11}, Sizes{5, 1, 3}, Sizes{1, 13, 2}}) {
    const Tensor logits =
        random_logits({s.B, s.T, s.V}, s.V) * 3.0f + 1e4f;  // differences of a 1000th are exact there
    Tokens targets{s.B, s.T, {}};
    std::vector<double> costs;
    for (std::size_t i = 0; i < s.B * s.T; ++i) {
      targets.ids.push_back(static_cast<int>(i * 3 % s.V));
      const float* const row = logits.values().data() + i * s.V;
      double total = 0;
      for (std::size_t v = 0; v < s.V; ++v) total += std::exp(static_cast<double>(row[v]) - 1e4);
      costs.push_back(std::log(total) - (static_cast<double>(row[targets.ids.back()]) - 1e4));
    }
    const auto mean_of = [&](std::size_t first, std::size_t n) {
      double total = 0;
      for (std::size_t i = first; i < first + n; ++i) total += costs[i];
      return static_cast<float>(total / static_cast<double>(n));
    };
    const std::string what = "loss of logits (" + std::to_string(s.B) + ", " + std::to_string(s.T) + ", " +
                             std::to_string(s.V) + ") near 10,000";
    expect_pure(what, [&] { return cross_entropy_by_hand(logits, targets); }, {{"the logits", logits}});
    expect_close(what, cross_entropy_by_hand(logits, targets), {mean_of(0, s.B * s.T)},
                 {{{mean_of(0, s.T)}, "only the first of the sequences counts"},
                  {{mean_of(s.B * s.T - s.T, s.T)}, "only the last of the sequences counts"}},
                 1e-3f);
  }
}

TEST_CASE("next_token_loss: the same loss and the same gradient as by hand", "[ch01][loss]") {
  Tensor logits = random_logits({4, 8, 65}, 2).require_grad();
  Tokens targets{4, 8, {}};
  for (int i = 0; i < 32; ++i) targets.ids.push_back(i * 2);
  const Tensor by_hand = cross_entropy_by_hand(logits, targets);
  by_hand.backward();
  const Tensor gradient = Tensor::from(logits.shape(), logits.grad());
  logits.zero_grad();
  const Tensor loss = next_token_loss(logits, targets);
  loss.backward();
  expect_close("next_token_loss, against cross_entropy_by_hand", loss, by_hand);
  expect_close("gradient of next_token_loss, against cross_entropy_by_hand's",
               Tensor::from(logits.shape(), logits.grad()), gradient);
}
