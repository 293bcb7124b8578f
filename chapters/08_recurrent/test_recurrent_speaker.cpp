#include "08_recurrent/recurrent_speaker.hpp"

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

template <class Cell>
void check_speaker(const RecurrentLanguageModel<Cell>& model) {
  const std::vector<int> text{3, 1, 4, 1, 5, 2, 6, 5, 3, 5};
  RecurrentSpeaker speaker(model);
  for (size_t n = 1; n <= text.size(); ++n) {
    const std::vector<float> said = speaker.read({text[n - 1]});
    expect_close("the speaker after " + std::to_string(n) + " tokens", Tensor::from({7}, said),
                 last(model, {text.begin(), text.begin() + std::ptrdiff_t(n)}));
  }
  CHECK(speaker.size() == text.size());
  speaker.clear();
  CHECK(speaker.size() == 0);
  speaker.read({text.begin(), text.begin() + 6});
  expect_close("the speaker, in two parts", Tensor::from({7}, speaker.read({text.begin() + 6, text.end()})),
               last(model, text));
}

}  // namespace

TEST_CASE("RecurrentSpeaker: says what the model says of the whole text", "[ch08][recurrent_speaker]") {
  check_speaker(uneven_model<RNN>());
  check_speaker(uneven_model<LSTM>());
  check_speaker(uneven_model<LSTM>(Residual::yes));
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
