#include "02_self_attention/averages.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

struct Way {
  std::string name;
  std::function<Tensor(const Tensor&)> average;
};

std::vector<Way> all_ways() {
  return {{"average_by_loop", average_by_loop},
          {"average_by_product", average_by_product},
          {"average_by_softmax", average_by_softmax}};
}

// Two sequences of three positions with two channels.
//   first:  (2, 10), (4, 20), (9, 30)  -> (2, 10), (3, 15), (5, 20)
//   second: (6, 0), (0, 3), (3, 3)     -> (6, 0), (3, 1.5), (3, 2)
const std::vector<float> numbers{2, 10, 4, 20, 9, 30, 6, 0, 0, 3, 3, 3};
const std::vector<float> averages{2, 10, 3, 15, 5, 20, 6, 0, 3, 1.5f, 3, 2};

const std::vector<Mistake> mistakes{
    {{5, 20, 5, 20, 5, 20, 3, 2, 3, 2, 3, 2},
     "every position has the average of the whole sequence, future and all; in a mask, the future needs "
     "-inf, "
     "since e^0 is 1 and not 0"},
    {{2 / 3.0f, 10 / 3.0f, 2, 10, 5, 20, 2, 0, 2, 1, 3, 2},
     "divided by T, where position t has only t + 1 numbers to average"},
    {{2, 10, 6, 30, 15, 60, 6, 0, 6, 3, 9, 6}, "sums, not averages"},
    {{0, 0, 2, 10, 3, 15, 0, 0, 6, 0, 3, 1.5f}, "the position itself is left out"},
    {std::vector<float>(12, 0.0f), "no softmax has made the scores into shares of 1"},
    {{2, 10, 6, 30, 7.5f, 30, 6, 0, 6, 3, 4.5f, 3}, "divided by t, where there are t + 1 numbers"},
    {{5, 20, 6.5f, 25, 9, 30, 3, 2, 1.5f, 3, 3, 3}, "the average of the future, where the past is asked for"},
    {{3, 15, 5, 20, 5, 20, 3, 1.5f, 3, 2, 3, 2}, "each average reaches one position into the future"},
    {{6, 6, 12, 6, 12, 19.5f, 3, 3, 1.5f, 3, 1.5f, 3},
     "the average of the channels of each position: the positions are axis 0 of (t + 1, C)"},
    {{2, 10, 3, 15, 5, 20, 6, 0, 3, 1, 3, 2},
     "the fractions are cut off: a sum or a mean is kept as a whole number"},
    {{2, 10, 3, 15, 5, 20, 2, 10, 3, 15, 5, 20}, "the second sequence has the averages of the first"},
    {{2, 10, 3, 15, 5, 20, 4, 7.5f, 3.2f, 6.6f, 3, 5}, "the second sequence is mixed with the first"}};

void expect_averages(const Way& way) {
  const Tensor out = way.average(Tensor::from({2, 3, 2}, numbers));
  expect_shape(way.name + " of a (2, 3, 2)", out, {2, 3, 2});
  expect_close(way.name + " of the rows (2, 10), (4, 20), (9, 30) and (6, 0), (0, 3), (3, 3)", out, averages,
               mistakes);
}

}  // namespace

TEST_CASE("average_by_loop: each position has the mean of itself and those before it", "[ch02][averages]") {
  expect_averages({"average_by_loop", average_by_loop});
}

TEST_CASE("averaging_weights: row t shares 1 among the positions 0 to t", "[ch02][averages]") {
  const Tensor weights = averaging_weights(3);
  const float third = 1 / 3.0f;
  expect_shape("averaging_weights(3)", weights, {3, 3});
  expect_close(
      "averaging_weights(3)", weights, {1, 0, 0, 0.5f, 0.5f, 0, third, third, third},
      {{{1, 0, 0, 1, 1, 0, 1, 1, 1}, "the rows are not divided by how many there are"},
       {{1, 0.5f, third, 0, 0.5f, third, 0, 0, third}, "rows and columns have changed places"},
       {{1, 0, 0, 0, 0, 0, 0, 0, 0},
        "a division of whole numbers drops the fraction: 1 / 2 is 0, and 1.0f / 2 is not"},
       {{third, 0, 0, third, third, 0, third, third, third}, "divided by T, where row t has t + 1"},
       {{third, third, third, 0, 0.5f, 0.5f, 0, 0, 1}, "the future has the weights, and not the past"},
       {{third, third, third, third, third, third, third, third, third}, "the future has weights too"}});
  expect_rows_sum_to_1("averaging_weights(8)", averaging_weights(8));
  expect_close("averaging_weights(1)", averaging_weights(1), std::vector<float>{1.0f});
}

TEST_CASE("average_by_product: gives the same averages", "[ch02][averages]") {
  expect_averages({"average_by_product", average_by_product});
}

TEST_CASE("average_by_softmax: gives the same averages", "[ch02][averages]") {
  expect_averages({"average_by_softmax", average_by_softmax});
}

TEST_CASE("averages: a later position never changes an earlier average", "[ch02][averages]") {
  Rng rng(1);
  const Tensor x = Tensor::normal({2, 6, 3}, 1.0f, rng);
  for (const Way& way : all_ways()) expect_causal(way.name, way.average, x);
}

TEST_CASE("averages: the three ways agree on random numbers", "[ch02][averages]") {
  Rng rng(2);
  for (const auto& [B, T, C] : {std::array<std::size_t, 3>{4, 8, 5}, {3, 7, 2}, {1, 13, 11}, {2, 1, 3}}) {
    for (const float size : {1.0f, 1e4f}) {
      const Tensor x = Tensor::normal({B, T, C}, size, rng);
      std::vector<float> expected(x.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::size_t t = i / C % T;
        double total = 0;
        for (std::size_t back = 0; back <= t; ++back) total += x.values()[i - back * C];
        expected[i] = static_cast<float>(total / static_cast<double>(t + 1));
      }
      for (const Way& way : all_ways()) {
        const std::string what = way.name + " of a " + to_string(x.shape());
        expect_close(what, way.average(x), Tensor::from(x.shape(), expected), size == 1 ? 1e-5f : 1e-2f);
        expect_pure(what, [&] { return way.average(x); }, {{"x", x}});
      }
    }
  }
}

TEST_CASE("averages: one position is its own average", "[ch02][averages]") {
  const Tensor x = Tensor::from({2, 1, 2}, {1, 2, 3, 4});
  for (const Way& way : all_ways()) expect_close(way.name + " of a single position", way.average(x), x);
}

TEST_CASE("averages: gradient of the two that are on the tape", "[ch02][averages]") {
  Rng rng(3);
  Tensor x = Tensor::normal({2, 4, 3}, 1.0f, rng).require_grad();
  expect_gradient(
      "average_by_product", [&] { return average_by_product(x); }, x);
  expect_gradient(
      "average_by_softmax", [&] { return average_by_softmax(x); }, x);
}

TEST_CASE("averages: refuse what is not (B, T, C)", "[ch02][averages]") {
  for (const Way& way : all_ways()) {
    expect_error(
        way.name + " of a (2, 3)",
        [&] {
          way.average(Tensor::zeros({2, 3}));
        },
        "got (2, 3)");
  }
}
