#include "08_recurrent/lstm.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

LSTM uneven_lstm(size_t C) {
  Rng rng(1);
  LSTM lstm(C, rng);
  set_uneven(lstm.parameters());
  return lstm;
}

/// One channel whose gates do not look at anything: their biases alone say how far they are open.
LSTM with_gates(float i, float f, float g, float o) {
  Rng rng(1);
  LSTM lstm(1, rng);
  fill_weight(lstm.parameters(), "input.weight", 0);
  fill_weight(lstm.parameters(), "hidden.weight", 0);
  set_weight(lstm.parameters(), "input.bias", {i, f, g, o});
  return lstm;
}

}  // namespace

TEST_CASE("LSTM: two positions by hand", "[ch08][lstm]") {
  Rng rng(1);
  const LSTM lstm(1, rng);
  set_weight(lstm.parameters(), "input.weight", {0, 0, 2, 0});
  set_weight(lstm.parameters(), "input.bias", {0, 1, 0, 0});
  set_weight(lstm.parameters(), "hidden.weight", {0, 0, 0, 4});
  // i = 0.5 and f = 0.73106 at both. g = tanh(1) = 0.76159: c = 0.38080, o = 0.5: h = 0.5 tanh(c) = 0.18171.
  // Then g = tanh(-2) = -0.96403: c = 0.73106 * 0.38080 - 0.48201 = -0.20363, o = 1 / (1 + e^-0.72684) = 0.67413:
  // h = 0.67413 tanh(c) = -0.13540.
  expect_close("LSTM of 0.5 and -1", lstm(Tensor::from({1, 2, 1}, {0.5f, -1})), {0.18171f, -0.13540f}, 1e-4f);
}

TEST_CASE("LSTM: with the forget gate open and the input gate shut, it remembers", "[ch08][lstm]") {
  const LSTM lstm = with_gates(-100, 100, 0, 100);
  LSTM::State state{Tensor::zeros({1, 1}), Tensor::full({1, 1}, 0.6f)};
  lstm.read(Tensor::from({1, 50, 1}, uneven(50)), state);
  expect_close("the cell after 50 positions", state.c, {0.6f});
  expect_close("what it shows", state.h, {std::tanh(0.6f)});
}

TEST_CASE("LSTM: with the forget gate shut, nothing is left", "[ch08][lstm]") {
  const LSTM lstm = with_gates(100, -100, 0.3f, 100);
  LSTM::State state{Tensor::zeros({1, 1}), Tensor::full({1, 1}, 0.6f)};
  lstm.read(Tensor::zeros({1, 1, 1}), state);
  expect_close("the cell", state.c, {std::tanh(0.3f)});
}

TEST_CASE("LSTM: its weights under their names, and the forget gate's bias at 1", "[ch08][lstm]") {
  Rng rng(1);
  const LSTM lstm(3, rng);
  expect_parameters("LSTM of 3 channels", lstm.parameters(),
                    {{"input.weight", {3, 12}}, {"input.bias", {12}}, {"hidden.weight", {3, 12}}});
  const Tensor bias = weight(lstm.parameters(), "input.bias");
  for (size_t j = 0; j < 12; ++j) {
    const bool forget = j >= 3 && j < 6;
    expect((bias.at({j}) == 1.0f) == forget, "input.bias " + std::to_string(j) + " is " +
                                                 std::to_string(bias.at({j})) +
                                                 ": 3 to 5 are the forget gate's, and begin at 1");
  }
  expect_close("the forget gate's bias, asked for",
               weight(LSTM(1, rng, 2.5f).parameters(), "input.bias").at({1}), 2.5f);
}

TEST_CASE("LSTM: the logistic function overflows nowhere", "[ch08][lstm]") {
  expect_close("logistic", logistic(Tensor::from({5}, {0, 1, -1, 1000, -1000})),
               {0.5f, 0.73105858f, 0.26894142f, 1, 0});
}

TEST_CASE("LSTM: a sequence alone gives what it gives among others", "[ch08][lstm]") {
  const LSTM lstm = uneven_lstm(3);
  const Tensor x = Tensor::from({2, 5, 3}, uneven(30));
  const Tensor both = lstm(x);
  expect_shape("LSTM of a (2, 5, 3)", both, {2, 5, 3});
  for (size_t b = 0; b < 2; ++b) {
    expect_close("LSTM of one of two sequences", lstm(slice(x, 0, b, b + 1)), slice(both, 0, b, b + 1));
  }
}

