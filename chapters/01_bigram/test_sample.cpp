#include "01_bigram/sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

const std::vector<float> one_two_five{0.0f, std::log(2.0f), std::log(5.0f)};  // p = 1/8, 2/8, 5/8

Tensor p_at(const std::vector<float>& logits, float temperature) {
  const std::vector<float> p = probabilities(logits, temperature);
  return Tensor::from({p.size()}, p);
}

/// How often each token comes up.
std::vector<int> counts(const std::vector<float>& logits, float temperature, int draws, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<int> drawn(logits.size(), 0);
  for (int i = 0; i < draws; ++i) {
    const int token = sample(logits, temperature, rng);
    expect(token >= 0 && static_cast<std::size_t>(token) < logits.size(),
           "sample() of " + std::to_string(logits.size()) + " logits gave token " + std::to_string(token));
    ++drawn[static_cast<std::size_t>(token)];
  }
  return drawn;
}

}  // namespace

TEST_CASE("probabilities: at temperature 1, the softmax of the logits", "[ch01][sample]") {
  // e^0 = 1, e^(ln 2) = 2, e^(ln 5) = 5; the sum is 8.
  expect_close("probabilities of the logits 0, ln 2, ln 5", p_at(one_two_five, 1), {0.125f, 0.25f, 0.625f},
               {{{1, 2, 5}, "exponentials that were not divided by their sum"}});
}

TEST_CASE("probabilities: a low temperature favours the likely, a high one evens out", "[ch01][sample]") {
  // At 1/2 the logits double, so the exponentials are squared: 1, 4, 25 of 30.
  // At 2 they halve: 1, 1.41421, 2.23607 of 4.65028.
  const std::vector<float> cold{1 / 30.0f, 4 / 30.0f, 25 / 30.0f}, hot{0.215041f, 0.304114f, 0.480846f};
  const std::vector<float> same{0.125f, 0.25f, 0.625f};
  expect_close(
      "probabilities of the logits 0, ln 2, ln 5 at temperature 0.5", p_at(one_two_five, 0.5f), cold,
      {{hot, "the logits were multiplied by the temperature, where a division is asked for"},
       {same, "the temperature has no effect"},
       {{1 / 64.0f, 4 / 64.0f, 25 / 64.0f}, "they do not sum to 1: divide the logits, before the sum"}});
  expect_close("probabilities of the logits 0, ln 2, ln 5 at temperature 2", p_at(one_two_five, 2), hot,
               {{cold, "the logits were multiplied by the temperature, where a division is asked for"},
                {same, "the temperature has no effect"}});
}

TEST_CASE("probabilities: sum to 1", "[ch01][sample]") {
  for (const float temperature : {0.1f, 0.7f, 1.0f, 3.0f}) {
    expect_rows_sum_to_1("probabilities at temperature " + std::to_string(temperature),
                         p_at({-3, 0.5f, 2, 2.5f, -0.25f}, temperature));
  }
}

TEST_CASE("probabilities: large logits do not overflow", "[ch01][sample]") {
  for (const float offset : {1000.0f, -1000.0f}) {
    const Tensor p = p_at({offset, offset + 1, offset}, 1);
    expect(std::isfinite(p.values()[0]), "probabilities of logits near " +
                                             std::to_string(static_cast<int>(offset)) +
                                             " are not numbers: the exponential overflowed or vanished, take "
                                             "the largest logit off first");
    // 1 / (2 + e), e / (2 + e)
    expect_close("probabilities of logits near " + std::to_string(static_cast<int>(offset)), p,
                 {0.211942f, 0.576117f, 0.211942f}, 1e-4f);
  }
  expect_close("probabilities of the logits 0, 1 at temperature 0.001", p_at({0, 1}, 0.001f),
               std::vector<float>{0.0f, 1.0f});
}

TEST_CASE("probabilities: a logit of -inf has none", "[ch01][sample]") {
  const float none = -std::numeric_limits<float>::infinity();
  expect_close("probabilities of the logits -inf, 0, 0", p_at({none, 0, 0}, 0.8f),
               std::vector<float>{0.0f, 0.5f, 0.5f});
}

