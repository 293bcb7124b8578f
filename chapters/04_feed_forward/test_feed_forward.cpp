#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/by_hand.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "tests/catch.hpp"

using namespace gpt;

TEST_CASE("TransformerLanguageModel: the published size with feed-forward has 8,609 parameters",
          "[ch04][feed_forward]") {
  Rng rng(1);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, PlainBlock(32, 4, rng), rng).parameters()) == 8609);
}
