#include "02_self_attention/head.hpp"

#include <cmath>
#include <limits>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// Something at a row and a column.
struct Entry {
  std::size_t row, column;
  float value;
};

void set(const Tensor& weight, const std::vector<Entry>& entries) {
  const std::span<float> values = weight.mutable_values();
  std::fill(values.begin(), values.end(), 0.0f);
  for (const Entry& e : entries) values[e.row * weight.size(1) + e.column] = e.value;
}

/// A head with the given weights, 0 elsewhere.
Head head_with(std::size_t C, std::size_t hs, const std::vector<Entry>& query, const std::vector<Entry>& key,
               const std::vector<Entry>& value) {
  Rng rng(1);
  const Head head(C, hs, rng);
  const Parameters parameters = head.parameters();
  expect_parameters("Head(" + std::to_string(C) + ", " + std::to_string(hs) + ")", parameters,
                    {{"query.weight", {C, hs}}, {"key.weight", {C, hs}}, {"value.weight", {C, hs}}});
  set(parameters[0].tensor, query);
  set(parameters[1].tensor, key);
  set(parameters[2].tensor, value);
  return head;
}

/// A head whose every weight is random, of standard deviation 1.
Head random_head(std::size_t C, std::size_t hs, std::uint64_t seed) {
  Rng rng(seed);
  const Head head(C, hs, rng);
  for (const Parameter& p : head.parameters()) {
    for (float& w : p.tensor.mutable_values()) w = rng.normal();
  }
  return head;
}

Tensor random_input(Shape shape, std::uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(std::move(shape), 1.0f, rng);
}

}  // namespace

TEST_CASE("Head: its weights are query, key and value, each (C, hs) and without a bias",
          "[ch02][head][constructor]") {
  Rng rng(1);
  expect_parameters("Head(8, 4)", Head(8, 4, rng).parameters(),
                    {{"query.weight", {8, 4}}, {"key.weight", {8, 4}}, {"value.weight", {8, 4}}});
}

TEST_CASE("Head: what a position says is its value, x times the value weights", "[ch02][head][operator()]") {
  // A single position can only attend to itself: its weight is 1, and its output is its value.
  const Head head = head_with(2, 2, {{0, 0, 1}}, {{0, 0, 1}}, {{0, 0, 10}, {0, 1, 1}, {1, 1, 100}});
  const Tensor out = head(Tensor::from({1, 1, 2}, {3, 5}));
  expect_shape("Head(2, 2) of a (1, 1, 2)", out, {1, 1, 2});
  expect(!std::isnan(out.values()[0]),
         "the output of a single position is not a number: with its only score at -inf there is nothing to "
         "share "
         "out, so a position must see itself");
  // (3, 5): 3 * 10 = 30, and 3 * 1 + 5 * 100 = 503. Query 3 and key 3: the score is 9, or 9 / sqrt(2).
  const float scaled = 9 / std::sqrt(2.0f);
  const std::string no_softmax = "the scores themselves, which no softmax has made into shares of 1";
  expect_close("a single position (3, 5) with the value weights (10, 1), (0, 100)", out, {30, 503},
               {{{3, 5}, "x itself, and not its value: multiply x by the value weights"},
                {{30 * 9, 503 * 9}, no_softmax},
                {{30 * scaled, 503 * scaled}, no_softmax}});
}

TEST_CASE("Head: from (B, T, C) to (B, T, hs)", "[ch02][head][operator()]") {
  Rng rng(1);
  const Head head(8, 4, rng);
  expect_shape("Head(8, 4) of a (2, 3, 8)", head(Tensor::zeros({2, 3, 8})), {2, 3, 4});
  expect_shape("Head(8, 4) of a (1, 1, 8)", head(Tensor::zeros({1, 1, 8})), {1, 1, 4});
}

