#include "02_self_attention/transformer_language_model.hpp"

#include "02_self_attention/head.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// Passes on what comes in: what is left is the frame around the body.
struct Nothing {
  Tensor operator()(const Tensor& x) const { return x; }
  Parameters parameters() const { return {}; }
};

void set(const Parameters& parameters, const std::string& name, std::initializer_list<float> values) {
  for (const Parameter& p : parameters) {
    if (p.name != name) continue;
    REQUIRE(p.tensor.size() == values.size());
    std::copy(values.begin(), values.end(), p.tensor.mutable_values().begin());
    return;
  }
  FAIL("no parameter is named " + name);
}

}  // namespace

TEST_CASE("TransformerLanguageModel: the published size with one head has 7,553 parameters",
          "[ch02][model]") {
  Rng rng(1);
  // 65 * 32 + 8 * 32 + 3 * 32 * 32 + 32 * 65 + 65
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, Head(32, 32, rng), rng).parameters()) == 7553);
}

TEST_CASE("TransformerLanguageModel: names its weights in the order of the data's way through it",
          "[ch02][model]") {
  Rng rng(1);
  const TransformerLanguageModel model(5, 3, 4, Head(4, 4, rng), rng);
  expect_parameters("the model", model.parameters(),
                    {{"token_embedding.weight", {5, 4}},
                     {"position_embedding.weight", {3, 4}},
                     {"body.query.weight", {4, 4}},
                     {"body.key.weight", {4, 4}},
                     {"body.value.weight", {4, 4}},
                     {"output.weight", {4, 5}},
                     {"output.bias", {5}}});
}

TEST_CASE("TransformerLanguageModel: from (B, T) tokens to (B, T, V) logits, up to block_size",
          "[ch02][model]") {
  Rng rng(1);
  const TransformerLanguageModel model(5, 3, 4, Nothing{}, rng);
  CHECK(model.block_size() == 3);
  expect_shape("logits", model({2, 3, {0, 1, 2, 3, 4, 0}}), {2, 3, 5});
  expect_shape("logits of a shorter text", model({1, 2, {0, 1}}), {1, 2, 5});
}

TEST_CASE("TransformerLanguageModel: adds what a character is and where it stands, then reads logits off",
          "[ch02][model]") {
  // V = 2, C = 2. Tokens: (1, 2), (3, 4). Positions: (10, 20), (30, 40). Token 1 at 0: (13, 24); token 0 at
  // 1: (31, 42). The output swaps the two channels and adds (0.5, -0.5): (24.5, 12.5), (42.5, 30.5).
  Rng rng(1);
  const TransformerLanguageModel model(2, 2, 2, Nothing{}, rng);
  set(model.parameters(), "token_embedding.weight", {1, 2, 3, 4});
  set(model.parameters(), "position_embedding.weight", {10, 20, 30, 40});
  set(model.parameters(), "output.weight", {0, 1, 1, 0});
  set(model.parameters(), "output.bias", {0.5f, -0.5f});
  expect_close("logits", model({1, 2, {1, 0}}), std::vector<float>{24.5f, 12.5f, 42.5f, 30.5f});
}

TEST_CASE("TransformerLanguageModel: with a head, a later token never changes an earlier logit",
          "[ch02][model]") {
  Rng rng(2);
  const TransformerLanguageModel model(5, 6, 4, Head(4, 4, rng), rng);
  expect_causal(
      "the model",
      [&](const Tensor& x) {  // (1, 6, 1), read as ids
        Tokens tokens{1, 6, {}};
        for (const float id : x.values()) tokens.ids.push_back(static_cast<int>(id) % 5);
        return model(tokens);
      },
      Tensor::from({1, 6, 1}, {0, 1, 2, 3, 4, 0}));
}

TEST_CASE("TransformerLanguageModel: the same token at two places gives different logits", "[ch02][model]") {
  Rng rng(3);
  const TransformerLanguageModel model(3, 2, 4, Nothing{}, rng);
  const Tensor logits = model({1, 2, {1, 1}});
  CHECK(logits.at({0, 0, 0}) != logits.at({0, 1, 0}));
}

TEST_CASE("TransformerLanguageModel: gradient", "[ch02][model]") {
  Rng rng(4);
  const TransformerLanguageModel model(3, 3, 2, Head(2, 2, rng), rng);
  expect_gradient(
      "the model",
      [&] {
        return model({2, 3, {0, 1, 2, 2, 2, 0}});
      },
      model.parameters());
}

TEST_CASE("TransformerLanguageModel: refuses texts that are too long, unknown ids and sizes of 0",
          "[ch02][model]") {
  Rng rng(1);
  const TransformerLanguageModel model(5, 3, 4, Nothing{}, rng);
  expect_error(
      "four tokens",
      [&] {
        model({1, 4, {0, 1, 2, 3}});
      },
      "TransformerLanguageModel: T must be at most block_size = 3, got 4");
  expect_error(
      "id 5",
      [&] {
        model({1, 1, {5}});
      },
      "got 5");
  expect_error(
      "block_size 0", [&] { TransformerLanguageModel(5, 0, 4, Nothing{}, rng); },
      "TransformerLanguageModel: block_size must be positive, got 0");
}
