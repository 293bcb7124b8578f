/// @file test_worked_pages.cpp
/// The numbers of the pages that belong to no chapter: docs/map.md and docs/one_character.md.
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "01_bigram/generate.hpp"
#include "01_bigram/loss.hpp"
#include "01_bigram/sample.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

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

/// A GPT that can spell one word, with weights by hand. Its symbols: the blank, e, h, t. Weights stand row
/// after row: from each channel, to each query, key or whatever it makes.
GPTLanguageModel speller(Rng& rng) {
  const GPTLanguageModel model({.V = 4, .block_size = 4, .C = 4, .H = 2, .L = 1, .dropout = 0}, rng);
  const Parameters p = model.parameters();
  for (const Parameter& parameter : p)
    if (!parameter.name.ends_with("gain")) fill_weight(p, parameter.name, 0);  // gains stay at 1
  const std::string attention = "blocks.0.attention.", feed_forward = "blocks.0.feed_forward.";
  // clang-format off
  //! [embeddings]
  set_weight(p, "token_embedding.weight",
             {2, 0, 0, 0,    // the blank
              0, 2, 0, 0,    // e
              0, 0, 2, 0,    // h
              0, 0, 0, 2});  // t
  set_weight(p, "position_embedding.weight",
             {0, 1, 1, 0,    // place 0
              0, 1, 0, 1,    // place 1
              0, 0, 1, 1,    // place 2
              1, 0, 0, 1});  // place 3
  //! [embeddings]
  //! [attention]
  //          head 0  head 1
  set_weight(p, attention + "query.weight",
             {0, 0,  0, 0,    // from the blank's channel
              2, 0,  1, 0,    // from e's
              0, 2,  0, 0,    // from h's
              0, 0,  0, 0});  // from t's
  set_weight(p, attention + "key.weight",
             {0, 0,  0, 0,
              0, 0,  0, 0,
              1, 0,  0, 0,
              0, 1,  1, 0});
  set_weight(p, attention + "value.weight",
             {0, 0,  0, 0,
              0, 0,  0, 1,
              1, 0,  0, 0,
              0, 1,  1, 0});
  //! [attention]
  //! [projection]
  set_weight(p, attention + "projection.weight",
             {1,  0, 0, 0,    // head 0's first number
              0,  1, 0, 0,    // head 0's second
              1,  0, 0, 0,    // head 1's first
              0, -1, 0, 0});  // head 1's second
  //! [projection]
  //! [feed_forward]
  set_weight(p, feed_forward + "hidden.weight",
             // units 0 to 3,  4 to 7,      8 to 11,       12 to 15
             {1, 0, 0, 0,  -1, 0, 0, 0,   1, 0, 0, 1,   1, 0, 0, -1,
              0, 1, 0, 0,  0, -1, 0, 0,   1, 1, 0, 0,  -1, 1, 0, 0,
              0, 0, 1, 0,  0, 0, -1, 0,   0, 1, 1, 0,  0, -1, 1, 0,
              0, 0, 0, 1,  0, 0, 0, -1,   0, 0, 1, 1,  0, 0, -1, 1});
  set_weight(p, feed_forward + "hidden.bias",
             {0, 0, 0, 0,  0, 0, 0, 0,  -1, -1, -1, -1,  -1, -1, -1, -1});
  std::vector<float> back(16 * 4, 0.0f);  // (16, 4), nearly all 0
  back[3 * 4 + 2] = 4;                    // unit 3 speaks for h
  back[8 * 4 + 0] = 2;                    // unit 8 for the blank
  back[8 * 4 + 1] = -2;                   // and against e
  set_weight(p, feed_forward + "projection.weight", back);
  //! [feed_forward]
  //! [output]
  set_weight(p, "output.weight",
             {1, 0, 0, 0,
              0, 1, 0, 0,
              0, 0, 1, 0,
              0, 0, 0, 1});
  set_weight(p, "output.bias", {0.5f, 0.5f, 0, 0});
  //! [output]
  // clang-format on
  return model;
}