TEST_CASE("Head: the softmax of scaled scores weighs the values", "[ch02][head][operator()]") {
  // C = 3: channel 0 is what a position asks, channel 1 what it offers, channel 2 what it says. hs = 4.
  //   query = (ln 3 * x0, 0, 0, 0), key = (x1, 0, 0, 0), value = (x2, 0, 0, 0)
  // Positions (1, 3, 4) and (2, 2, 8). The second asks 2 ln 3, and finds the keys 3 and 2: its scores are 6
  // ln 3 and 4 ln 3. Divided by sqrt(hs) = 2 they are 3 ln 3 and 2 ln 3, their exponentials 27 and 9, the
  // weights 3/4 and 1/4, and the output 3/4 * 4 + 1/4 * 8 = 5. The first sees only itself: 4.
  const float a = std::log(3.0f), root_3 = std::sqrt(3.0f), infinity = std::numeric_limits<float>::infinity();
  const Head head = head_with(3, 4, {{0, 0, a}}, {{1, 0, 1}}, {{2, 0, 1}});
  const Tensor out =
      slice(head(Tensor::from({1, 2, 3}, {1, 3, 4, 2, 2, 8})), -1, 0, 1);  // channel 0: (1, 2, 1)

  // What a position says that weighs the values 4 and 8 by odds to 1.
  const auto at_odds = [](float odds) { return (odds * 4 + 8) / (odds + 1); };
  // What the second says if its scores are multiplied by another number than 1/2.
  const auto scaled_by = [&](float scale) { return at_odds(std::exp(2 * a * scale)); };
  expect_close(
      "Head(3, 4) of (1, 3, 4), (2, 2, 8), of which the second weighs the values 4 and 8 by 3/4 and 1/4", out,
      {4, 5},
      {{{4, scaled_by(1)}, "the scores are not scaled: divide them by sqrt(hs)"},
       {{4, scaled_by(1 / 3.0f)}, "the scores are divided by C, and not by sqrt(hs)"},
       {{4, scaled_by(1 / std::sqrt(3.0f))}, "the scores are divided by sqrt(C), and not by sqrt(hs)"},
       {{4, scaled_by(1 / 4.0f)}, "the scores are divided by hs, and not by its square root"},
       {{4, at_odds(1)},
        "all scores are 0, as if scaled by 0: 1 / 4 of whole numbers is 0, so convert hs to float"},
       {{4, scaled_by(2)}, "the scores are multiplied by sqrt(hs), where a division is asked for"},
       {{at_odds(root_3), 5}, "the first position hears the second: the mask lets the future through"},
       {{at_odds(3 * root_3), 5}, "the future has scores of 0, and e^0 = 1: mask it with -inf"},
       {{4 * root_3 / (root_3 + 1), 5},
        "the mask comes after the softmax, so that rows no longer sum to 1: mask the scores"},
       {{-infinity, 5}, "the mask comes after the softmax, and -inf is no share: mask the scores"},
       {{4 / (3 * root_3 + 1), 4 * 3 * root_3 / (3 * root_3 + 1) + 8},
        "the softmax runs over the queries: each row of weights, one query's, must sum to 1"},
       {{4, at_odds(27)},
        "the keys are reshaped where they are to be transposed: reshape() leaves the numbers in their order"},
       {{4, at_odds(1 / 3.0f)},
        "query and key have changed places: a model like that learns as well, but a saved one would be "
        "read wrongly, so keep to the names"},
       {{4, at_odds(std::exp(-a * a))}, "the key weights are not used: the query is compared with itself"},
       {{4, at_odds(std::exp(1.0f))}, "the query weights are not used: the key is compared with itself"}},
      1e-4f);
}

TEST_CASE("Head: each row of the attention weights sums to 1", "[ch02][head][operator()]") {
  // Channel 0 is 1 everywhere, and all that a position says: the output is the sum of the weights.
  const std::size_t T = 5;
  const Head head = head_with(3, 2, {{1, 0, 1}, {2, 1, 1}}, {{1, 0, -1}, {2, 0, 1}}, {{0, 0, 1}});
  Rng rng(1);
  std::vector<float> x;
  for (std::size_t t = 0; t < T; ++t) x.insert(x.end(), {1.0f, rng.normal(), rng.normal()});
  const Tensor sums = slice(head(Tensor::from({1, T, 3}, x)), -1, 0, 1);
  for (std::size_t t = 0; t < T; ++t) {
    expect(!std::isnan(sums.values()[t]),
           "row " + std::to_string(t) +
               " of the attention weights is not a number: with every score at -inf "
               "there is nothing to share out, so a position must see itself");
  }
  expect_rows_sum_to_1("the attention weights", reshape(sums, {T, 1}));
}

TEST_CASE("Head: equal scores give the average of the past", "[ch02][head][operator()]") {
  // No queries, no keys: all scores are 0. Averages of 2, 4, 9: 2, 3, 5.
  const Head head = head_with(1, 1, {}, {}, {{0, 0, 1}});
  expect_close("a head without queries of 2, 4, 9, the averages of the past",
               head(Tensor::from({1, 3, 1}, {2, 4, 9})), {2, 3, 5},
               {{{5, 5, 5}, "the whole sequence is averaged: the mask lets the future through"},
                {{2 / 3.0f, 2, 5},
                 "the future has a share of the weights: mask the scores with -inf, since e^0 is 1"}});
}

TEST_CASE("Head: finds the one position that it looks for", "[ch02][head][operator()]") {
  // Keys: positions are 1-of-4, in channels 0 to 3. The last asks for what position 1 offers, 50 times as
  // loudly as a softmax needs. Values: 10, 20, 30, 40, in channel 4.
  const Head head = head_with(6, 4, {{5, 1, 100}}, {{0, 0, 1}, {1, 1, 1}, {2, 2, 1}, {3, 3, 1}}, {{4, 0, 1}});
  const Tensor x = Tensor::from({1, 4, 6}, {1, 0, 0, 0, 10, 0, 0, 1, 0, 0, 20, 0,  //
                                            0, 0, 1, 0, 30, 0, 0, 0, 0, 1, 40, 1});
  expect_close("output of the last position, whose query fits the key of position 1, where the value is 20",
               head(x).at({0, 3, 0}), 20.0f, 1e-4f);
}

