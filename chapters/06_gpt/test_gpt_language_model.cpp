#include "06_gpt/gpt_language_model.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// 3 characters, 2 positions, 2 channels, 1 head; blocks that add nothing. Embeddings and output by hand.
GPTLanguageModel by_hand(Rng& rng, std::size_t L = 1, float dropout = 0) {
  const GPTLanguageModel model({.V = 3, .block_size = 2, .C = 2, .H = 1, .L = L, .dropout = dropout}, rng);
  const Parameters p = model.parameters();
  set_weight(p, "token_embedding.weight", {1, 3, 5, 2, 0, 4});
  set_weight(p, "position_embedding.weight", {0, 1, 9, 0});
  set_weight(p, "output.weight", {1, 2, 3, 2, 4, 8});
  set_weight(p, "output.bias", {0, 0, 10});
  for (std::size_t l = 0; l < L; ++l) {
    for (const char* part : {"attention", "feed_forward"}) {
      const std::string projection = "blocks." + std::to_string(l) + "." + part + ".projection";
      fill_weight(p, projection + ".weight", 0);
      fill_weight(p, projection + ".bias", 0);
    }
  }
  return model;
}

/// 5 characters, 4 positions, 4 channels, 2 heads, 2 blocks, and no weight at rest.
GPTLanguageModel uneven_model(Rng& rng, float dropout = 0) {
  const GPTLanguageModel model({.V = 5, .block_size = 4, .C = 4, .H = 2, .L = 2, .dropout = dropout}, rng);
  set_uneven(model.parameters());
  return model;
}

bool near(const Tensor& y, const std::vector<float>& expected) {
  if (y.size() != expected.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!(std::abs(y.values()[i] - expected[i]) < 1e-3f)) return false;
  }
  return true;
}

bool same(const Tensor& a, const Tensor& b) { return near(a, {b.values().begin(), b.values().end()}); }

}  // namespace

TEST_CASE("GPTLanguageModel: embeddings, blocks, norm, output", "[ch06][gpt_language_model][constructor]") {
  Rng rng(1);
  const Parameters p = GPTLanguageModel({5, 4, 8, 2, 2, 0.0f}, rng).parameters();
  expect_equal("GPTLanguageModel with 2 blocks: number of weights", static_cast<long long>(p.size()),
               2 + 2 * 13 + 4);
  const std::vector<std::pair<std::size_t, std::string>> places{{0, "token_embedding.weight"},
                                                                {1, "position_embedding.weight"},
                                                                {2, "blocks.0.norm_1.gain"},
                                                                {15, "blocks.1.norm_1.gain"},
                                                                {28, "norm.gain"},
                                                                {30, "output.weight"},
                                                                {31, "output.bias"}};
  for (const auto& [place, name] : places) {
    expect_equal("GPTLanguageModel with 2 blocks: weight " + std::to_string(place + 1), p[place].name, name);
  }
}

TEST_CASE("GPTLanguageModel: logits for every position, of a short text too",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const GPTLanguageModel model = uneven_model(rng);
  expect_shape("GPTLanguageModel of tokens (2, 4)", model({2, 4, {0, 1, 2, 3, 4, 0, 1, 2}}), {2, 4, 5});
  expect_shape("GPTLanguageModel of tokens (2, 3)", model({2, 3, {0, 1, 2, 3, 4, 0}}), {2, 3, 5});
  expect_shape("GPTLanguageModel of tokens (1, 1)", model({1, 1, {4}}), {1, 1, 5});
}

TEST_CASE("GPTLanguageModel: numbers worked out by hand", "[ch06][gpt_language_model][operator()]") {
  // Position 0: token 0 is (1, 3), plus its place (0, 1) = (1, 4). Two numbers, normed, are -1 and 1, the
  // larger being 1: (-1, 1). Logits: -1 (1, 2, 3) + 1 (2, 4, 8) + (0, 0, 10) = (1, 2, 15). Position 1: token
  // 0 again, plus (9, 0) = (10, 3), normed (1, -1). Logits: (-1, -2, -5 + 10) = (-1, -2, 5).
  Rng rng(1);
  const GPTLanguageModel model = by_hand(rng);
  const Tensor y = model({1, 2, {0, 0}});
  expect_shape("GPTLanguageModel of tokens (1, 2)", y, {1, 2, 3});
  expect(!near(y, {1, 2, 15, 1, 2, 15}),
         "GPTLanguageModel: the same token at two positions gives the same logits: positions are ignored");
  expect(!near(y, {9, 18, 45, 16, 32, 64}),
         "GPTLanguageModel: the final norm is missing, between the last block and the output");
  expect_close("GPTLanguageModel with blocks that add nothing, tokens (0, 0)", y, {1, 2, 15, -1, -2, 5},
               1e-4f);
  // Token 1 is (5, 2), and becomes (5, 3) or (14, 2): (1, -1) in both places.
  expect_close("GPTLanguageModel with blocks that add nothing, tokens (1, 1)", model({1, 2, {1, 1}}),
               {-1, -2, 5, -1, -2, 5}, 1e-4f);
}

