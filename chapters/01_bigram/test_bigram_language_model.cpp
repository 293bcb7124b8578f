#include "01_bigram/bigram_language_model.hpp"

#include <cmath>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// A model of three characters whose table is given. Row i: the logits of what follows character i.
BigramLanguageModel model_with(std::initializer_list<float> table) {
  Rng rng(1);
  const BigramLanguageModel model(3, rng);
  const Parameters parameters = model.parameters();
  expect_parameters("BigramLanguageModel(3)", parameters, {{"table.weight", {3, 3}}});
  std::copy(table.begin(), table.end(), parameters[0].tensor.mutable_values().begin());
  return model;
}

}  // namespace

TEST_CASE("BigramLanguageModel: its only weights are a table of V rows and V columns",
          "[ch01][bigram][constructor]") {
  Rng rng(1);
  const BigramLanguageModel model(5, rng);
  expect_parameters("BigramLanguageModel(5)", model.parameters(), {{"table.weight", {5, 5}}});
  expect(model.parameters()[0].tensor.requires_grad(),
         "the table wants no gradient, so that training would not change it");
  const float before = model({1, 1, {0}}).at({0, 0, 0});
  model.parameters()[0].tensor.mutable_values()[0] += 1;
  expect(model({1, 1, {0}}).at({0, 0, 0}) != before,
         "what is written into parameters() does not reach the model: give the table itself, and not a copy");
}

TEST_CASE("BigramLanguageModel: the published size has 4,225 parameters", "[ch01][bigram][constructor]") {
  Rng rng(1);
  expect_equal("parameters of BigramLanguageModel(65)",
               static_cast<long long>(count(BigramLanguageModel(65, rng).parameters())), 4225);
}

TEST_CASE("BigramLanguageModel: from (B, T) tokens to (B, T, V) logits", "[ch01][bigram][operator()]") {
  Rng rng(1);
  const BigramLanguageModel model(5, rng);
  expect_shape("logits of (2, 3) tokens over 5 characters", model({2, 3, {0, 1, 2, 3, 4, 0}}), {2, 3, 5});
  expect_shape("logits of one token", model({1, 1, {4}}), {1, 1, 5});
}

TEST_CASE("BigramLanguageModel: the logits at a position are the row of its character",
          "[ch01][bigram][operator()]") {
  const BigramLanguageModel model = model_with({0, 1, 2, 10, 11, 12, 20, 21, 22});
  const auto softmax_of = [](std::vector<float> rows) {
    const Tensor p = softmax(Tensor::from({1, 2, 3}, rows));
    return std::vector<float>(p.values().begin(), p.values().end());
  };
  const std::vector<float> expected{20, 21, 22, 0, 1, 2};
  expect_close(
      "logits of the tokens 2, 0 with the rows (0, 1, 2), (10, 11, 12), (20, 21, 22)", model({1, 2, {2, 0}}),
      expected,
      {{{2, 12, 22, 0, 10, 20}, "columns of the table, where rows are asked for"},
       {softmax_of(expected), "probabilities, where logits are asked for: the loss does the softmax"}});
}

