#include "08_recurrent/recurrent_speaker.hpp"

#include "01_bigram/sample.hpp"
#include "program/any_model.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

template <class Cell>
RecurrentLanguageModel<Cell> uneven_model(Residual residual = Residual::no) {
  Rng rng(1);
  RecurrentLanguageModel<Cell> model({.V = 7, .C = 5, .L = 2, .residual = residual}, rng);
  set_uneven(model.parameters());
  return model;
}

template <class Cell>
std::vector<float> last(const RecurrentLanguageModel<Cell>& model, const std::vector<int>& tokens) {
  const NoGrad no_grad;
  const Tensor logits = model({1, tokens.size(), tokens});
  const std::span<const float> row = last_row(logits);
  return {row.begin(), row.end()};
}

std::vector<int> part(const std::vector<int>& tokens, size_t begin, size_t end) {
  return {tokens.begin() + std::ptrdiff_t(begin), tokens.begin() + std::ptrdiff_t(end)};
}

std::vector<int> joined(std::vector<int> one, const std::vector<int>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

std::vector<float> logarithms(const std::vector<float>& logits) {
  const Tensor all = log_softmax(Tensor::from({logits.size()}, logits));
  return {all.values().begin(), all.values().end()};
}

/// Reads `before` and then `tokens`: what it says must be what the model says of all of them.
template <class Cell>
void check_reading(const RecurrentLanguageModel<Cell>& model, RecurrentSpeaker<Cell>& speaker,
                   const std::vector<int>& before, const std::vector<int>& tokens) {
  const std::vector<int> all = joined(before, tokens);
  const std::vector<float> said = speaker.read(tokens), expected = last(model, all);
  const std::string what = "what is said after " + std::to_string(all.size()) + " tokens, " +
                           std::to_string(tokens.size()) + " of them read now";
  expect_equal(what + ": the number of logits", static_cast<long long>(said.size()),
               static_cast<long long>(expected.size()));
  expect_close(
      what, Tensor::from({said.size()}, said), expected,
      {{last(model, tokens), "nothing is remembered of what was read before"},
       {last(model, joined(before, {tokens.back()})), "only the last of the tokens is read"},
       {last(model, joined(before, {tokens.front()})),
        "it is what comes after the first of the tokens; the last row is what is asked for"},
       {last(model, joined(all, tokens)), "the tokens are read twice"},
       {probabilities(expected, /*temperature=*/1), "it is probabilities; logits are asked for"},
       {logarithms(expected), "it is logarithms of probabilities; logits are asked for as they are"}});
  expect_equal(what + ": size()", static_cast<long long>(speaker.size()), static_cast<long long>(all.size()));
}

template <class Cell>
void check_speaker(const RecurrentLanguageModel<Cell>& model) {
  const std::vector<int> text{3, 1, 4, 1, 5, 2, 6, 5, 3, 5};
  RecurrentSpeaker<Cell> speaker(model);
  for (size_t n = 0; n < text.size(); ++n) check_reading(model, speaker, part(text, 0, n), {text[n]});
  // Again, in other pieces.
  for (const std::vector<size_t>& ends : {std::vector<size_t>{3, 10}, {1, 2, 7, 10}, {9, 10}}) {
    speaker.clear();
    CHECK(speaker.size() == 0);
    size_t begin = 0;
    for (const size_t end : ends) {
      check_reading(model, speaker, part(text, 0, begin), part(text, begin, end));
      begin = end;
    }
  }
}

/// A net that notes how it is used.
struct Watched : LSTM {
  using LSTM::LSTM;
  Tensor read(const Tensor& x, State& state) const {
    on_tape = on_tape || grad_enabled();
    positions_read += x.size(1);
    return LSTM::read(x, state);
  }
  static inline bool on_tape = false;
  static inline size_t positions_read = 0;
};

}  // namespace

TEST_CASE("RecurrentSpeaker: says what the model says of the whole text", "[ch08][recurrent_speaker]") {
  check_speaker(uneven_model<RNN>());
  check_speaker(uneven_model<LSTM>());
  check_speaker(uneven_model<LSTM>(Residual::yes));
}

TEST_CASE("RecurrentSpeaker: two that read by turns do not hear each other", "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<LSTM>();
  RecurrentSpeaker<LSTM> one(model), other(model);
  const std::vector<int> text{3, 1, 4, 1}, else_text{2, 6, 5, 0};
  for (size_t n = 0; n < 4; ++n) {
    check_reading(model, one, part(text, 0, n), {text[n]});
    check_reading(model, other, part(else_text, 0, n), {else_text[n]});
  }
}

TEST_CASE("RecurrentSpeaker: reads each token once, and off the tape", "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<Watched>();  // of two layers
  RecurrentSpeaker<Watched> speaker(model);
  Watched::positions_read = 0;
  Watched::on_tape = false;
  for (const int token : {3, 1, 4, 1, 5, 2}) speaker.read({token});
  expect(!Watched::on_tape,
         "RecurrentSpeaker::read is on the tape, which grows with every token: a NoGrad is missing");
  expect_equal("positions that two layers read for six tokens",
               static_cast<long long>(Watched::positions_read), 12);
}

TEST_CASE("RecurrentSpeaker: a thousand tokens later it is still the whole text",
          "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<LSTM>();
  Rng dice(5);
  std::vector<int> text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<int>(dice.below(7)));
  RecurrentSpeaker speaker(model);
  std::vector<float> said;
  for (const int token : text) said = speaker.read({token});
  expect_close("the speaker after 1,000 tokens", Tensor::from({7}, said), last(model, text), 1e-4f);
}

TEST_CASE("RecurrentSpeaker: generate() draws what chapter 1's draws from the whole text",
          "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<LSTM>();
  std::vector<int> expected{2, 3};
  Rng dice(7), same(7);
  for (int i = 0; i < 30; ++i) expected.push_back(sample(last(model, expected), /*temperature=*/1, dice));
  std::vector<int> told;
  expect_equal("generate()", generate(model, {2, 3}, 30, {}, same, [&](int token) { told.push_back(token); }),
               expected);
  expect_equal("what on_token is told", told, std::vector<int>(expected.begin() + 2, expected.end()));
}

TEST_CASE("RecurrentSpeaker: the chapters' program speaks with it", "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<RNN>();
  Rng one(7), other(7);
  expect_equal("AnyModel's generate()", generate(AnyModel(model), {2, 3}, 30, {}, one),
               generate(model, {2, 3}, 30, {}, other));
}

TEST_CASE("RecurrentSpeaker: nothing to read is an error", "[ch08][recurrent_speaker]") {
  const auto model = uneven_model<RNN>();
  RecurrentSpeaker speaker(model);
  expect_error(
      "read({})", [&] { speaker.read({}); }, "RecurrentSpeaker::read: needs at least one token, got none");
  Rng dice(1);
  expect_error(
      "generate() from nothing", [&] { generate(model, {}, 3, {}, dice); },
      "generate: needs at least one token to continue, got none");
}
