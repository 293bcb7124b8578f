#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "03_multi_head_attention/attention.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;

const float ln3 = std::log(3.0f);

Tensor some(const Shape& shape, float shift, float size = 1.5f) {
  size_t n = 1;
  for (const size_t axis : shape) n *= axis;
  return Tensor::from(shape, uneven(n, size, shift));
}

/// Without dropout.
Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v) {
  Rng rng(1);
  return attention_by_hand(q, k, v, /*p=*/0.0f, rng);
}

/// Equal scores, so that each weight of row t is 1 / (t + 1), and values that are the unit matrix: the result is the
/// weights themselves.
Tensor dropped(size_t T, float p, Rng& rng) {
  Tensor equal = Tensor::zeros({1, T, T}), v = Tensor::zeros({1, T, T});
  for (size_t t = 0; t < T; ++t) v.mutable_values()[t * T + t] = 1;
  return attention_by_hand(equal, equal, v, p, rng);
}

}  // namespace

TEST_CASE("attention_by_hand: any number of axes in front, and the shape of q stays", "[ch03][attention]") {
  for (const Shape& shape : {Shape{3, 7}, Shape{2, 3, 4}, Shape{2, 3, 5, 4}, Shape{1, 1, 1, 1}}) {
    const Tensor x = Tensor::zeros(shape);
    expect_shape("attention_by_hand of " + to_string(shape), attend(x, x, x), shape);
  }
}

TEST_CASE("attention_by_hand: numbers worked out by hand", "[ch03][attention]") {
  // hs = 4: position 1 asks with 2 ln 3 for the keys 2 and 1. Scores 4 ln 3 and 2 ln 3, halved 2 ln 3 and ln 3; weights
  // 9/12 and 3/12; 3/4 * 4 + 1/4 * 8 = 5. Position 0 has nobody but itself: 4.
  const Tensor q = Tensor::from({2, 4}, {8 * ln3, 0, 0, 0, 2 * ln3, 0, 0, 0});
  const Tensor k = Tensor::from({2, 4}, {2, 0, 0, 0, 1, 0, 0, 0}),
               v = Tensor::from({2, 4}, {4, 0, 0, 0, 8, 0, 0, 0});
  const auto of = [](float weight) { return weight * 4 + (1 - weight) * 8; };
  const auto row = [&](float first, float second) { return Numbers{first, 0, 0, 0, second, 0, 0, 0}; };
  const float keys = 9.0f / 12 * 2 + 3.0f / 12;
  // What position 0 would give itself if position 1 could be looked at: its scores are 8 ln 3 and 4 ln 3.
  const float loose = 1.0f / (1.0f + std::pow(3.0f, -4.0f));
  expect_close(
      "attention_by_hand of the two positions of the task", attend(q, k, v), row(4, 5),
      {{row(4, of(81.0f / 90)), "the scores are not divided by sqrt(hs)"},
       {row(4, of(std::sqrt(3.0f) / (1 + std::sqrt(3.0f)))),
        "the scores are divided by hs; it takes its root"},
       {row(4, of(std::pow(3.0f, std::sqrt(2.0f)) / (1 + std::pow(3.0f, std::sqrt(2.0f))))),
        "the scores are divided by sqrt(T), the number of positions; it is that of the channels, hs"},
       {row(2, keys), "it is the keys that are averaged; it takes the values"},
       {row(loose * 4, 5), "the mask comes after the softmax, so that rows no longer sum to 1"},
       {row(of(loose), 5), "position 0 looks at position 1: the mask is missing"},
       {row(4, of(27.0f / 28)), "query and key are exchanged: q asks, so q comes first"}},
      1e-4f);
}

TEST_CASE("attention_by_hand: q asks and k is asked", "[ch03][attention]") {
  // hs = 1. Position 1 asks with 1, the keys are ln 3 and 0: weights 3/4 and 1/4 of the values 8 and 4, which is 7. With
  // the two exchanged, key 1, which is 0, would ask: 1/2 and 1/2, which is 6.
  const Tensor q = Tensor::from({2, 1}, {0.5f, 1}), k = Tensor::from({2, 1}, {ln3, 0}),
               v = Tensor::from({2, 1}, {8, 4});
  expect_close("attention_by_hand of q = (0.5, 1), k = (ln 3, 0), v = (8, 4)", attend(q, k, v), {8, 7},
               {{{8, 6}, "query and key are exchanged: the scores are q times the transposed k"},
                {{8, 4 + 4 * std::sqrt(3.0f) / (1 + std::sqrt(3.0f))},
                 "the scores are divided by 2, whatever the size of the head; here hs is 1"}});
}