TEST_CASE("Head: a later token never changes an earlier output", "[ch02][head][operator()]") {
  const Head head = random_head(4, 3, 1);
  expect_causal(
      "Head(4, 3)", [&](const Tensor& x) { return head(x); }, random_input({2, 6, 4}, 2));
}

TEST_CASE("Head: an earlier token changes all later outputs", "[ch02][head][operator()]") {
  const Head head = random_head(4, 3, 1);
  const Tensor x = random_input({1, 5, 4}, 2);
  const Tensor before = head(x);
  const Tensor moved = Tensor::from(x.shape(), x.values());
  for (std::size_t c = 0; c < 4; ++c) moved.mutable_values()[c] += 1.0f;
  const Tensor after = head(moved);
  for (std::size_t t = 0; t < 5; ++t) {
    float change = 0;
    for (std::size_t c = 0; c < 3; ++c) change += std::abs(after.at({0, t, c}) - before.at({0, t, c}));
    expect(change > 1e-4f,
           "position " + std::to_string(t) + " did not change when token 0 did: the past is masked");
  }
}

TEST_CASE("Head: a sequence gets the same answer alone and in a batch", "[ch02][head][operator()]") {
  const Head head = random_head(4, 3, 3);
  const Tensor x = random_input({3, 5, 4}, 4);
  const Tensor together = head(x);
  for (std::size_t b = 0; b < 3; ++b) {
    expect_close("sequence " + std::to_string(b) + ", alone and in a batch of 3", head(slice(x, 0, b, b + 1)),
                 slice(together, 0, b, b + 1), 1e-5f);
  }
}

TEST_CASE("Head: equals the library's attention in one pass", "[ch02][head][operator()]") {
  struct Sizes {
    std::size_t C, hs, B, T;
  };
  // Small numbers beside large ones: 1e4 times as large in every other channel, weights as small there.
  for (const Sizes& s : {Sizes{6, 4, 2, 7}, Sizes{5, 3, 3, 11}, Sizes{9, 7, 1, 13}, Sizes{3, 1, 2, 4}}) {
    for (const float size : {1.0f, 1e4f}) {
      const Head head = random_head(s.C, s.hs, 5 + s.C);
      const Parameters p = head.parameters();
      Tensor x = random_input({s.B, s.T, s.C}, 6);
      for (std::size_t i = 0; i < x.size(); i += 2) x.mutable_values()[i] *= i % s.C == 0 ? size : 1.0f;
      for (const Parameter& weight : p) {
        for (std::size_t i = 0; i < s.hs; ++i) weight.tensor.mutable_values()[i] /= size;
      }
      const auto by = [&](std::size_t i) { return linear(x, p[i].tensor); };
      const Tensor right = causal_attention(by(0), by(1), by(2));
      const float as_if_4 = std::sqrt(static_cast<float>(s.hs) / 4);
      const Tensor scaled_for_4 = causal_attention(by(0) * as_if_4, by(1), by(2));
      const std::string what = "Head(" + std::to_string(s.C) + ", " + std::to_string(s.hs) + ") of a " +
                               to_string(x.shape()) + ", against causal_attention()";
      const Tensor y = head(x);
      expect_shape(what, y, right.shape());
      expect_close(what, y, {right.values().begin(), right.values().end()},
                   {{{scaled_for_4.values().begin(), scaled_for_4.values().end()},
                     "the scores are divided by 2, which is sqrt(hs) for hs = 4 alone"}},
                   1e-4f);
      expect_pure(what, [&] { return head(x); }, {{"x", x}});
    }
  }
}

TEST_CASE("Head: gradient", "[ch02][head][operator()]") {
  const Head head = random_head(3, 2, 7);
  Tensor x = random_input({2, 3, 3}, 8).require_grad();
  expect_gradient(
      "Head(3, 2)", [&] { return head(x); }, head.parameters());
  expect_gradient(
      "Head(3, 2)", [&] { return head(x); }, x);
}

TEST_CASE("Head: refuses sizes of 0 and input of another width", "[ch02][head]") {
  Rng rng(1);
  expect_error(
      "Head(0, 4)", [&] { Head(0, 4, rng); }, "Head: C must be positive");
  expect_error(
      "Head(4, 0)", [&] { Head(4, 0, rng); }, "Head: hs must be positive");
  const Head head(4, 2, rng);
  expect_error(
      "Head(4, 2) of a (2, 3, 5)",
      [&] {
        head(Tensor::zeros({2, 3, 5}));
      },
      "got (2, 3, 5)");
  expect_error(
      "Head(4, 2) of a (3, 4)",
      [&] {
        head(Tensor::zeros({3, 4}));
      },
      "got (3, 4)");
}
