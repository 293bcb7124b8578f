/// @file test_rng.cpp
/// The generator against its published algorithm, and the distributions made from it.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

using Bits = std::vector<std::uint64_t>;

Bits first(Rng rng, int n) {
  Bits bits;
  for (int i = 0; i < n; ++i) bits.push_back(rng.next());
  return bits;
}

// ---- The bits. Expected values by a Python transcription of Vigna's splitmix64.c and xoshiro256plusplus.c.

TEST_CASE("Rng: the state comes from the seed by splitmix64", "[rng]") {
  CHECK(Rng(0).state() ==
        Rng::State{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec});
  CHECK(Rng(1337).state() ==
        Rng::State{0xb6a8a9b313caa00b, 0xcb7f284b67d605c9, 0x3440fccf54082b5a, 0x77026dc1feefc262});
}

TEST_CASE("Rng: the numbers come from the state by xoshiro256++", "[rng]") {
  CHECK(first(Rng(0), 5) == Bits{0x53175d61490b23df, 0x61da6f3dc380d507, 0x5c0fdf91ec9a7bfc,
                                 0x02eebf8c3bbe5e1a, 0x7eca04ebaf4a5eea});
  CHECK(first(Rng(1337), 5) == Bits{0x713206e44a617596, 0xef6fbe96ee954d51, 0xd259bd669bf27209,
                                    0xb3cd3e02d4e69f36, 0xd828a7f6af8c3f94});
  CHECK(first(Rng(~std::uint64_t{0}), 5) == Bits{0x56ccf8ce948e27b2, 0xe68588432e5a5b90, 0xe3e9b5a48119ca8b,
                                                 0x460f19495532ae73, 0xa7d62040ea9263e1});
  Rng rng(0);
  rng.restore({1, 2, 3, 4});
  CHECK(first(rng, 5) == Bits{41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205u});
}

TEST_CASE("Rng: distributions are the ones that were published", "[rng]") {
  Rng uniform(1337), normal(1337), below(1337), choose(1337);
  for (const float expected : {0.44216955f, 0.93529880f, 0.82168180f, 0.70235050f}) {
    CHECK_THAT(uniform.uniform(), Catch::Matchers::WithinAbs(expected, 1e-7f));
  }
  for (const float expected : {0.992404004f, -0.547693755f, 1.520937512f}) {
    CHECK_THAT(normal.normal(), Catch::Matchers::WithinAbs(expected, 1e-6f));
  }
  for (const std::size_t expected : {25, 25, 50, 13, 55, 2}) CHECK(below.below(65) == expected);
  const std::vector<float> weights{1, 2, 3, 4};
  for (const std::size_t expected : {2, 3, 3, 3, 3, 3, 1, 3}) CHECK(choose.choose(weights) == expected);
}

TEST_CASE("Rng: same seed, same numbers, and neighbouring seeds have nothing in common", "[rng]") {
  CHECK(first(Rng(7), 100) == first(Rng(7), 100));
  const Bits one = first(Rng(7), 100), other = first(Rng(8), 100);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i] != other[i]);
}

TEST_CASE("Rng: goes on from a restored state with the very next number", "[rng]") {
  Rng rng(9);
  for (int i = 0; i < 3; ++i) rng.normal();
  const Rng::State state = rng.state();
  std::vector<float> next;
  for (int i = 0; i < 10; ++i) next.push_back(rng.normal());
  Rng other(1);
  other.restore(state);
  for (const float expected : next) CHECK(other.normal() == expected);
}

// ---- The distributions

TEST_CASE("Rng: uniform is from 0 to below 1, with the right mean and variance", "[rng]") {
  Rng rng(10);
  constexpr int n = 200000;
  double total = 0, squares = 0;
  bool inside = true;
  for (int i = 0; i < n; ++i) {
    const float x = rng.uniform();
    inside = inside && x >= 0 && x < 1 && x * 0x1p24f == std::floor(x * 0x1p24f);
    total += x;
    squares += static_cast<double>(x) * x;
  }
  CHECK(inside);
  CHECK_THAT(total / n, Catch::Matchers::WithinAbs(0.5, 5 * std::sqrt(1.0 / 12 / n)));
  CHECK_THAT(squares / n, Catch::Matchers::WithinAbs(1.0 / 3, 5 * std::sqrt(4.0 / 45 / n)));
}

TEST_CASE("Rng: uniform with bounds reaches the lower one and stays below the upper", "[rng]") {
  Rng rng(11);
  bool inside = true;
  double total = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const float x = rng.uniform(-3, 5);
    inside = inside && x >= -3 && x < 5;
    total += x;
  }
  CHECK(inside);
  CHECK_THAT(total / n, Catch::Matchers::WithinAbs(1.0, 5 * 8 * std::sqrt(1.0 / 12 / n)));
  // Only one float32 lies between these, so that rounding reaches the upper bound at every second draw.
  const float low = 1, high = std::nextafter(std::nextafter(1.0f, 2.0f), 2.0f);
  for (int i = 0; i < 1000; ++i) {
    const float x = rng.uniform(low, high);
    inside = inside && x >= low && x < high;
  }
  CHECK(inside);
}

