#include "06_gpt/gpt_language_model.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

TEST_CASE("GPTLanguageModel: the published sizes have their number of parameters",
          "[ch06][gpt_language_model]") {
  Rng rng(1);
  REQUIRE(count(GPTLanguageModel({65, 32, 64, 4, 4, 0.0f}, rng).parameters()) == 209729);
  REQUIRE(count(GPTLanguageModel({65, 64, 128, 4, 4, 0.0f}, rng).parameters()) == 816705);
  REQUIRE(count(GPTLanguageModel({65, 256, 384, 6, 6, 0.2f}, rng).parameters()) == 10788929);
}