TEST_CASE("GPTLanguageModel: a short text uses the first positions",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const Tensor y = by_hand(rng)({1, 1, {0}});
  expect(!near(y, {-1, -2, 5}),
         "GPTLanguageModel: a text of one token is given the last position's row; its first token is at "
         "position 0");
  expect_close("GPTLanguageModel with blocks that add nothing, token (0)", y, {1, 2, 15}, 1e-4f);
}

TEST_CASE("GPTLanguageModel: every block takes part, once", "[ch06][gpt_language_model][operator()]") {
  // Each block adds (40, 0) whatever it reads. Token 0 at position 0 is (1, 4): one block makes it (41, 4),
  // normed (1, -1), logits (-1, -2, 5). No block leaves it at (1, 4), logits (1, 2, 15).
  for (const std::size_t busy : {0, 1}) {
    Rng rng(1);
    const GPTLanguageModel model = by_hand(rng, /*L=*/2);
    set_weight(model.parameters(), "blocks." + std::to_string(busy) + ".attention.projection.bias", {40, 0});
    const Tensor y = model({1, 1, {0}});
    expect(!near(y, {1, 2, 15}),
           "GPTLanguageModel: block " + std::to_string(busy) + " of 2 has no influence on the logits");
    expect_close("GPTLanguageModel when block " + std::to_string(busy) + " of 2 adds (40, 0)", y, {-1, -2, 5},
                 1e-4f);
  }
}

TEST_CASE("GPTLanguageModel: equals its parts, one after the other",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const GPTLanguageModel model = uneven_model(rng);
  const Parameters p = model.parameters();
  const std::vector<Block> blocks{Block(4, 2, rng), Block(4, 2, rng)};
  const LayerNorm norm(4);
  copy_weights({p.begin() + 2, p.end() - 2}, collect("blocks", blocks, "norm", norm));
  const Tokens tokens{2, 3, {4, 1, 2, 0, 3, 3}};
  const Tensor x = embedding(weight(p, "token_embedding.weight"), tokens) +
                   slice(weight(p, "position_embedding.weight"), 0, 0, 3);
  const auto output = [&](const Tensor& stream) {
    const Tensor y = linear(norm(stream), weight(p, "output.weight"), weight(p, "output.bias"));
    return std::vector<float>(y.values().begin(), y.values().end());
  };
  const Tensor once = x + blocks[0](x);
  expect_close("GPTLanguageModel against output(norm(blocks(token + position)))", model(tokens),
               output(blocks[1](blocks[0](x))),
               {{output(once + blocks[1](once)),
                 "x is added to what a block gives, and is in it already: a block is x + ..."},
                {output(blocks[0](blocks[1](x))), "the blocks run in the opposite order"},
                {output(blocks[0](x)), "only the first block runs"},
                {output(blocks[1](x)), "only the last block runs"},
                {output(blocks[1](x) + blocks[0](x)),
                 "each block reads the embeddings, and not what the one before it gave"}},
               1e-4f);
}

TEST_CASE("GPTLanguageModel: a later token never changes an earlier output",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const GPTLanguageModel model = uneven_model(rng);
  const Tensor before = model({1, 4, {0, 1, 2, 3}});
  for (std::size_t changed = 1; changed < 4; ++changed) {
    Tokens tokens{1, 4, {0, 1, 2, 3}};
    tokens.ids[changed] = 4;
    const Tensor after = model(tokens);
    for (std::size_t t = 0; t < changed; ++t) {
      expect(same(slice(after, 1, t, t + 1), slice(before, 1, t, t + 1)),
             "GPTLanguageModel: position " + std::to_string(t) + " changed when token " +
                 std::to_string(changed) + " did: the mask lets the future through");
    }
  }
}

TEST_CASE("GPTLanguageModel: the same answer however the batch is cut",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const GPTLanguageModel model = uneven_model(rng);
  const Tensor split = concatenate({model({1, 3, {0, 1, 2}}), model({1, 3, {3, 4, 0}})}, 0);
  expect_close("GPTLanguageModel: sequences one by one", split, model({2, 3, {0, 1, 2, 3, 4, 0}}));
}

TEST_CASE("GPTLanguageModel: its gradient is that of central differences",
          "[ch06][gpt_language_model][operator()]") {
  Rng rng(1);
  const GPTLanguageModel model({.V = 3, .block_size = 3, .C = 4, .H = 2, .L = 1, .dropout = 0}, rng);
  set_uneven(model.parameters());
  const Tokens tokens{1, 3, {2, 0, 1}};
  expect_gradient(
      "GPTLanguageModel", [&] { return model(tokens); }, model.parameters());
}

TEST_CASE("GPTLanguageModel: the first loss is ln V", "[ch06][gpt_language_model][constructor]") {
  Rng rng(1);
  const GPTLanguageModel model({65, 16, 32, 4, 2, 0.0f}, rng);
  Tokens tokens{4, 16, {}}, targets{4, 16, {}};
  for (int i = 0; i < 64; ++i) {
    tokens.ids.push_back(i * 7 % 65);
    targets.ids.push_back(i * 11 % 65);
  }
  expect_close("GPTLanguageModel: the first loss with 65 characters, ln 65",
               cross_entropy(model(tokens), targets).item(), std::log(65.0f), 0.1f / std::log(65.0f));
}

