#include "02_self_attention/mask_future.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

constexpr float out = -std::numeric_limits<float>::infinity();

struct Way {
  std::string name;
  std::function<Tensor(const Tensor&)> mask;
};

std::vector<Way> both_ways() {
  return {{"mask_future_by_hand", mask_future_by_hand}, {"mask_future", mask_future}};
}

}  // namespace

TEST_CASE("mask_future: the past keeps its scores, and the future gets -inf", "[ch02][mask_future]") {
  const Tensor scores = Tensor::from({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const Way& way : both_ways()) {
    const Tensor masked = way.mask(scores);
    expect_shape(way.name + " of a (3, 3)", masked, {3, 3});
    for (const float value : masked.values()) {
      expect(!std::isnan(value), way.name +
                                     " of the rows 1 2 3, 4 5 6, 7 8 9 holds a NaN: 0 times infinity is "
                                     "not 0, so add a matrix of 0 and -inf, and never multiply by one");
    }
    expect_close(
        way.name + " of the rows 1 2 3, 4 5 6, 7 8 9", masked, {1, out, out, 4, 5, out, 7, 8, 9},
        {{{1, 0, 0, 4, 5, 0, 7, 8, 9}, "0 is a score like any other, and e^0 = 1: the future needs -inf"},
         {{1, 2, 3, out, 5, 6, out, out, 9}, "the past is masked, and not the future"},
         {{out, out, out, 4, out, out, 7, 8, out},
          "the mask is shifted by one: a position may look at itself"},
         {{1, 2, out, 4, 5, 6, 7, 8, 9}, "the mask is shifted by one: each position sees the next"},
         {{1, 2, 3, 4, 5, 6, 7, 8, 9}, "nothing is masked"},
         {{1, out, out, 2, 5, out, 3, 6, 9}, "the scores are transposed"}});
  }
}

TEST_CASE("mask_future: after a softmax, all the weight is on the past", "[ch02][mask_future]") {
  // Scores of -200: a mask that is merely low, -100 say, would be the winner.
  const Tensor scores = Tensor::full({4, 4}, -200.0f);
  for (const Way& way : both_ways()) {
    const Tensor weights = softmax(way.mask(scores));
    expect_rows_sum_to_1("the softmax of " + way.name, weights);
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t column = 0; column < 4; ++column) {
        const float expected = column > row ? 0.0f : 1.0f / static_cast<float>(row + 1);
        expect_close("weight of position " + std::to_string(column) + " for position " + std::to_string(row) +
                         ", after " + way.name + " of equal scores and a softmax",
                     weights.at({row, column}), expected);
      }
    }
  }
}

TEST_CASE("mask_future: masks every matrix of a batch, and of every head", "[ch02][mask_future]") {
  for (const Way& way : both_ways()) {
    expect_close(way.name + " of a (2, 2, 2)", way.mask(Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})),
                 Tensor::from({2, 2, 2}, {1, out, 3, 4, 5, out, 7, 8}));
    expect_close(way.name + " of a (2, 1, 2, 2)",
                 way.mask(Tensor::from({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})),
                 Tensor::from({2, 1, 2, 2}, {1, out, 3, 4, 5, out, 7, 8}));
  }
}

TEST_CASE("mask_future: a single position may look at itself", "[ch02][mask_future]") {
  for (const Way& way : both_ways())
    expect_close(way.name + " of a single score", way.mask(Tensor::full({1, 1}, 3)),
                 std::vector<float>{3.0f});
}

TEST_CASE("mask_future: in a window of any length, all of the future and none of the past",
          "[ch02][mask_future]") {
  for (const std::size_t T : {2, 9, 17, 67}) {
    Rng rng(T);  // other scores for each
    const Tensor scores = Tensor::normal({2, T, T}, T == 9 ? 1.0f : 1e4f, rng);
    for (const Way& way : both_ways()) {
      const Tensor masked = way.mask(scores);
      expect_pure(way.name, [&] { return way.mask(scores); }, {{"the scores", scores}});
      for (std::size_t i = 0; i < masked.size(); ++i) {
        const std::size_t row = i / T % T, column = i % T;
        const float expected = column > row ? out : scores.values()[i];
        expect(masked.values()[i] == expected,
               way.name + " with T = " + std::to_string(T) + ": row " + std::to_string(row) + ", column " +
                   std::to_string(column) +
                   (column > row ? " is the future, and is not -inf" : " is the past, and changed"));
      }
    }
  }
}

TEST_CASE("mask_future: both ways agree on random scores", "[ch02][mask_future]") {
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const Shape& shape : {Shape{2, 3, 8, 8}, Shape{5, 11, 11}, Shape{13, 13}, Shape{1, 2, 37, 37}}) {
      const Tensor scores = Tensor::normal(shape, 1e4f, rng);
      expect_close("mask_future of a " + to_string(shape) + ", against mask_future_by_hand",
                   mask_future(scores), mask_future_by_hand(scores));
    }
  }
}

TEST_CASE("mask_future: the gradient reaches the past and stops at the mask", "[ch02][mask_future]") {
  Rng rng(2);
  Tensor scores = Tensor::normal({2, 4, 4}, 1.0f, rng).require_grad();
  for (const Way& way : both_ways()) {
    scores.zero_grad();
    const Tensor weights = softmax(way.mask(scores));
    expect(weights.requires_grad(),
           way.name + ": the result is off the tape; compute with tensors' operations");
    expect_gradient(
        "softmax of " + way.name, [&] { return softmax(way.mask(scores)); }, scores);
  }
}

TEST_CASE("mask_future: leaves the scores that were passed in alone", "[ch02][mask_future]") {
  const Tensor scores = Tensor::from({2, 2}, {1, 2, 3, 4});
  for (const Way& way : both_ways()) {
    way.mask(scores);
    expect_close("the scores after " + way.name, scores, std::vector<float>{1, 2, 3, 4});
  }
}

TEST_CASE("mask_future: refuses scores that are not square", "[ch02][mask_future]") {
  for (const Way& way : both_ways()) {
    for (const Shape& shape : {Shape{2, 3}, Shape{1, 3}, Shape{3, 1}, Shape{4}, Shape{2, 3, 1}})
      expect_error(
          way.name, [&] { way.mask(Tensor::zeros(shape)); }, to_string(shape));
  }
}
