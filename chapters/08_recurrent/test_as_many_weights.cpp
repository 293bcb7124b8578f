#include "08_recurrent/as_many_weights.hpp"

#include "tests/support/catch.hpp"

using namespace gpt;

TEST_CASE("weights_of: as many as the model lists", "[ch08][as_many_weights]") {
  for (const size_t L : {1, 2, 3}) {
    const RecurrentSizes sizes{.V = 11, .block_size = 8, .C = 5, .L = L};
    Rng rng(1);
    CHECK(weights_of(1, sizes) == count(RecurrentLanguageModel<RNN>(sizes, rng).parameters()));
    CHECK(weights_of(4, sizes) == count(RecurrentLanguageModel<LSTM>(sizes, rng).parameters()));
  }
}

TEST_CASE("as_wide_as: chapter 6's small GPT has 209,729 weights, and these are within 1 % of it",
          "[ch08][as_many_weights]") {
  const auto C = [](size_t gates, size_t L) {
    const RecurrentSizes sizes = as_wide_as(209729, gates, {.V = 65, .block_size = 32, .C = 0, .L = L});
    const double n = double(weights_of(gates, sizes));
    CHECK(std::abs(n / 209729 - 1) < 0.01);
    return sizes.C;
  };
  CHECK(C(1, 1) == 293);
  CHECK(C(1, 2) == 213);
  CHECK(C(1, 3) == 176);
  CHECK(C(1, 4) == 154);
  CHECK(C(4, 1) == 154);
  CHECK(C(4, 2) == 110);
  CHECK(C(4, 3) == 91);
  CHECK(C(4, 4) == 79);
}

TEST_CASE("as_wide_as: the nearest width on either side", "[ch08][as_many_weights]") {
  // One letter, one layer, one gate: 2 C^2 + 3 C + 1 weights, 6, 15, 28, 45.
  const auto C = [](size_t weights) {
    return as_wide_as(weights, 1, {.V = 1, .block_size = 1, .C = 0, .L = 1}).C;
  };
  CHECK(C(1) == 1);
  CHECK(C(6) == 1);
  CHECK(C(10) == 1);
  CHECK(C(11) == 2);
  CHECK(C(28) == 3);
}
