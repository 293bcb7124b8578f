#include "09_subwords/split_fused.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("split_fused: three neighbours along the last axis", "[ch09][split_fused]") {
  // Two rows, C = 2: queries in the first two columns, keys in the next, values in the last.
  const Tensor fused = Tensor::from({2, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const auto [query, key, value] = split_fused(fused);
  for (const Tensor& part : {query, key, value}) expect_shape("each part of a (2, 6)", part, {2, 2});
  expect_close("the query of rows 1 to 6 and 7 to 12", query, {1, 2, 7, 8},
               {{{1, 4, 7, 10}, "every third column came: the three lie side by side, each whole"},
                {{1, 2, 3, 4}, "the rows were cut, or the numbers counted off: cut the last axis"},
                {{5, 6, 11, 12}, "the value came: query, key, value is the order"}});
  expect_close("the key of rows 1 to 6 and 7 to 12", key, {3, 4, 9, 10},
               {{{2, 5, 8, 11}, "every third column came: the three lie side by side, each whole"},
                {{5, 6, 11, 12}, "the value came: query, key, value is the order"},
                {{2, 3, 8, 9}, "its columns begin at C, which is a third of them"},
                {{1, 2, 7, 8}, "the query came a second time"}});
  expect_close("the value of rows 1 to 6 and 7 to 12", value, {5, 6, 11, 12},
               {{{3, 4, 9, 10}, "the key came: query, key, value is the order"},
                {{1, 2, 7, 8}, "the query came: query, key, value is the order"}});
}

TEST_CASE("split_fused: of a weight, of a bias, and of what the layer says", "[ch09][split_fused]") {
  // A product with the fused weight, split, is the three products with its parts.
  const Tensor x = Tensor::from({2, 3, 4}, uneven(24)),
               weight = Tensor::from({4, 12}, uneven(48, 1.0f, 0.3f)),
               bias = Tensor::from({12}, uneven(12, 1.0f, 0.7f));
  const auto outputs = split_fused(linear(x, weight, bias));
  const auto weights = split_fused(weight), biases = split_fused(bias);
  for (size_t i = 0; i < 3; ++i) {
    expect_shape("part " + std::to_string(i) + " of a bias (12)", biases[i], {4});
    expect_close("part " + std::to_string(i) + " of the output, and the product with that part of the weight",
                 outputs[i], linear(x, weights[i], biases[i]));
  }
}

TEST_CASE("fuse: the way back", "[ch09][split_fused]") {
  const Tensor fused = Tensor::from({2, 3, 6}, uneven(36));
  const auto [query, key, value] = split_fused(fused);
  expect_close("fuse of what split_fused made", fuse(query, key, value), fused);
}

TEST_CASE("split_fused: gradients find their way", "[ch09][split_fused]") {
  const Tensor fused = Tensor::from({2, 6}, uneven(12)).require_grad();
  expect_gradient(
      "split_fused",
      [&] {
        const auto [query, key, value] = split_fused(fused);
        return query * key + value;
      },
      fused);
}

TEST_CASE("split_fused: says what does not fit", "[ch09][split_fused]") {
  expect_error(
      "split_fused of a (2, 5, 4)",
      [] {
        split_fused(Tensor::zeros({2, 5, 4}));
      },
      "multiple of 3, got 4");
}

TEST_CASE("split_fused: of any size, with any numbers", "[ch09][split_fused]") {
  for (const Shape& shape : {Shape{21}, Shape{5, 3}, Shape{2, 7, 33}, Shape{1, 2, 3, 6}}) {
    const Tensor fused = Tensor::from(shape, uneven(Tensor::zeros(shape).size(), 1e4f));
    const auto parts = split_fused(fused);
    const size_t C = shape.back() / 3;
    for (size_t i = 0; i < 3; ++i) {
      const std::string what = "part " + std::to_string(i) + " of a " + to_string(shape);
      expect_close(what, parts[i], slice(fused, -1, i * C, (i + 1) * C));
      expect_pure(what, [&] { return split_fused(fused)[i]; }, {{"fused", fused}});
    }
  }
}
