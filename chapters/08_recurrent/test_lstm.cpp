#include "08_recurrent/lstm.hpp"

#include <array>
#include <functional>

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

std::vector<float> numbers(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

/// The gates' sums at one position, (B, C) each.
struct Sums {
  Tensor i, f, g, o;
};
/// What is made of the sums and the state before.
using Step = std::function<LSTMState(const Sums& sums, const LSTMState& before)>;

LSTMState step(const Sums& sums, const LSTMState& before) {
  const Tensor c = logistic(sums.f) * before.c + logistic(sums.i) * tanh(sums.g);
  return {logistic(sums.o) * tanh(c), c};
}

/// How lstm_by_hand goes through a text, with a choice of mistakes.
struct Loop {
  Step step = ::step;
  std::function<Tensor(const LSTMState& before)> looks_at = [](const LSTMState& before) { return before.h; };
  bool carries = true, shows_c = false;
};

/// Outputs (B, T, C).
std::vector<float> outputs(const Tensor& given, const Tensor& weight, const LSTMState& first,
                           const Loop& loop) {
  const size_t C = weight.size(0);
  std::vector<Tensor> all;
  LSTMState state = first;
  for (size_t t = 0; t < given.size(1); ++t) {
    const Tensor sums = position(given, t) + matmul(loop.looks_at(state), weight);
    const auto part = [&](size_t n) { return slice(sums, 1, n * C, (n + 1) * C); };
    state = loop.step({part(0), part(1), part(2), part(3)}, state);
    all.push_back(loop.shows_c ? state.c : state.h);
    if (!loop.carries) state = first;
  }
  return numbers(positions(all));
}

/// What lstm_by_hand says if a usual mistake was made.
std::vector<Mistake> mistakes(const Tensor& given, const Tensor& weight, const LSTMState& first) {
  const auto with = [&](const Step& other) { return outputs(given, weight, first, {.step = other}); };
  const LSTMState zeros{Tensor::zeros(first.h.shape()), Tensor::zeros(first.c.shape())};
  const auto squeezed = [](const Sums& s, const LSTMState& before, const Tensor& write, const Tensor& news) {
    const Tensor c = logistic(s.f) * before.c + write * news;
    return LSTMState{logistic(s.o) * tanh(c), c};
  };
  return {
      {outputs(given, weight, first, {.carries = false}),
       "the state is not carried along: each position begins with the one at the start"},
      {outputs(given, weight, zeros, {}), "it begins with zeros, and not with the state that it is given"},
      {with([](const Sums& s, const LSTMState& before) {
         return step({s.o, s.f, s.g, s.i}, before);
       }),
       "i and o are exchanged: the gates stand in the order i, f, g, o"},
      {with([](const Sums& s, const LSTMState& before) {
         return step({s.f, s.i, s.g, s.o}, before);
       }),
       "i and f are exchanged: the gates stand in the order i, f, g, o"},
      {with([](const Sums& s, const LSTMState& before) {
         return step({s.i, s.g, s.f, s.o}, before);
       }),
       "f and g are exchanged: the gates stand in the order i, f, g, o"},
      {with([](const Sums& s, const LSTMState& before) {
         return step({s.i, s.f, s.o, s.g}, before);
       }),
       "g and o are exchanged: the gates stand in the order i, f, g, o"},
      {with([&](const Sums& s, const LSTMState& before) {
         return squeezed(s, before, logistic(s.i), logistic(s.g));
       }),
       "the news is logistic; it is tanh, for what is written may be negative"},
      {with([](const Sums& s, const LSTMState& before) {
         const Tensor c = tanh(s.f) * before.c + tanh(s.i) * tanh(s.g);
         return LSTMState{tanh(s.o) * tanh(c), c};
       }),
       "the gates are tanh; a gate is from 0 to 1, which the logistic function is"},
      {with([&](const Sums& s, const LSTMState& before) {
         return squeezed(s, before, Tensor::full(s.i.shape(), 1), tanh(s.g));
       }),
       "all news is written: its gate i is missing"},
      {with([](const Sums& s, const LSTMState& before) {
         const Tensor c = (1.0f - logistic(s.i)) * before.c + logistic(s.i) * tanh(s.g);
         return LSTMState{logistic(s.o) * tanh(c), c};
       }),
       "what is kept is 1 - i; it has a gate of its own, f"},
      {with([](const Sums& s, const LSTMState& before) {
         const Tensor c = before.c + logistic(s.i) * tanh(s.g);
         return LSTMState{logistic(s.o) * tanh(c), c};
       }),
       "all of c is kept: its gate f is missing"},
      {with([](const Sums& s, const LSTMState&) {
         const Tensor c = logistic(s.i) * tanh(s.g);
         return LSTMState{logistic(s.o) * tanh(c), c};
       }),
       "nothing of the old c is kept"},
      {with([](const Sums& s, const LSTMState& before) {
         const Tensor c = step(s, before).c;
         return LSTMState{logistic(s.o) * c, c};
       }),
       "c is shown as it is; it is tanh(c) that passes the gate o"},
      {with([](const Sums& s, const LSTMState& before) {
         return LSTMState{logistic(s.o) * tanh(before.c), step(s, before).c};
       }),
       "h is made of the old c; it is made of the new one"},
      {outputs(given, weight, first, {.looks_at = [](const LSTMState& before) { return before.c; }}),
       "the gates look at c; they look at h"},
      {outputs(given, weight, first,
               {.looks_at = [](const LSTMState& before) { return Tensor::zeros(before.h.shape()); }}),
       "the gates do not look at the state: h times W_h is missing"},
      {outputs(given, weight, first, {.shows_c = true}), "what comes out is c; it is h"}};
}

}  // namespace

