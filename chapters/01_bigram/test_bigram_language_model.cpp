#include "01_bigram/bigram_language_model.hpp"
#include "tests/catch.hpp"

using namespace gpt;

TEST_CASE("BigramLanguageModel: the published size has 4,225 parameters", "[ch01][bigram]") {
  Rng rng(1);
  REQUIRE(count(BigramLanguageModel(65, rng).parameters()) == 4225);
}