TEST_CASE("Rng: normal has the moments of a normal distribution", "[rng]") {
  Rng rng(12);
  constexpr int n = 400000;
  double mean = 0, variance = 0, skew = 0, kurtosis = 0;
  int beyond_two = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    mean += x / n;
    variance += x * x / n;
    skew += x * x * x / n;
    kurtosis += x * x * x * x / n;
    beyond_two += std::abs(x) > 2;
  }
  // Five standard errors; the n-th power's variance is (2n - 1)!! minus the square of its mean.
  CHECK_THAT(mean, Catch::Matchers::WithinAbs(0.0, 5 * std::sqrt(1.0 / n)));
  CHECK_THAT(variance, Catch::Matchers::WithinAbs(1.0, 5 * std::sqrt(2.0 / n)));
  CHECK_THAT(skew, Catch::Matchers::WithinAbs(0.0, 5 * std::sqrt(15.0 / n)));
  CHECK_THAT(kurtosis, Catch::Matchers::WithinAbs(3.0, 5 * std::sqrt(96.0 / n)));
  CHECK_THAT(static_cast<double>(beyond_two) / n, Catch::Matchers::WithinAbs(0.0455, 0.002));
}

// Sum of (observed - expected)^2 / expected
double chi_square(const std::vector<int>& counts, const std::vector<double>& expected) {
  double total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  }
  return total;
}

TEST_CASE("Rng: below gives every value equally often", "[rng]") {
  constexpr int n = 100000;
  for (const std::size_t values : {2, 3, 10, 65, 1000}) {
    Rng rng(13);
    std::vector<int> counts(values);
    for (int i = 0; i < n; ++i) ++counts.at(rng.below(values));
    const double freedom = static_cast<double>(values - 1);
    INFO("below " << values);
    // Mean and five standard deviations of the chi-square distribution.
    CHECK(chi_square(counts, std::vector<double>(values, n / static_cast<double>(values))) <
          freedom + 5 * std::sqrt(2 * freedom));
  }
}

TEST_CASE("Rng: below one is always 0, and large bounds are not favoured at their small end", "[rng]") {
  Rng rng(14);
  for (int i = 0; i < 10; ++i) CHECK(rng.below(1) == 0);
  // 3/4 of 2^64: without drawing again, the lower third would come twice as often as it should.
  const std::size_t n = std::size_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::size_t x = rng.below(n);
    REQUIRE(x < n);
    low += x < n / 3;
  }
  CHECK_THAT(low / 30000.0, Catch::Matchers::WithinAbs(1.0 / 3, 0.02));
  CHECK(message_of<std::invalid_argument>([&] { rng.below(0); }) == "Rng::below: n must be positive, got 0");
}

TEST_CASE("Rng: choose follows the weights, whatever their sum", "[rng]") {
  constexpr int n = 100000;
  const std::vector<float> weights{1, 0, 2, 4, 0.5f, 0};
  for (const float scale : {1.0f, 1e-30f, 1e30f}) {
    Rng rng(15);
    std::vector<float> scaled;
    for (const float w : weights) scaled.push_back(w * scale);
    std::vector<int> counts(weights.size());
    for (int i = 0; i < n; ++i) ++counts.at(rng.choose(scaled));
    CHECK(counts[1] == 0);
    CHECK(counts[5] == 0);
    const std::vector<int> possible{counts[0], counts[2], counts[3], counts[4]};
    CHECK(chi_square(possible, {n / 7.5, n * 2 / 7.5, n * 4 / 7.5, n * 0.5 / 7.5}) < 3 + 5 * std::sqrt(6.0));
  }
}

TEST_CASE("Rng: choose of a single weight has no choice", "[rng]") {
  Rng rng(16);
  const std::vector<float> first_only{3, 0, 0}, last_only{0, 0, 1e-38f};
  for (int i = 0; i < 100; ++i) {
    CHECK(rng.choose(first_only) == 0);
    CHECK(rng.choose(last_only) == 2);
  }
}

TEST_CASE("Rng: choose refuses weights without a positive finite sum", "[rng]") {
  Rng rng(17);
  const auto message = [&](std::vector<float> weights) {
    return message_of<std::invalid_argument>([&] { rng.choose(weights); });
  };
  const std::string wanted = "Rng::choose: the weights must have a positive, finite sum, got ";
  CHECK(message({}) == wanted + "0.000000");
  CHECK(message({0, 0}) == wanted + "0.000000");
  CHECK(message({1, std::numeric_limits<float>::infinity()}) == wanted + "inf");
  CHECK(message({1, -2}) == wanted + "-1.000000");
  CHECK(message({1, std::numeric_limits<float>::quiet_NaN()}) == wanted + "nan");
}

}  // namespace
}  // namespace gpt