TEST_CASE("GPTLanguageModel: begins with the weights of its number of blocks",
          "[ch06][gpt_language_model][constructor]") {
  Rng rng(1);
  const GPTLanguageModel model({.V = 5, .block_size = 4, .C = 32, .H = 2, .L = 4, .dropout = 0}, rng);
  const Tensor w = weight(model.parameters(), "blocks.3.feed_forward.projection.weight");
  const float deviation = std::sqrt(mean(w * w).item());
  expect(std::abs(deviation - 0.02f / std::sqrt(8.0f)) < 0.0007f,
         "GPTLanguageModel with 4 blocks: the weights into the stream deviate by " +
             std::to_string(deviation) +
             "; initialise() makes it 0.02 / sqrt(2 * 4) = 0.0071 where it is told the number of blocks");
}

TEST_CASE("GPTLanguageModel: drops from the embeddings in training, and nothing while a NoGrad lives",
          "[ch06][gpt_language_model][operator()]") {
  // The blocks add nothing here, so what changes from call to call was dropped from the embeddings.
  Rng rng(1);
  const GPTLanguageModel model = by_hand(rng, 1, /*dropout=*/0.5f);
  const Tokens tokens{8, 2, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
  expect(!same(model(tokens), model(tokens)),
         "GPTLanguageModel with dropout 0.5: nothing is dropped from the sum of the embeddings in training");
  // Position 1 of token 0 is (1, 3) + (9, 0). Where both channels of the sum are dropped, the norm leaves nothing, and the
  // logits are the output's bias. Of the token's alone, 9 would stay.
  bool all_gone = false;
  for (std::size_t call = 0; call < 8 && !all_gone; ++call) {
    const Tensor y = model(tokens);
    for (std::size_t b = 0; b < 8; ++b)
      all_gone = all_gone || near(slice(slice(y, 0, b, b + 1), 1, 1, 2), {0, 0, 10});
  }
  expect(all_gone,
         "GPTLanguageModel with dropout 0.5: of 64 positions none lost both its token and its place: drop "
         "from the sum of "
         "the two embeddings, and not from one of them");
  const NoGrad speaking;
  expect(same(model(tokens), model(tokens)),
         "GPTLanguageModel with dropout 0.5: it drops while a NoGrad lives");
}

TEST_CASE("GPTLanguageModel: drops from the sum, and the blocks drop as well",
          "[ch06][gpt_language_model][constructor]") {
  Rng rng(1);
  const GPTLanguageModel model = by_hand(rng, 1, /*dropout=*/0.5f);
  const Tokens tokens{8, 1, {0, 0, 0, 0, 0, 0, 0, 0}};
  const auto at_rest = [&](const Tensor& y) {  // sequences whose stream is 0
    std::size_t found = 0;
    for (std::size_t b = 0; b < 8; ++b) found += near(slice(y, 0, b, b + 1), {0, 0, 10});
    return found;
  };
  // What and where cancel: nothing is left of the sum, whatever is dropped from it.
  set_weight(model.parameters(), "token_embedding.weight", {5, -5, 0, 0, 0, 0});
  set_weight(model.parameters(), "position_embedding.weight", {-5, 5, 0, 0});
  expect(at_rest(model(tokens)) == 8,
         "GPTLanguageModel with dropout 0.5: it drops from both embeddings apart: add them, and drop from "
         "the sum");
  // The block adds (40, 0) to nothing, and drops half of what it adds.
  set_weight(model.parameters(), "blocks.0.attention.projection.bias", {40, 0});
  std::size_t without = 0;
  for (int call = 0; call < 4; ++call) without += at_rest(model(tokens));
  expect(without > 0,
         "GPTLanguageModel with dropout 0.5: its blocks drop nothing: they are to know the share, too");
}

TEST_CASE("GPTLanguageModel: says what does not fit", "[ch06][gpt_language_model][constructor]") {
  Rng rng(1);
  const GPTLanguageModel model = uneven_model(rng);
  expect_error(
      "GPTLanguageModel of 5 tokens with block_size 4",
      [&] {
        model({1, 5, {0, 1, 2, 3, 4}});
      },
      "T must be at most block_size = 4, got 5");
  expect_error(
      "GPTLanguageModel of token 5 with V = 5",
      [&] {
        model({1, 1, {5}});
      },
      "got 5");
  expect_error(
      "GPTLanguageModel with block_size 0",
      [&] {
        GPTLanguageModel({5, 0, 4, 2, 1, 0.0f}, rng);
      },
      "must be positive");
  expect_error(
      "GPTLanguageModel with no block",
      [&] {
        GPTLanguageModel({5, 4, 4, 2, 0, 0.0f}, rng);
      },
      "must be positive");
  expect_error(
      "GPTLanguageModel with C = 6 and H = 4",
      [&] {
        GPTLanguageModel({5, 4, 6, 4, 1, 0.0f}, rng);
      },
      "C = 6 and H = 4");
}