TEST_CASE("sample: at temperature 0, the likeliest token, the first of equals", "[ch01][sample]") {
  Rng rng(1);
  for (int i = 0; i < 20; ++i) {
    expect_equal("sample of the logits 1, 3, 2 at temperature 0", sample(std::vector<float>{1, 3, 2}, 0, rng),
                 1);
    expect_equal("sample of the logits 1, 3, 3 at temperature 0", sample(std::vector<float>{1, 3, 3}, 0, rng),
                 1);
    expect_equal("sample of the logits -5, -7 at temperature 0", sample(std::vector<float>{-5, -7}, 0, rng),
                 0);
  }
}

TEST_CASE("sample: tokens come as often as their probabilities say", "[ch01][sample]") {
  const int draws = 8000;
  for (const float temperature : {1.0f, 0.5f, 2.0f}) {
    const std::string what = "of 8000 draws at temperature " + std::to_string(temperature).substr(0, 3);
    const std::vector<int> drawn = counts(one_two_five, temperature, draws, /*seed=*/7);
    double total = 0;
    for (const float x : one_two_five) total += std::exp(static_cast<double>(x) / temperature);
    expect(drawn[2] < draws, what + " all took the likeliest token: argmax at a temperature above 0");
    for (std::size_t i = 0; i < 3; ++i) {
      const double p = std::exp(static_cast<double>(one_two_five[i]) / temperature) / total;
      const double deviation = std::sqrt(draws * p * (1 - p));
      expect(std::abs(drawn[i] - draws * p) < 5 * deviation,
             what + ", token " + std::to_string(i) + " should come up about " +
                 std::to_string(std::lround(draws * p)) + " times, give or take " +
                 std::to_string(std::lround(5 * deviation)) + ", and came " + std::to_string(drawn[i]));
    }
  }
}

TEST_CASE("sample: never draws what is impossible", "[ch01][sample]") {
  const float none = -std::numeric_limits<float>::infinity();
  expect_equal("times in 500 that a logit of -inf was drawn", counts({none, 0, none, 1}, 1, 500, 2)[0], 0);
}

TEST_CASE("sample: the dice are those that were passed in", "[ch01][sample]") {
  const auto draws = [](std::uint64_t seed) {
    Rng rng(seed);
    std::vector<int> tokens;
    for (int i = 0; i < 50; ++i) tokens.push_back(sample(std::vector<float>(10, 0.0f), 1, rng));
    return tokens;
  };
  expect_equal("50 draws with the same seed", draws(3), draws(3));
  expect(draws(3) != draws(4), "two seeds give the same draws: draw from the rng that was passed in");
}

TEST_CASE("sample: refuses no logits and temperatures without a meaning", "[ch01][sample]") {
  Rng rng(1);
  const std::vector<float> logits{1, 2};
  expect_error(
      "sample of no logits", [&] { sample(std::vector<float>{}, 1, rng); }, "0 logits");
  expect_error(
      "sample at temperature -1", [&] { sample(logits, -1, rng); }, "temperature");
  expect_error(
      "sample at an infinite temperature",
      [&] { sample(logits, std::numeric_limits<float>::infinity(), rng); }, "temperature");
  expect_error(
      "sample at temperature NaN", [&] { sample(logits, std::numeric_limits<float>::quiet_NaN(), rng); },
      "temperature");
}

TEST_CASE("probabilities: of any number of logits, at any temperature", "[ch01][sample]") {
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const std::size_t V : {1, 7, 65}) {
      for (const float temperature : {0.3f, 1.0f, 4.0f}) {
        std::vector<float> logits(V);
        for (std::size_t i = 0; i < V; ++i) logits[i] = rng.normal() * (i % 3 == 2 ? 1e4f : 2.0f);
        const double largest = *std::max_element(logits.begin(), logits.end());
        std::vector<float> expected;
        double total = 0;
        for (const float x : logits) total += std::exp((x - largest) / temperature);
        for (const float x : logits)
          expected.push_back(static_cast<float>(std::exp((x - largest) / temperature) / total));
        const std::string what = "probabilities of " + std::to_string(V) + " logits at temperature " +
                                 std::to_string(temperature).substr(0, 3);
        expect_close(what, p_at(logits, temperature), Tensor::from({V}, expected));
      }
    }
  }
}
