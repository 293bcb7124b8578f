#include "05_blocks/dropout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

double share_of_zeros(const Tensor& y) {
  double zeros = 0;
  for (const float value : y.values()) zeros += value == 0.0f;
  return zeros / static_cast<double>(y.size());
}

bool same(const Tensor& a, const Tensor& b) {
  return std::equal(a.values().begin(), a.values().end(), b.values().begin(), b.values().end());
}

std::string text(double x) { return std::to_string(x).substr(0, 5); }

/// Counts stay within six standard deviations, whatever the seed.
constexpr double many = 40000;

}  // namespace

TEST_CASE("dropout_by_hand: each number is dropped or scaled up", "[ch05][dropout]") {
  // p = 0.25: of 3, either nothing is left or 3 / (1 - 0.25) = 4.
  Rng rng(1);
  const Tensor y = dropout_by_hand(Tensor::full({50, 20}, 3), 0.25f, rng);
  expect_shape("dropout_by_hand of a (50, 20)", y, {50, 20});
  for (const float value : y.values()) {
    expect(value != 3.0f,
           "dropout_by_hand: with p = 0.25 a 3 was kept as 3: it must grow to 3 / (1 - p) = 4, to make up "
           "for the "
           "quarter that is dropped");
    expect(value == 0.0f || std::abs(value - 4.0f) < 1e-5f,
           "dropout_by_hand: with p = 0.25 a 3 becomes 0 or 3 / (1 - p) = 4, got " + text(value));
  }
}

TEST_CASE("dropout_by_hand: the dice are thrown for each number", "[ch05][dropout]") {
  Rng rng(4);
  const Tensor y = dropout_by_hand(Tensor::full({10, 200}, 1), 0.5f, rng);
  for (int axis = 0; axis < 2; ++axis) {
    const double alike = share_of_zeros(sum(y, axis));  // a whole row or column of zeros
    expect(alike < 0.05 || axis == 0,
           "dropout_by_hand: whole rows were dropped at once; each number has a throw of its own");
    expect(alike < 0.05,
           "dropout_by_hand: whole columns were dropped at once; each number has a throw of its own");
  }
}

TEST_CASE("dropout_by_hand: the dice are the ones that came in", "[ch05][dropout]") {
  const Tensor x = Tensor::full({5, 7}, 1);
  Rng one(10), same_seed(10), other(11);
  const Tensor y = dropout_by_hand(x, 0.5f, one);
  expect(
      !same(dropout_by_hand(x, 0.5f, one), y),
      "dropout_by_hand: two calls drop the same numbers: throw the dice that came in, and no copy of them");
  expect(same(dropout_by_hand(x, 0.5f, same_seed), y),
         "dropout_by_hand: the same seed drops other numbers: throw the dice that came in, and none of your "
         "own");
  expect(
      !same(dropout_by_hand(x, 0.5f, other), y),
      "dropout_by_hand: two seeds drop the same numbers: throw the dice that came in, and none of your own");
}

TEST_CASE("dropout_by_hand: a share p is dropped", "[ch05][dropout]") {
  Rng rng(2);
  const double share = share_of_zeros(dropout_by_hand(Tensor::full({200, 200}, 1), 0.25f, rng));
  expect(std::abs(share - 0.25) < 6 * std::sqrt(0.25 * 0.75 / many),
         "dropout_by_hand: with p = 0.25, a share of " + text(share) + " was dropped");
  const double few = share_of_zeros(dropout_by_hand(Tensor::full({200, 200}, 1), 0.004f, rng)) * many;
  expect(few > 84 && few < 236, "dropout_by_hand: with p = 0.004, " + std::to_string(int(few)) +
                                    " of 40,000 numbers were dropped, which should be some 160");
}

TEST_CASE("dropout_by_hand: keeps the expectation", "[ch05][dropout]") {
  Rng rng(3);
  const float average = mean(dropout_by_hand(Tensor::full({200, 200}, 1), 0.5f, rng)).item();
  expect(std::abs(average - 1.0) < 6 / std::sqrt(many),
         "dropout_by_hand: the mean of many ones should stay 1, got " + text(average));
}

TEST_CASE("dropout_by_hand: the gradient is dropped and scaled like its number", "[ch05][dropout]") {
  Rng rng(5);
  const Tensor x = Tensor::full({100}, 2).require_grad();
  const Tensor y = dropout_by_hand(x, 0.5f, rng);
  expect(y.requires_grad(), "dropout_by_hand: its result is off the tape, so that no gradient reaches x");
  sum(y).backward();
  for (std::size_t i = 0; i < y.size(); ++i) {
    expect_close("dropout_by_hand: the gradient of a 2 that became " + text(y.values()[i]), x.grad()[i],
                 y.values()[i] / 2);
  }
}

TEST_CASE("Dropout: drops in training, anew on each call", "[ch05][dropout]") {
  Rng rng(6);
  const Dropout drop(0.25f, rng);
  const Tensor x = Tensor::full({200, 200}, 1);
  const Tensor first = drop(x), second = drop(x);
  expect(!same(first, x), "Dropout: nothing was dropped in training, when no NoGrad lives");
  const double share = share_of_zeros(first);
  expect(std::abs(share - 0.25) < 6 * std::sqrt(0.25 * 0.75 / many),
         "Dropout: with p = 0.25, a share of " + text(share) + " was dropped");
  expect(
      !same(first, second),
      "Dropout: two calls dropped the same numbers: each call must draw on, from the one Rng that came in");
}

TEST_CASE("Dropout: the identity while a NoGrad lives", "[ch05][dropout]") {
  Rng rng(7);
  const Dropout drop(0.5f, rng);
  const Tensor x = Tensor::from({2, 5}, uneven(10));
  const NoGrad speaking;
  expect(
      same(drop(x), x),
      "Dropout: it is active while a NoGrad lives: only training drops, a model that speaks uses all it has");
}

TEST_CASE("Dropout: the identity if p is 0", "[ch05][dropout]") {
  Rng rng(8);
  const Dropout drop(0.0f, rng);
  const Tensor x = Tensor::from({2, 5}, uneven(10));
  expect_close("Dropout(0)", drop(x), x);
}

TEST_CASE("Dropout: says which p it takes", "[ch05][dropout]") {
  Rng rng(9);
  expect_error(
      "Dropout(1)", [&] { Dropout drop(1.0f, rng); }, "must be in [0, 1)");
  expect_error(
      "Dropout(-0.1)", [&] { Dropout drop(-0.1f, rng); }, "must be in [0, 1)");
}

TEST_CASE("dropout_by_hand: of any size, with any numbers", "[ch05][dropout]") {
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const Shape& shape : {Shape{7}, Shape{3, 5}, Shape{2, 11, 13}}) {
      for (const float p : {0.1f, 0.5f, 0.9f}) {
        const std::size_t n = Tensor::zeros(shape).size();
        const std::vector<float> numbers = uneven(n, 1e4f);
        const Tensor x = Tensor::from(shape, numbers), y = dropout_by_hand(x, p, rng);
        expect_shape("dropout_by_hand of a " + to_string(shape), y, shape);
        expect_close("dropout_by_hand: the x that was passed in", x, Tensor::from(shape, numbers));
        for (std::size_t i = 0; i < n; ++i) {
          if (y.values()[i] == 0.0f) continue;
          expect_close(
              "dropout_by_hand: what is left of " + std::to_string(numbers[i]) + " with p = " + text(p),
              y.values()[i], numbers[i] / (1 - p));
        }
      }
    }
  }
}
