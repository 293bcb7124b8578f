#include "08_recurrent/rnn.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

RNN uneven_rnn(size_t C) {
  Rng rng(1);
  RNN rnn(C, rng);
  set_uneven(rnn.parameters());
  return rnn;
}

}  // namespace

TEST_CASE("RNN: two positions by hand", "[ch08][rnn]") {
  Rng rng(1);
  const RNN rnn(1, rng);
  set_weight(rnn.parameters(), "input.weight", {2});
  set_weight(rnn.parameters(), "input.bias", {-0.5f});
  set_weight(rnn.parameters(), "hidden.weight", {3});
  // tanh(2 * 0.5 - 0.5) = tanh(0.5) = 0.4621; tanh(2 * -1 - 0.5 + 3 * 0.4621) = tanh(-1.1136) = -0.8055
  expect_close(
      "RNN of 0.5 and -1", rnn(Tensor::from({1, 2, 1}, {0.5f, -1})), {0.46211716f, -0.80531f},
      {{{0.46211716f, -0.98661f}, "the state is not carried along"}, {{0.5f, -1}, "there is no tangent"}},
      1e-4f);
}

TEST_CASE("RNN: its weights under their names", "[ch08][rnn]") {
  Rng rng(1);
  expect_parameters("RNN of 3 channels", RNN(3, rng).parameters(),
                    {{"input.weight", {3, 3}}, {"input.bias", {3}}, {"hidden.weight", {3, 3}}});
}

TEST_CASE("RNN: a sequence alone gives what it gives among others", "[ch08][rnn]") {
  const RNN rnn = uneven_rnn(3);
  const Tensor x = Tensor::from({2, 5, 3}, uneven(30));
  const Tensor both = rnn(x);
  expect_shape("RNN of a (2, 5, 3)", both, {2, 5, 3});
  for (size_t b = 0; b < 2; ++b) {
    expect_close("RNN of one of two sequences", rnn(slice(x, 0, b, b + 1)), slice(both, 0, b, b + 1));
  }
}

TEST_CASE("RNN: a later token never changes an earlier output", "[ch08][rnn]") {
  const RNN rnn = uneven_rnn(4);
  expect_causal(
      "RNN", [&](const Tensor& x) { return rnn(x); }, Tensor::from({2, 4, 4}, uneven(32)));
}

TEST_CASE("RNN: in two parts as in one", "[ch08][rnn]") {
  const RNN rnn = uneven_rnn(3);
  const Tensor x = Tensor::from({2, 5, 3}, uneven(30));
  RNN::State h = rnn.start(2);
  const Tensor first = rnn.read(slice(x, 1, 0, 2), h);
  const Tensor second = rnn.read(slice(x, 1, 2, 5), h);
  expect_close("RNN that goes on after two positions", concatenate({first, second}, 1), rnn(x));
  expect_close("its last state", h, reshape(slice(rnn(x), 1, 4, 5), {2, 3}));
}

TEST_CASE("RNN: its gradient is that of central differences", "[ch08][rnn]") {
  const RNN rnn = uneven_rnn(2);
  const Tensor x = Tensor::from({2, 3, 2}, uneven(12)).require_grad();
  Tensor first = Tensor::from({2, 2}, uneven(4, 0.5f)).require_grad();
  Parameters inputs = rnn.parameters();
  append(inputs, "x", x);
  append(inputs, "h", first);
  expect_gradient(
      "RNN",
      [&] {
        RNN::State h = first;
        return rnn.read(x, h);
      },
      inputs);
}

TEST_CASE("RNN: what does not fit is named", "[ch08][rnn]") {
  Rng rng(1);
  expect_error(
      "RNN of no channels", [&] { RNN(0, rng); }, "RNN: C must be positive, got 0");
  const RNN rnn(3, rng);
  expect_error(
      "RNN of a (2, 5, 4)",
      [&] {
        rnn(Tensor::zeros({2, 5, 4}));
      },
      "RNN: x must be (*, *, 3), got (2, 5, 4)");
  RNN::State h = rnn.start(1);
  expect_error(
      "RNN with a state for one",
      [&] {
        rnn.read(Tensor::zeros({2, 5, 3}), h);
      },
      "RNN: h must be (2, 3), got (1, 3)");
}