TEST_CASE("attention_by_hand: a later position never changes an earlier one", "[ch03][attention]") {
  for (const auto& [B, T, hs] : {std::array<size_t, 3>{1, 5, 3}, {2, 7, 4}, {3, 11, 2}}) {
    const Tensor x = some({B, T, hs}, 0.3f);
    expect_causal(
        "attention_by_hand", [](const Tensor& y) { return attend(y, y, y); }, x);
  }
}

TEST_CASE("attention_by_hand: equals the library's, for sizes that share no factor", "[ch03][attention]") {
  for (const Shape& shape :
       {Shape{3, 7}, Shape{5, 2}, Shape{2, 3, 5, 7}, Shape{3, 4, 11, 5}, Shape{4, 1, 13}, Shape{67, 3}}) {
    for (const float size : {1.0f, 9.0f}) {
      const Tensor q = some(shape, 0.1f, size), k = some(shape, 1.2f, size),
                   v = some(shape, 2.3f, size * size);
      expect_close("attention_by_hand of " + to_string(shape), attend(q, k, v), causal_attention(q, k, v),
                   1e-4f);
      expect_pure("attention_by_hand", [&] { return attend(q, k, v); }, {{"q", q}, {"k", k}, {"v", v}});
    }
  }
}

TEST_CASE("attention_by_hand: dropout of scores would be another thing", "[ch03][attention]") {
  // Scores 3 ln 3 and 0 for position 1: weights 27/28 and 1/28. With p = 0.5 the first is 0 or 54/28. A dropped score would
  // leave a half.
  const Tensor q = Tensor::from({2, 1}, {0, 1}), k = Tensor::from({2, 1}, {3 * ln3, 0}),
               v = Tensor::from({2, 1}, {1, 0});
  Rng rng(5);
  for (int draw = 0; draw < 30; ++draw) {
    const Tensor out = attention_by_hand(q, k, v, 0.5f, rng);
    const float first = out.values()[1];
    expect(std::abs(first - 0.5f) > 1e-4f,
           "attention_by_hand: dropout goes over the scores; it goes over the weights, after the softmax");
  }
}

TEST_CASE("attention_by_hand: it draws from the dice that it is given", "[ch03][attention]") {
  Rng one(7), same(7), other(8);
  const auto values = [](const Tensor& x) { return Numbers(x.values().begin(), x.values().end()); };
  const Numbers first = values(dropped(9, 0.5f, one));
  size_t gone = 0;
  for (size_t t = 0; t < 9; ++t)
    gone += static_cast<size_t>(std::count(&first[9 * t], &first[9 * t + t] + 1, 0.0f));
  expect(gone > 0, "attention_by_hand: nothing is dropped in training with p = 0.5");
  expect(first == values(dropped(9, 0.5f, same)),
         "attention_by_hand: with the same dice, other weights were dropped");
  expect(first != values(dropped(9, 0.5f, one)),
         "attention_by_hand: a second call drops the same again: draw from rng");
  expect(first != values(dropped(9, 0.5f, other)),
         "attention_by_hand: other dice drop the same again: draw from rng");
}

TEST_CASE("attention_by_hand: dropout goes over the weights, in training", "[ch03][attention]") {
  const size_t T = 4;
  for (const std::uint64_t seed : {1, 2, 3}) {
    Rng rng(seed);
    size_t zeros = 0, doubled = 0, as_they_were = 0, seen = 0;
    for (int draw = 0; draw < 50; ++draw) {
      const Tensor w = dropped(T, 0.5f, rng);
      for (size_t t = 0; t < T; ++t) {
        for (size_t s = 0; s <= t; ++s) {
          const float weight = w.values()[t * T + s], whole = 1.0f / static_cast<float>(t + 1);
          ++seen;
          zeros += weight == 0;
          doubled += std::abs(weight - 2 * whole) < 1e-5f;
          as_they_were += std::abs(weight - whole) < 1e-5f;
        }
      }
    }
    expect(zeros + as_they_were < seen, "attention_by_hand: what stays is not divided by 1 - p");
    expect_equal("attention_by_hand: weights of 50 draws that are neither 0 nor divided by 1 - p",
                 static_cast<long long>(seen - zeros - doubled), 0);
    const float share = static_cast<float>(zeros) / static_cast<float>(seen);
    expect(share > 0.4f && share < 0.6f,
           "attention_by_hand: of the weights, " + std::to_string(share) + " were dropped, where p is 0.5");
  }
}