/// Everything that is computed on the way through the embeddings and the first block.
struct Journey {
  Tensor what, where, x;                           // the stream begins
  Tensor norm_1, q, k, v, scores, weights, mixed;  // attention
  Tensor heard, read;                              // what it adds, and the stream after it
  Tensor norm_2, hidden, thought, out;             // feed-forward
};

/// The model's own weights, and the operations of its classes one by one.
Journey journey(const GPTLanguageModel& model, const Tokens& tokens) {
  const Parameters p = model.parameters();
  const std::size_t H = model.sizes().H;
  const auto part = [&p](const std::string& name) { return weight(p, "blocks.0." + name); };
  const Tensor what = embedding(weight(p, "token_embedding.weight"), tokens);
  const Tensor where = slice(weight(p, "position_embedding.weight"), 0, 0, tokens.T);
  const Tensor x = what + where;
  const Tensor norm_1 = layer_norm(x, part("norm_1.gain"), part("norm_1.bias"));
  const Tensor q = split_heads(linear(norm_1, part("attention.query.weight")), H);
  const Tensor k = split_heads(linear(norm_1, part("attention.key.weight")), H);
  const Tensor v = split_heads(linear(norm_1, part("attention.value.weight")), H);
  const Tensor scores = matmul(q, transpose(k)) / std::sqrt(static_cast<float>(q.size(-1)));
  const Tensor weights = softmax(causal_mask(scores));
  const Tensor mixed = merge_heads(matmul(weights, v));
  const Tensor heard = linear(mixed, part("attention.projection.weight"), part("attention.projection.bias"));
  const Tensor read = x + heard;
  const Tensor norm_2 = layer_norm(read, part("norm_2.gain"), part("norm_2.bias"));
  const Tensor hidden =
      relu(linear(norm_2, part("feed_forward.hidden.weight"), part("feed_forward.hidden.bias")));
  const Tensor thought =
      linear(hidden, part("feed_forward.projection.weight"), part("feed_forward.projection.bias"));
  const Tensor out = read + thought;
  return {what, where, x, norm_1, q, k, v, scores, weights, mixed, heard, read, norm_2, hidden, thought, out};
}

const Tokens the{1, 3, {3, 2, 1}};  // t h e

/// What the page says of these numbers, which has three digits behind the point: each is the nearest such number.
/// A tolerance in proportion, as expect_close has it, would let the last digit of the larger ones go by.
void expect_quoted(const std::string& what, const Tensor& got, const std::vector<float>& quoted) {
  REQUIRE(got.size() == quoted.size());
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    INFO(what << ", number " << i << ": " << got.values()[i] << ", quoted as " << quoted[i]);
    CHECK(std::abs(got.values()[i] - quoted[i]) < 0.0005f + 1e-6f);  // and what float32 makes of half a digit
  }
}

void expect_quoted(const std::string& what, float got, float quoted) {
  expect_quoted(what, Tensor::full({1}, got), {quoted});
}

TEST_CASE("docs/one_character.md: from tokens to the end of the block", "[docs]") {
  Rng rng(1);
  const Journey j = journey(speller(rng), the);
  expect_close("what", j.what, {0, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0});
  expect_close("where", j.where, {0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1});
  expect_close("x", j.x, {0, 1, 1, 2, 0, 1, 2, 1, 0, 2, 1, 1});
  const float a = 1.414f;
  expect_quoted("norm_1", j.norm_1, {-a, 0, 0, a, -a, 0, a, 0, -a, a, 0, 0});
  expect_quoted("queries", j.q, {0, 0, 0, 2 * a, 2 * a, 0, 0, 0, 0, 0, a, 0});
  expect_quoted("keys", j.k, {0, a, a, 0, 0, 0, a, 0, 0, 0, 0, 0});
  expect_quoted("values", j.v, {0, a, a, 0, 0, 0, a, 0, 0, 0, 0, a});
  expect_quoted("scores", j.scores, {0, 0, 0, 2.828f, 0, 0, 0, 2.828f, 0, 0, 0, 0, 0, 0, 0, 1.414f, 0, 0});
  expect_close("e to 2.828", std::exp(2.828f), 16.9f, 5e-3f);
  expect_close("e to 1.414", std::exp(1.414f), 4.11f, 5e-3f);
  expect_quoted("weights", j.weights,
                {1, 0, 0, .944f, .056f, 0, .053f, .894f, .053f, 1, 0, 0, .5f, .5f, 0, .673f, .164f, .164f});
  expect_quoted("mixed", slice(j.mixed, 1, 2, 3), {1.265f, .075f, .952f, .231f});
  expect_quoted("heard", slice(j.heard, 1, 2, 3), {2.216f, -.157f, 0, 0});
  expect_quoted("read", slice(j.read, 1, 2, 3), {2.216f, 1.843f, 1, 1});
  expect_quoted("norm_2", slice(j.norm_2, 1, 2, 3), {1.319f, .618f, -.969f, -.969f});
  expect_quoted("hidden", slice(j.hidden, 1, 2, 3),
                {1.319f, .618f, 0, 0, 0, 0, .969f, .969f, .937f, 0, 0, 0, 0, .587f, 0, 0});
  expect_quoted("thought", slice(j.thought, 1, 2, 3), {1.875f, -1.875f, 0, 0});
  expect_quoted("out", slice(j.out, 1, 2, 3), {4.091f, -.032f, 1, 1});
}

