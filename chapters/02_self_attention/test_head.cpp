#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "tests/catch.hpp"

using namespace gpt;

TEST_CASE("TransformerLanguageModel: the published size with one head has 7,553 parameters", "[ch02][head]") {
  Rng rng(1);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Head(32, 32, rng), rng).parameters()) == 7553);
}