TEST_CASE("LSTM: a later token never changes an earlier output", "[ch08][lstm]") {
  const LSTM lstm = uneven_lstm(4);
  expect_causal(
      "LSTM", [&](const Tensor& x) { return lstm(x); }, Tensor::from({2, 4, 4}, uneven(32)));
}

TEST_CASE("LSTM: in two parts as in one", "[ch08][lstm]") {
  const LSTM lstm = uneven_lstm(3);
  const Tensor x = Tensor::from({2, 5, 3}, uneven(30));
  LSTM::State state = lstm.start(2);
  const Tensor first = lstm.read(slice(x, 1, 0, 2), state);
  const Tensor second = lstm.read(slice(x, 1, 2, 5), state);
  expect_close("LSTM that goes on after two positions", concatenate({first, second}, 1), lstm(x));
  expect_close("its last h", state.h, reshape(slice(lstm(x), 1, 4, 5), {2, 3}));
}

TEST_CASE("LSTM: its gradient is that of central differences", "[ch08][lstm]") {
  const LSTM lstm = uneven_lstm(2);
  const Tensor x = Tensor::from({2, 3, 2}, uneven(12)).require_grad();
  Tensor h = Tensor::from({2, 2}, uneven(4, 0.5f)).require_grad();
  Tensor c = Tensor::from({2, 2}, uneven(4, 0.8f, 1)).require_grad();
  Parameters inputs = lstm.parameters();
  append(inputs, "x", x);
  append(inputs, "h", h);
  append(inputs, "c", c);
  expect_gradient(
      "LSTM",
      [&] {
        LSTM::State state{h, c};
        return lstm.read(x, state);
      },
      inputs);
}

TEST_CASE("LSTM: what is written out is what trains, with its gradients", "[ch08][lstm]") {
  for (const auto& [B, T, C] :
       std::vector<std::array<size_t, 3>>{{1, 1, 1}, {2, 5, 3}, {3, 2, 17}, {2, 33, 5}}) {
    const std::array<std::vector<float>, 4> numbers{uneven(B * T * 4 * C), uneven(C * 4 * C, 0.5f, 1),
                                                    uneven(B * C, 0.7f, 2), uneven(B * C, 0.9f, 3)};
    const auto run = [&](bool by_hand) {
      const Tensor given = Tensor::from({B, T, 4 * C}, numbers[0]).require_grad();
      const Tensor weight = Tensor::from({C, 4 * C}, numbers[1]).require_grad();
      const LSTMState first{Tensor::from({B, C}, numbers[2]).require_grad(),
                            Tensor::from({B, C}, numbers[3]).require_grad()};
      const LSTMResult all = by_hand ? lstm_by_hand(given, weight, first) : remember(given, weight, first);
      const Tensor asked = Tensor::from({B, T, C}, uneven(B * T * C, 1, 4));
      const Tensor of_last = Tensor::from({B, C}, uneven(B * C, 1, 5));
      (sum(all.outputs * asked) + sum(all.last.c * of_last) + sum(all.last.h * of_last)).backward();
      std::vector<Tensor> results{all.outputs, all.last.h, all.last.c};
      for (const Tensor& x : {given, weight, first.h, first.c})
        results.push_back(Tensor::from(x.shape(), x.grad()));
      return results;
    };
    const std::vector<Tensor> one = run(true), other = run(false);
    const char* const names[]{
        "h of all positions",         "the last h",          "the last c",
        "the gradient of x W_x + b",  "the gradient of W_h", "the gradient of the first h",
        "the gradient of the first c"};
    for (size_t i = 0; i < one.size(); ++i) expect_close(names[i], one[i], other[i], 1e-4f);
  }
}

TEST_CASE("LSTM: what does not fit is named", "[ch08][lstm]") {
  Rng rng(1);
  expect_error(
      "LSTM of no channels", [&] { LSTM(0, rng); }, "LSTM: C must be positive, got 0");
  const LSTM lstm(3, rng);
  expect_error(
      "LSTM of a (2, 5, 4)",
      [&] {
        lstm(Tensor::zeros({2, 5, 4}));
      },
      "LSTM: x must be (*, *, 3), got (2, 5, 4)");
  LSTM::State state = lstm.start(1);
  expect_error(
      "LSTM with a state for one",
      [&] {
        lstm.read(Tensor::zeros({2, 5, 3}), state);
      },
      "LSTM: h must be (2, 3), got (1, 3)");
}
