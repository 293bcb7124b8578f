#include "08_recurrent/recurrent_language_model.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("RecurrentLanguageModel: logits for any length, which depend on the past alone",
          "[ch08][recurrent_language_model]") {
  static_assert(LanguageModel<RecurrentLanguageModel<RNN>> && LanguageModel<RecurrentLanguageModel<LSTM>>);
  Rng rng(1);
  const RecurrentLanguageModel<LSTM> model({.V = 5, .C = 3, .L = 2}, rng);
  CHECK(model.block_size() == no_limit);
  const Tensor all = model({1, 4, {0, 1, 2, 3}});
  expect_shape("logits of four tokens", all, {1, 4, 5});
  expect_close("logits of the first two", model({1, 2, {0, 1}}), slice(all, 1, 0, 2));
}

TEST_CASE("RecurrentLanguageModel: order counts without a table of places",
          "[ch08][recurrent_language_model]") {
  Rng rng(1);
  const RecurrentLanguageModel<RNN> model({.V = 3, .C = 4, .L = 1}, rng);
  const Tensor one = model({1, 3, {0, 1, 2}}), other = model({1, 3, {1, 0, 2}});
  double apart = 0;
  for (size_t v = 0; v < 3; ++v) apart += std::abs(one.at({0, 2, v}) - other.at({0, 2, v}));
  CHECK(apart > 1e-3);
}

TEST_CASE("RecurrentLanguageModel: its weights under their names", "[ch08][recurrent_language_model]") {
  Rng rng(1);
  expect_parameters("RecurrentLanguageModel<RNN>",
                    RecurrentLanguageModel<RNN>({.V = 5, .C = 3, .L = 1}, rng).parameters(),
                    {{"token_embedding.weight", {5, 3}},
                     {"body.layers.0.input.weight", {3, 3}},
                     {"body.layers.0.input.bias", {3}},
                     {"body.layers.0.hidden.weight", {3, 3}},
                     {"output.weight", {3, 5}},
                     {"output.bias", {5}}});
}
