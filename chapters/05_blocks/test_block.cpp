#include "02_self_attention/transformer_language_model.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/residual_block.hpp"
#include "05_blocks/stack.hpp"
#include "tests/catch.hpp"

using namespace gpt;

TEST_CASE("Stack: the published sizes have 41,921 and 42,369 parameters", "[ch05][block]") {
  Rng rng(1);
  std::vector<ResidualBlock> residual;
  std::vector<Block> norm;
  for (int l = 0; l < 3; ++l) {
    residual.emplace_back(32, 4, rng);
    norm.emplace_back(32, 4, rng);
  }
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Stack(residual), rng).parameters()) == 41921);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Stack(norm, LayerNorm(32)), rng).parameters()) == 42369);
}
