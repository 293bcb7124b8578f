#include "08_recurrent/recurrent_stack.hpp"

#include "08_recurrent/lstm.hpp"
#include "08_recurrent/rnn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("RecurrentStack: one net after the other, the lowest first", "[ch08][recurrent_stack]") {
  Rng rng(1);
  const RecurrentStack<RNN> stack(2, 2, Residual::no, rng), past(2, 2, Residual::yes, rng);
  const RNN lower(2, rng), upper(2, rng);
  set_uneven(stack.parameters());
  copy_weights(stack.parameters(), past.parameters());
  Parameters both = lower.parameters();
  for (const Parameter& p : upper.parameters()) both.push_back(p);
  copy_weights(stack.parameters(), both);
  const Tensor x = Tensor::from({2, 3, 2}, uneven(12));
  expect_close("two layers", stack(x), upper(lower(x)));
  const Tensor half = x + lower(x);
  expect_close("two layers with residual paths", past(x), half + upper(half));
}

TEST_CASE("RecurrentStack: its weights under their numbers, with and without residual paths",
          "[ch08][recurrent_stack]") {
  Rng rng(1);
  for (const Residual residual : {Residual::no, Residual::yes}) {
    expect_parameters("RecurrentStack of two RNNs", RecurrentStack<RNN>(3, 2, residual, rng).parameters(),
                      {{"layers.0.input.weight", {3, 3}},
                       {"layers.0.input.bias", {3}},
                       {"layers.0.hidden.weight", {3, 3}},
                       {"layers.1.input.weight", {3, 3}},
                       {"layers.1.input.bias", {3}},
                       {"layers.1.hidden.weight", {3, 3}}});
  }
}

TEST_CASE("RecurrentStack: in two parts as in one", "[ch08][recurrent_stack]") {
  Rng rng(1);
  const RecurrentStack<LSTM> stack(3, 3, Residual::yes, rng);
  set_uneven(stack.parameters());
  const Tensor x = Tensor::from({2, 5, 3}, uneven(30));
  RecurrentStack<LSTM>::State state = stack.start(2);
  const Tensor first = stack.read(slice(x, 1, 0, 1), state);
  const Tensor second = stack.read(slice(x, 1, 1, 5), state);
  expect_close("a stack that goes on after a position", concatenate({first, second}, 1), stack(x));
}

TEST_CASE("RecurrentStack: its gradient is that of central differences", "[ch08][recurrent_stack]") {
  Rng rng(1);
  const RecurrentStack<LSTM> stack(2, 2, Residual::yes, rng);
  set_uneven(stack.parameters());
  const Tensor x = Tensor::from({1, 3, 2}, uneven(6)).require_grad();
  Parameters inputs = stack.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "RecurrentStack of two LSTMs", [&] { return stack(x); }, inputs);
}

TEST_CASE("RecurrentStack: what does not fit is named", "[ch08][recurrent_stack]") {
  Rng rng(1);
  expect_error(
      "no layers", [&] { RecurrentStack<RNN>(3, 0, Residual::no, rng); },
      "RecurrentStack: L must be positive, got 0");
  const RecurrentStack<RNN> stack(3, 2, Residual::no, rng);
  expect_error(
      "RecurrentStack of a (2, 5)",
      [&] {
        stack(Tensor::zeros({2, 5}));
      },
      "RNN: x must be (*, *, 3), got (2, 5)");
}
