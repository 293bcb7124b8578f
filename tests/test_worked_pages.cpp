/// @file test_worked_pages.cpp
/// The numbers of the pages that belong to no chapter: docs/map.md and docs/one_character.md.
#include <cstddef>
#include <string>
#include <vector>

#include "06_gpt/gpt_language_model.hpp"
#include "common/nn.hpp"
#include "common/rng.hpp"
#include "tests/catch.hpp"
#include "tests/expect.hpp"

namespace gpt {
namespace {

/// Chapter 6's sizes; dropout has no weights.
const GPTSizes small{.V = 65, .block_size = 32, .C = 64, .H = 4, .L = 4, .dropout = 0};
const GPTSizes laptop{.V = 65, .block_size = 64, .C = 128, .H = 4, .L = 4, .dropout = 0};
const GPTSizes lecture{.V = 65, .block_size = 256, .C = 384, .H = 6, .L = 6, .dropout = 0};

/// How many numbers the weights of one part hold.
std::size_t count_of(const Parameters& all, const std::string& part) {
  std::size_t n = 0;
  for (const Parameter& p : all) n += p.name.starts_with(part) ? p.tensor.size() : 0;
  return n;
}

/// A row of the map's table: a part, its formula, and what it comes to at the three sizes.
struct Row {
  std::string part;
  std::size_t (*formula)(const GPTSizes&);
  std::vector<std::size_t> counts;
};

TEST_CASE("docs/map.md: each part has the parameters that its formula says, at all three sizes", "[docs]") {
  const std::vector<Row> rows{
      {"token_embedding.", [](const GPTSizes& s) { return s.V * s.C; }, {4160, 8320, 24960}},
      {"position_embedding.", [](const GPTSizes& s) { return s.block_size * s.C; }, {2048, 8192, 98304}},
      {"blocks.0.norm_1.", [](const GPTSizes& s) { return 2 * s.C; }, {128, 256, 768}},
      {"blocks.0.attention.query.", [](const GPTSizes& s) { return s.C * s.C; }, {4096, 16384, 147456}},
      {"blocks.0.attention.key.", [](const GPTSizes& s) { return s.C * s.C; }, {4096, 16384, 147456}},
      {"blocks.0.attention.value.", [](const GPTSizes& s) { return s.C * s.C; }, {4096, 16384, 147456}},
      {"blocks.0.attention.projection.",
       [](const GPTSizes& s) { return s.C * s.C + s.C; },
       {4160, 16512, 147840}},
      {"blocks.0.norm_2.", [](const GPTSizes& s) { return 2 * s.C; }, {128, 256, 768}},
      {"blocks.0.feed_forward.hidden.",
       [](const GPTSizes& s) { return 4 * s.C * s.C + 4 * s.C; },
       {16640, 66048, 591360}},
      {"blocks.0.feed_forward.projection.",
       [](const GPTSizes& s) { return 4 * s.C * s.C + s.C; },
       {16448, 65664, 590208}},
      {"blocks.0.", [](const GPTSizes& s) { return 12 * s.C * s.C + 10 * s.C; }, {49792, 197888, 1773312}},
      {"blocks.",
       [](const GPTSizes& s) { return s.L * (12 * s.C * s.C + 10 * s.C); },
       {199168, 791552, 10639872}},
      {"norm.", [](const GPTSizes& s) { return 2 * s.C; }, {128, 256, 768}},
      {"output.", [](const GPTSizes& s) { return s.C * s.V + s.V; }, {4225, 8385, 25025}},
      {"",
       [](const GPTSizes& s) {
         return (2 * s.V + s.block_size) * s.C + s.L * (12 * s.C * s.C + 10 * s.C) + 2 * s.C + s.V;
       },
       {209729, 816705, 10788929}}};
  const std::vector<GPTSizes> sizes{small, laptop, lecture};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Rng rng(1);
    const Parameters all = GPTLanguageModel(sizes[i], rng).parameters();
    for (const Row& row : rows) {
      INFO(row.part << " with C = " << sizes[i].C);
      CHECK(count_of(all, row.part) == row.counts[i]);
      CHECK(row.formula(sizes[i]) == row.counts[i]);
    }
  }
}

}  // namespace
}  // namespace gpt