TEST_CASE("attention_by_hand: a small share is dropped, too", "[ch03][attention]") {
  Rng rng(6);
  const size_t T = 4;
  size_t zeros = 0;
  for (int draw = 0; draw < 400; ++draw) {
    const Tensor w = dropped(T, 0.1f, rng);
    for (size_t t = 0; t < T; ++t)
      zeros += static_cast<size_t>(std::count(&w.values()[t * T], &w.values()[t * T + t] + 1, 0.0f));
  }
  expect(zeros > 280 && zeros < 520, "attention_by_hand: of 4,000 weights, " + std::to_string(zeros) +
                                         " were dropped, where p is 0.1, which makes some 400");
}

TEST_CASE("attention_by_hand: each weight is dropped by itself", "[ch03][attention]") {
  const size_t T = 5;
  Rng rng(4);
  size_t columns_apart = 0, within_row = 0;
  bool unequal_values = false;
  for (int draw = 0; draw < 40; ++draw) {
    const Tensor w = dropped(T, 0.5f, rng);
    const auto gone = [&](size_t t, size_t s) { return w.values()[t * T + s] == 0; };
    columns_apart += gone(3, 0) != gone(4, 0);
    within_row += gone(4, 0) != gone(4, 1);
  }
  expect(columns_apart > 0,
         "attention_by_hand: a dropped value is dropped for all who ask: dropout goes over the weights");
  expect(within_row > 0, "attention_by_hand: in a row, all weights were dropped or none");
  // Two channels of a value share their weight: with v = (1, 1), both come out alike.
  const Tensor zero = Tensor::zeros({1, T, 2}), ones = Tensor::full({1, T, 2}, 1);
  for (int draw = 0; draw < 20; ++draw) {
    const Tensor out = attention_by_hand(zero, zero, ones, 0.5f, rng);
    for (size_t t = 0; t < T; ++t)
      unequal_values = unequal_values || out.values()[2 * t] != out.values()[2 * t + 1];
  }
  expect(
      !unequal_values,
      "attention_by_hand: the result is dropped, and not the weights: two channels of one value went apart");
}

TEST_CASE("attention_by_hand: nothing is dropped in evaluation", "[ch03][attention]") {
  const NoGrad no_grad;
  Rng rng(9);
  const Tensor q = some({2, 5, 3}, 0.1f), k = some({2, 5, 3}, 1.2f), v = some({2, 5, 3}, 2.3f);
  expect_close("attention_by_hand under NoGrad, p = 0.5", attention_by_hand(q, k, v, 0.5f, rng),
               causal_attention(q, k, v), 1e-4f);
}

TEST_CASE("attention_by_hand: the gradient of q, k and v", "[ch03][attention]") {
  for (const Shape& shape : {Shape{2, 3, 2}, Shape{1, 2, 4, 3}}) {
    Tensor q = some(shape, 0.1f), k = some(shape, 1.2f), v = some(shape, 2.3f);
    q.require_grad();
    k.require_grad();
    v.require_grad();
    expect_gradient(
        "attention_by_hand", [&] { return attend(q, k, v); }, Parameters{{"q", q}, {"k", k}, {"v", v}});
  }
}

TEST_CASE("attention: is what BatchedAttention calls, with the same result", "[ch03][attention]") {
  Rng rng(1);
  const Tensor q = some({2, 3, 5, 4}, 0.1f), k = some({2, 3, 5, 4}, 1.2f), v = some({2, 3, 5, 4}, 2.3f);
  expect_close("attention against attention_by_hand", attention(q, k, v, 0.0f, rng), attend(q, k, v), 1e-4f);
}