TEST_CASE("BigramLanguageModel: looks at the current character and at no other",
          "[ch01][bigram][operator()]") {
  const BigramLanguageModel model = model_with({1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor logits = model({2, 3, {0, 1, 2, 2, 1, 0}});
  for (std::size_t v = 0; v < 3; ++v) {
    expect_close(
        "logit " + std::to_string(v) + " after character 1, once between 0 and 2, once between 2 and 0",
        logits.at({0, 1, v}), logits.at({1, 1, v}));
  }
  expect_causal(
      "BigramLanguageModel",
      [&](const Tensor&
              x) {  // (1, 4, 1), read as ids: expect_causal() changes numbers, one position at a time
        Tokens tokens{1, 4, {}};
        for (const float id : x.values()) tokens.ids.push_back(static_cast<int>(id) % 3);
        return model(tokens);
      },
      Tensor::from({1, 4, 1}, {0, 1, 2, 1}));
}

TEST_CASE("BigramLanguageModel: a loss moves the rows that were used, and only those",
          "[ch01][bigram][operator()]") {
  const BigramLanguageModel model = model_with({0, 0, 0, 0, 0, 0, 0, 0, 0});
  const Tensor table = model.parameters()[0].tensor;
  const Tensor logits = model({1, 2, {2, 2}});
  expect(logits.requires_grad(), "the logits are off the tape, so that no gradient would reach the table");
  cross_entropy(logits, {1, 2, {0, 0}}).backward();
  expect(!table.grad().empty(),
         "no gradient reached table.weight: parameters() must give the table that the "
         "model reads, and not a copy");
  // p = 1/3 for all; less 1 for character 0, which came; two positions with a half of the mean each.
  expect_close("gradient of the table after two times 2 -> 0", Tensor::from({9}, table.grad()),
               {0, 0, 0, 0, 0, 0, -2.0f / 3, 1.0f / 3, 1.0f / 3}, 1e-5f);
}

TEST_CASE("BigramLanguageModel: gradient", "[ch01][bigram][operator()]") {
  const BigramLanguageModel model = model_with({1, 2, 3, 4, 5, 6, 7, 8, 9});
  expect_gradient(
      "BigramLanguageModel",
      [&] {
        return model({2, 2, {0, 2, 2, 0}});
      },
      model.parameters());
}

TEST_CASE("BigramLanguageModel: starts from random weights of the dice that were passed in",
          "[ch01][bigram][constructor]") {
  Rng one(1), same(1), other(2);
  const Tokens tokens{1, 3, {0, 1, 2}};
  const Tensor logits = BigramLanguageModel(3, one)(tokens);
  expect_close("logits of two models made with the same seed", BigramLanguageModel(3, same)(tokens), logits);
  const Tensor others = BigramLanguageModel(3, other)(tokens);
  expect(std::abs(others.values()[0] - logits.values()[0]) > 0, "two seeds give the same table");
}

TEST_CASE("BigramLanguageModel: takes texts of any length", "[ch01][bigram][block_size]") {
  Rng rng(1);
  const BigramLanguageModel model(3, rng);
  expect(model.block_size() >= 1000000, "block_size() is " + std::to_string(model.block_size()) +
                                            ", but the model never looks back, so any length will do");
  expect_shape("logits of 1,000 tokens", model({1, 1000, std::vector<int>(1000, 1)}), {1, 1000, 3});
}

TEST_CASE("BigramLanguageModel: refuses ids that are not in the vocabulary", "[ch01][bigram][operator()]") {
  Rng rng(1);
  const BigramLanguageModel model(3, rng);
  expect_error(
      "id 3 in a vocabulary of 3",
      [&] {
        model({1, 2, {0, 3}});
      },
      "got 3");
  expect_error(
      "id -1",
      [&] {
        model({1, 1, {-1}});
      },
      "got -1");
  expect_error(
      "a vocabulary of 0", [&] { BigramLanguageModel(0, rng); }, "must be positive");
}

TEST_CASE("BigramLanguageModel: of any size, with any numbers", "[ch01][bigram][operator()]") {
  Rng rng(1);
  for (const size_t V : {2, 7, 65}) {
    const BigramLanguageModel other(V, rng);
    const Parameters table = other.parameters();
    for (float& w : table[0].tensor.mutable_values()) w *= 1e4f;
    const Tokens tokens{3, 1, {static_cast<int>(V) - 1, 0, 1}};
    expect_close("logits of the last, the first and the second of " + std::to_string(V) + " characters",
                 other(tokens), embedding(table[0].tensor, tokens));
    expect_pure(
        "BigramLanguageModel(" + std::to_string(V) + ")", [&] { return other(tokens); }, table);
  }
}
