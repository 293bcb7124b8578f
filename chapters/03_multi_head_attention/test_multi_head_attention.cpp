#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "tests/catch.hpp"

using namespace gpt;

TEST_CASE("TransformerLanguageModel: the published size with four heads has 7,553 parameters",
          "[ch03][multi_head]") {
  Rng rng(1);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, MultiHeadAttention(32, 4, rng), rng).parameters()) ==
          7553);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, BatchedAttention(32, 4, rng), rng).parameters()) == 7553);
}