TEST_CASE("docs/one_character.md: from the stream to the draw, by the model itself", "[docs]") {
  Rng rng(1);
  const GPTLanguageModel model = speller(rng);
  const NoGrad no_grad;
  const Tensor logits = model(the);
  const Tensor normal = layer_norm(journey(model, the).out, Tensor::full({4}, 1), Tensor::zeros({4}));
  expect_quoted("last norm", slice(normal, 1, 2, 3), {1.667f, -1.000f, -.333f, -.333f});
  expect_quoted("logits", slice(logits, 1, 2, 3), {2.167f, -.500f, -.333f, -.333f});
  expect_quoted("shares", softmax(logits),
                {.060f, .286f, .564f, .091f, .061f, .652f, .236f, .051f, .811f, .056f, .067f, .067f});
  expect_quoted("loss", next_token_loss(logits, {1, 3, {2, 1, 0}}).item(), .404f);
  CHECK(cache_agrees(model, the.ids));

  //! [draw]
  Rng dice(1337);
  const auto said = generate(model, the.ids, /*n=*/1, Sampling{}, dice);
  //! [draw]
  CHECK(said == std::vector<int>{3, 2, 1, 0});
  expect_quoted("what the die shows", Rng(1337).uniform(), .442f);
  CHECK(generate(model, {3}, 3, {.temperature = 0}, dice) == std::vector<int>{3, 2, 1, 0});
  CHECK(count(model.parameters()) == 292);
}

TEST_CASE("docs/one_character.md: without attention the e knows nothing of what came before", "[docs]") {
  Rng rng(1);
  const GPTLanguageModel model = speller(rng);
  fill_weight(model.parameters(), "blocks.0.attention.projection.weight", 0);
  expect_quoted("shares", slice(softmax(model(the)), 1, 2, 3), {.044f, .739f, .109f, .109f});
}

TEST_CASE("docs/one_character.md: the shapes at chapter 6's sizes", "[docs]") {
  const NoGrad no_grad;
  for (const GPTSizes& sizes : {small, laptop, lecture}) {
    Rng rng(1);
    const GPTLanguageModel model(sizes, rng);
    const std::size_t T = sizes.block_size, C = sizes.C, H = sizes.H, hs = C / H;
    const Tokens tokens{1, T, std::vector<int>(T, 7)};
    const Journey j = journey(model, tokens);
    for (const Tensor& x : {j.what, j.x, j.norm_1, j.mixed, j.heard, j.read, j.norm_2, j.thought, j.out})
      expect_shape("the stream, and what is read from it and added to it", x, {1, T, C});
    expect_shape("where", j.where, {T, C});
    for (const Tensor& x : {j.q, j.k, j.v}) expect_shape("queries, keys, values", x, {1, H, T, hs});
    expect_shape("scores", j.scores, {1, H, T, T});
    expect_shape("weights", j.weights, {1, H, T, T});
    expect_shape("hidden", j.hidden, {1, T, 4 * C});
    expect_shape("logits", model(tokens), {1, T, sizes.V});
  }
}

}  // namespace
}  // namespace gpt
