#include "08_recurrent/as_many_weights.hpp"

#include "tests/support/catch.hpp"

using namespace gpt;

TEST_CASE("weights_of: as many as the model lists", "[ch08][as_many_weights]") {
  for (const size_t L : {1, 2, 3}) {
    const RecurrentSizes sizes{.V = 11, .C = 5, .L = L};
    Rng rng(1);
    CHECK(weights_of<RNN>(sizes) == count(RecurrentLanguageModel<RNN>(sizes, rng).parameters()));
    CHECK(weights_of<LSTM>(sizes) == count(RecurrentLanguageModel<LSTM>(sizes, rng).parameters()));
  }
}

TEST_CASE("as_large_as_small_gpt: chapter 6's small GPT has 209,729 weights, and these are within 1 % of it",
          "[ch08][as_many_weights]") {
  const auto near = [](size_t weights) { return std::abs(double(weights) / 209729 - 1) < 0.01; };
  const std::vector<size_t> rnns{293, 213, 176, 154}, lstms{154, 110, 91, 79};
  for (size_t L = 1; L <= 4; ++L) {
    const RecurrentSizes rnn = as_large_as_small_gpt<RNN>(65, L, Residual::no);
    const RecurrentSizes lstm = as_large_as_small_gpt<LSTM>(65, L, Residual::yes);
    CHECK(rnn.C == rnns[L - 1]);
    CHECK(lstm.C == lstms[L - 1]);
    CHECK(lstm.residual == Residual::yes);
    CHECK(near(weights_of<RNN>(rnn)));
    CHECK(near(weights_of<LSTM>(lstm)));
  }
}

TEST_CASE("as_wide_as: the nearest width on either side", "[ch08][as_many_weights]") {
  // One letter, one layer, one gate: 2 C^2 + 3 C + 1 weights, 6, 15, 28, 45.
  const auto C = [](size_t weights) { return as_wide_as<RNN>(weights, {.V = 1, .C = 0, .L = 1}).C; };
  CHECK(C(1) == 1);
  CHECK(C(6) == 1);
  CHECK(C(10) == 1);
  CHECK(C(11) == 2);
  CHECK(C(28) == 3);
}
