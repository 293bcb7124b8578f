#include "05_blocks/projected.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// A part that is known: each number twice over.
struct Twice {
  Tensor operator()(const Tensor& x) const { return concatenate({x, x}, -1); }
  Parameters parameters() const { return {}; }
};

}  // namespace

TEST_CASE("Projected: the part's weights, then the projection's", "[ch05][projected]") {
  Rng rng(1);
  const Projected<Linear> projected(Linear(2, 3, Bias::off, rng), 3, 2, /*dropout=*/0, rng);
  expect_parameters("Projected(Linear(2, 3))", projected.parameters(),
                    {{"weight", {2, 3}}, {"projection.weight", {3, 2}}, {"projection.bias", {2}}});
}

TEST_CASE("Projected: numbers worked out by hand", "[ch05][projected]") {
  // (1, 2) becomes (1, 2, 1, 2); times [[1, 0], [0, 1], [2, 0], [0, 3]] that is
  // (1 + 2, 2 + 6); plus (10, 20).
  Rng rng(1);
  const Projected<Twice> projected(Twice{}, 4, 2, /*dropout=*/0, rng);
  set_weight(projected.parameters(), "projection.weight", {1, 0, 0, 1, 2, 0, 0, 3});
  set_weight(projected.parameters(), "projection.bias", {10, 20});
  const Tensor y = projected(Tensor::from({1, 1, 2}, {1, 2}));
  expect_shape("Projected of a (1, 1, 2)", y, {1, 1, 2});
  expect_close("Projected", y, {13, 28});
}

TEST_CASE("Projected: drops what it hands on, in training alone", "[ch05][projected]") {
  Rng rng(1);
  const Projected<Twice> projected(Twice{}, 4, 2, /*dropout=*/0.5f, rng);
  fill_weight(projected.parameters(), "projection.weight", 0);
  fill_weight(projected.parameters(), "projection.bias", 1);
  const Tensor x = Tensor::zeros({10, 10, 2});
  float dropped = 0;
  const Tensor y = projected(x);
  for (const float value : y.values()) {
    expect(value == 0.0f || value == 2.0f, "Projected: with dropout 0.5 a 1 becomes 0 or 2");
    dropped += value == 0.0f;
  }
  expect(dropped > 50 && dropped < 150, "Projected: about half of 200 numbers should be dropped");
  const NoGrad speaking;
  expect_close("Projected while a NoGrad lives", projected(x), Tensor::full({10, 10, 2}, 1));
}

TEST_CASE("Projected: its gradient is that of central differences", "[ch05][projected]") {
  Rng rng(1);
  const Projected<Linear> projected(Linear(2, 3, Bias::on, rng), 3, 2, /*dropout=*/0, rng);
  set_uneven(projected.parameters());
  const Tensor x = Tensor::from({1, 2, 2}, uneven(4)).require_grad();
  Parameters inputs = projected.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "Projected(Linear(2, 3))", [&] { return projected(x); }, inputs);
}

TEST_CASE("Projected: says when the part does not fit", "[ch05][projected]") {
  Rng rng(1);
  const Projected<Twice> projected(Twice{}, 5, 2, /*dropout=*/0, rng);
  expect_error(
      "Projected(inner 5) of a part with 4",
      [&] {
        projected(Tensor::zeros({1, 1, 2}));
      },
      "(1, 1, 4)");
}
