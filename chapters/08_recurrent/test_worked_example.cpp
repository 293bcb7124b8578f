/// @file test_worked_example.cpp
/// The numbers of chapter 8's text: what stands there is what the code computes.
#include "08_recurrent/lstm.hpp"
#include "08_recurrent/rnn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

const Tensor brackets = Tensor::from({1, 5, 1}, {0, 1, 0, -1, 0});  // a(b)c

/// The memory c after each position, with the forget gate's bias at this number.
std::vector<float> memory(float forget_bias) {
  Rng rng(1);
  const LSTM lstm(1, rng);
  set_weight(lstm.parameters(), "input.weight", {0, 0, 1, 0});
  set_weight(lstm.parameters(), "input.bias", {100, forget_bias, 0, 100});
  fill_weight(lstm.parameters(), "hidden.weight", 0);
  LSTM::State state = lstm.start(1);
  std::vector<float> all;
  for (size_t t = 0; t < 5; ++t) {
    lstm.read(slice(brackets, 1, t, t + 1), state);
    all.push_back(state.c.item());
  }
  return all;
}

/// A step of c = f c + u.
struct Step {
  double f, u;
};

/// Two steps, one after the other, as one.
Step together(Step first, Step then) { return {then.f * first.f, then.f * first.u + then.u}; }

}  // namespace

TEST_CASE("chapter 8's text: brackets, by hand", "[ch08][text]") {
  Rng rng(1);
  const RNN rnn(1, rng);
  set_weight(rnn.parameters(), "input.weight", {1});
  set_weight(rnn.parameters(), "input.bias", {0});
  set_weight(rnn.parameters(), "hidden.weight", {1});
  expect_close("the RNN's state", rnn(brackets), {0, 0.762f, 0.642f, -0.343f, -0.331f}, 6e-4f);
  expect_close("the LSTM's memory as it begins", Tensor::from({5}, memory(1)),
               {0, 0.762f, 0.557f, -0.355f, -0.259f}, 6e-4f);
  expect_close("the LSTM's memory", Tensor::from({5}, memory(100)), {0, 0.762f, 0.762f, 0, 0}, 6e-4f);
  CHECK(std::abs(2 * std::tanh(1.0) - 1.523) < 5e-4);
}

TEST_CASE("chapter 8's text: what is left after many steps", "[ch08][text]") {
  CHECK(std::abs(std::pow(0.9, 255) / 2e-12 - 1) < 0.1);
  CHECK(std::abs(std::pow(1.1, 255) / 3.6e10 - 1) < 0.01);
  CHECK(std::abs(std::pow(0.5, 31) / 5e-10 - 1) < 0.1);
  CHECK(std::abs(std::pow(1 / (1 + std::exp(-1.0)), 31) / 6e-5 - 1) < 0.02);
}

TEST_CASE("chapter 8's text: a slope goes back through the state by the formula", "[ch08][text]") {
  Rng rng(1);
  const RNN rnn(3, rng);
  set_uneven(rnn.parameters());
  const Tensor h = Tensor::from({1, 3}, uneven(3)).require_grad();
  RNN::State next = h;
  rnn.read(Tensor::from({1, 1, 3}, uneven(3, 1, 2)), next);
  const Tensor slope = Tensor::from({1, 3}, uneven(3, 1, 4));
  sum(next * slope).backward();
  const Tensor bent = slope * (1.0f - next.detach() * next.detach());
  expect_close("the slope of the state before", Tensor::from({1, 3}, h.grad()),
               matmul(bent, transpose(weight(rnn.parameters(), "hidden.weight").detach())));
}

TEST_CASE("chapter 8's text: eight steps in three rounds", "[ch08][text]") {
  std::vector<Step> scanned;
  for (int t = 0; t < 8; ++t) scanned.push_back({0.5 + 0.06 * t, std::sin(1.7 + 2.3 * t)});
  std::vector<double> states;
  for (double c = 0; const Step& step : scanned) states.push_back(c = step.f * c + step.u);
  for (size_t far = 1; far < 8; far *= 2) {  // within a round, nobody waits
    const std::vector<Step> before = scanned;
    for (size_t t = far; t < 8; ++t) scanned[t] = together(before[t - far], before[t]);
  }
  for (size_t t = 0; t < 8; ++t) CHECK(std::abs(scanned[t].u - states[t]) < 1e-12);
}
