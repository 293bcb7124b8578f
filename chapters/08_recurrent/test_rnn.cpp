#include "08_recurrent/rnn.hpp"

#include <array>
#include <functional>

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

/// What is made at a position of what is read there and the state before, (B, C) each.
using Step = std::function<Tensor(const Tensor& x, const Tensor& h)>;

std::vector<Tensor> states_of(const std::vector<Tensor>& read, Tensor h, const Step& step) {
  std::vector<Tensor> states;
  for (const Tensor& x : read) states.push_back(h = step(x, h));
  return states;
}

std::vector<float> numbers(const std::vector<Tensor>& states) {
  const Tensor all = positions(states);
  return {all.values().begin(), all.values().end()};
}

/// What the net should say of x, (B, T, C), and what it says if a usual mistake was made.
struct Expected {
  std::vector<float> right;
  std::vector<Mistake> mistakes;

  Expected(const RNN& rnn, const Tensor& x, const Tensor& first) {
    const Parameters p = rnn.parameters();
    const Tensor W = weight(p, "input.weight"), b = weight(p, "input.bias"), U = weight(p, "hidden.weight");
    std::vector<Tensor> read;
    for (size_t t = 0; t < x.size(1); ++t) read.push_back(position(x, t));
    const Step step = [=](const Tensor& x, const Tensor& h) { return tanh(linear(x, W, b) + matmul(h, U)); };
    const auto with = [&](const Step& other) { return numbers(states_of(read, first, other)); };
    std::vector<Tensor> late = states_of(read, first, step);
    right = numbers(late);
    late.insert(late.begin(), first);
    late.pop_back();
    mistakes = {{with([&](const Tensor& x, const Tensor&) { return step(x, first); }),
                 "the state is not carried along: what you have made is what the next position begins with"},
                {with([=](const Tensor& x, const Tensor& h) { return linear(x, W, b) + matmul(h, U); }),
                 "there is no tanh"},
                {with([=](const Tensor& x, const Tensor& h) { return tanh(linear(x, W, b)) + matmul(h, U); }),
                 "tanh is that of what is read; it is that of the sum"},
                {with([&](const Tensor& x, const Tensor& h) { return step(h, x); }),
                 "W_x and W_h are exchanged: input_ is for what is read, hidden_ for the state"},
                {with([=](const Tensor& x, const Tensor&) { return tanh(linear(x, W, b)); }),
                 "the state has no say: h times W_h is missing"},
                {numbers(states_of(read, Tensor::zeros(first.shape()), step)),
                 "it begins with zeros, and not with the state that it is given"},
                {numbers(late), "the states stand one position late: each is that after what stands there"},
                {with([&](const Tensor&, const Tensor& h) { return step(read[0], h); }),
                 "each position reads what stands at the first"}};
  }
};

}  // namespace

TEST_CASE("RNN: two positions by hand", "[ch08][rnn]") {
  Rng rng(1);
  const RNN rnn(1, rng);
  set_weight(rnn.parameters(), "input.weight", {2});
  set_weight(rnn.parameters(), "input.bias", {-0.5f});
  set_weight(rnn.parameters(), "hidden.weight", {3});
  // From h = 0.2: tanh(2 * 0.5 - 0.5 + 3 * 0.2) = tanh(1.1) = 0.8005; tanh(2 * -1 - 0.5 + 3 * 0.8005) = tanh(-0.0985).
  const Tensor x = Tensor::from({1, 2, 1}, {0.5f, -1}), first = Tensor::full({1, 1}, 0.2f);
  RNN::State h = first;
  expect_close("RNN of 0.5 and -1, from 0.2", rnn.read(x, h), {0.8004990f, -0.0981863f},
               Expected(rnn, x, first).mistakes);
  expect_close("RNN of 0.5 and -1, the state that is left", h, {-0.0981863f},
               {{{0.2f}, "it is the one that was given; who reads on needs that after the last position"}});
  // From zeros: tanh(2 * 0.5 - 0.5) = tanh(0.5) = 0.4621; tanh(2 * -1 - 0.5 + 3 * 0.4621) = tanh(-1.1136) = -0.8053
  expect_close("RNN of 0.5 and -1", rnn(x), {0.46211716f, -0.80531f}, 1e-4f);
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

TEST_CASE("RNN: each position by itself, at any size and from any state", "[ch08][rnn]") {
  const std::uint64_t seed = GENERATE(1, 2);
  for (const auto& [B, T, C] :
       std::vector<std::array<size_t, 3>>{{2, 5, 3}, {3, 4, 7}, {1, 11, 2}, {5, 1, 1}}) {
    Rng rng(seed);
    const RNN rnn(C, rng);
    const Tensor first = Tensor::uniform({B, C}, -1, 1, rng);
    for (const float size : {1e-2f, 1.0f, 1e2f}) {
      const Tensor x = Tensor::normal({B, T, C}, size, rng);
      const std::string what =
          "RNN of a " + to_string(x.shape()) + " with numbers near " + std::to_string(size);
      const Expected expected(rnn, x, first);
      RNN::State h = first;
      const Tensor states = rnn.read(x, h);
      expect_shape(what, states, {B, T, C});
      expect_close(what, states, expected.right, expected.mistakes);
      const auto& [untouched, last] = std::pair{first, position(states, T - 1)};
      expect_close(what + ", the state that is left", h, {last.values().begin(), last.values().end()},
                   {{{untouched.values().begin(), untouched.values().end()},
                     "it is the one that was given; who reads on needs that after the last position"}});
      Parameters inputs = rnn.parameters();
      append(inputs, "x", x);
      append(inputs, "h", first);
      const auto again = [&] {
        RNN::State h = first;
        return rnn.read(x, h);
      };
      expect_pure(what, again, inputs);
    }
  }
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
  expect_error(
      "RNN that reads on, of a (1, 5, 4)",
      [&] {
        rnn.read(Tensor::zeros({1, 5, 4}), h);
      },
      "RNN: x must be (*, *, 3), got (1, 5, 4)");
}