TEST_CASE("lstm_by_hand: one position", "[ch08][lstm]") {
  // h = 1 and W_h = (ln 3, 0, 0, 0), so the sums are ln 3, 0, ln 3 and -ln 3: i = 3/4, f = 1/2, g = 4/5, o = 1/4.
  // c = 1/2 * 2 + 3/4 * 4/5 = 1.6, h = 1/4 * tanh(1.6) = 0.23042.
  const float ln_3 = 1.098612289f;
  const Tensor given = Tensor::from({1, 1, 4}, {0, 0, ln_3, -ln_3});
  const Tensor weight = Tensor::from({1, 4}, {ln_3, 0, 0, 0});
  const LSTMState first{Tensor::full({1, 1}, 1), Tensor::full({1, 1}, 2)};
  const Tensor h = lstm_by_hand(given, weight, first).outputs;
  expect_close("lstm_by_hand of one position", h, {0.2304170f}, mistakes(given, weight, first));
}

TEST_CASE("lstm_by_hand: position by position, at any size and from any state", "[ch08][lstm]") {
  const std::uint64_t seed = GENERATE(1, 2);
  for (const auto& [B, T, C] :
       std::vector<std::array<size_t, 3>>{{2, 5, 3}, {3, 4, 7}, {1, 11, 2}, {5, 1, 1}}) {
    Rng rng(seed);
    const Tensor weight = Tensor::normal({C, 4 * C}, 0.7f, rng);
    const LSTMState first{Tensor::uniform({B, C}, -1, 1, rng), Tensor::normal({B, C}, 1, rng)};
    for (const float size : {1e-2f, 1.0f, 1e2f}) {
      const Tensor given = Tensor::normal({B, T, 4 * C}, size, rng);
      const std::string what =
          "lstm_by_hand of a " + to_string(given.shape()) + " with numbers near " + std::to_string(size);
      const LSTMResult all = lstm_by_hand(given, weight, first), expected = lstm(given, weight, first);
      expect_shape(what, all.outputs, {B, T, C});
      expect_close(what, all.outputs, numbers(expected.outputs), mistakes(given, weight, first));
      const std::string as_given =
          "it is the one that was given; who reads on needs that after the last position";
      expect_close(what + ", the h that is left", all.last.h, numbers(expected.last.h),
                   {{numbers(first.h), as_given}});
      expect_close(what + ", the c that is left", all.last.c, numbers(expected.last.c),
                   {{numbers(first.c), as_given},
                    {numbers(expected.last.h), "it is h"},
                    {numbers(tanh(expected.last.c)), "it is tanh(c), which is shown; c itself is kept"}});
      expect_pure(
          what, [&] { return lstm_by_hand(given, weight, first).outputs; },
          Parameters{{"given", given}, {"weight", weight}, {"h", first.h}, {"c", first.c}});
    }
  }
}

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
    const auto run = [&, B = B, T = T, C = C](bool by_hand) {
      const Tensor given = Tensor::from({B, T, 4 * C}, numbers[0]).require_grad();
      const Tensor weight = Tensor::from({C, 4 * C}, numbers[1]).require_grad();
      const LSTMState first{Tensor::from({B, C}, numbers[2]).require_grad(),
                            Tensor::from({B, C}, numbers[3]).require_grad()};
      const LSTMResult all = by_hand ? lstm_by_hand(given, weight, first) : remember(given, weight, first);
      const Tensor asked = Tensor::from({B, T, C}, uneven(B * T * C, 1, 4));
      const Tensor of_last = Tensor::from({B, C}, uneven(B * C, 1, 5));
      (sum(all.outputs * asked) + sum(all.last.c * of_last) + sum(all.last.h * of_last)).backward();
      std::vector<Tensor> results{all.outputs, all.last.h, all.last.c};
      for (const auto& [name, x] : Parameters{
               {"x W_x + b", given}, {"W_h", weight}, {"the first h", first.h}, {"the first c", first.c}}) {
        expect(!x.grad().empty(),
               "lstm_by_hand: no gradient reached " + name + ", which the result depends on");
        results.push_back(Tensor::from(x.shape(), x.grad()));
      }
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
  expect_error(
      "LSTM that reads on, of a (1, 5, 4)",
      [&] {
        lstm.read(Tensor::zeros({1, 5, 4}), state);
      },
      "LSTM: x must be (*, *, 3), got (1, 5, 4)");
  LSTM::State uneven{Tensor::zeros({1, 3}), Tensor::zeros({2, 3})};
  expect_error(
      "LSTM with cells for two",
      [&] {
        lstm.read(Tensor::zeros({1, 5, 3}), uneven);
      },
      "LSTM: c must be (1, 3), got (2, 3)");
}
