#include "09_subwords/gpt2.hpp"

#include <set>

#include "common/nn/adamw.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("GPT2: shapes, and weights under the published names", "[ch09][gpt2]") {
  Rng rng(1);
  const GPT2 model({.V = 11, .block_size = 6, .C = 8, .H = 2, .L = 2}, rng);
  expect_shape("GPT2", model(Tokens{2, 3, {0, 1, 2, 3, 4, 5}}), {2, 3, 11});
  std::vector<std::pair<std::string, Shape>> expected{{"wte.weight", {11, 8}}, {"wpe.weight", {6, 8}}};
  for (const std::string block : {"h.0.", "h.1."}) {
    for (const auto& [name, shape] :
         std::vector<std::pair<std::string, Shape>>{{"ln_1.weight", {8}},
                                                    {"ln_1.bias", {8}},
                                                    {"attn.c_attn.weight", {8, 24}},
                                                    {"attn.c_attn.bias", {24}},
                                                    {"attn.c_proj.weight", {8, 8}},
                                                    {"attn.c_proj.bias", {8}},
                                                    {"ln_2.weight", {8}},
                                                    {"ln_2.bias", {8}},
                                                    {"mlp.c_fc.weight", {8, 32}},
                                                    {"mlp.c_fc.bias", {32}},
                                                    {"mlp.c_proj.weight", {32, 8}},
                                                    {"mlp.c_proj.bias", {8}}})
      expected.emplace_back(block + name, shape);
  }
  expected.emplace_back("ln_f.weight", Shape{8});
  expected.emplace_back("ln_f.bias", Shape{8});
  Parameters published;
  for (const Parameter& p : model.parameters()) published.push_back({published_name(p.name), p.tensor});
  expect_parameters("GPT2", published, expected);
}

TEST_CASE("GPT2: the smallest published one has 124 million weights", "[ch09][gpt2]") {
  // One block of it, counted; and the rest by hand.
  Rng rng(2);
  const size_t C = 768, block = count(GPT2Block(C, 12, rng).parameters());
  CHECK(block == 7'087'872);
  CHECK(12 * block + 50257 * C + 1024 * C + 2 * C == 124'439'808);
}

TEST_CASE("GPT2: the future changes nothing, and everything gets a gradient", "[ch09][gpt2]") {
  Rng rng(3);
  const GPT2Block block(6, 2, rng);
  set_uneven(block.parameters());
  expect_causal(
      "GPT2Block", [&](const Tensor& x) { return block(x); }, Tensor::from({1, 4, 6}, uneven(24)));
  Parameters all = block.parameters();
  const Tensor x = Tensor::from({1, 3, 6}, uneven(18)).require_grad();
  all.push_back({"x", x});
  expect_gradient(
      "GPT2Block", [&] { return block(x); }, all);
}

TEST_CASE("GPT2: says what does not fit", "[ch09][gpt2]") {
  Rng rng(4);
  const GPT2 model({.V = 5, .block_size = 3, .C = 4, .H = 2, .L = 1}, rng);
  expect_error(
      "GPT2 of 4 tokens",
      [&] {
        model(Tokens{1, 4, {0, 1, 2, 3}});
      },
      "3");
  expect_error(
      "GPT2 of C = 5", [&] { GPT2({.V = 5, .block_size = 3, .C = 5, .H = 2, .L = 1}, rng); }, "multiple");
}
