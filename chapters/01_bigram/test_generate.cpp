#include "01_bigram/generate.hpp"

#include <algorithm>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// Counts up: after token n it is sure of n + 1 (mod V). Remembers the lengths of what it was asked, and
/// whether the tape was on.
struct Counting {
  std::size_t V = 10, limit = any;
  mutable std::vector<std::size_t> lengths = {};
  mutable std::size_t batch = 0;
  mutable bool taped = false;
  mutable std::vector<int> last_question = {};

  Tensor operator()(const Tokens& tokens) const {
    lengths.push_back(tokens.T);
    batch = std::max(batch, tokens.B);
    taped = taped || grad_enabled();
    last_question = tokens.ids;
    std::vector<float> logits(tokens.B * tokens.T * V, 0.0f);
    for (std::size_t i = 0; i < tokens.ids.size(); ++i)
      logits[i * V + (static_cast<std::size_t>(tokens.ids[i]) + 1) % V] = 50;
    return Tensor::from({tokens.B, tokens.T, V}, logits);
  }
  std::size_t block_size() const { return limit; }
  Parameters parameters() const { return {}; }
};
static_assert(LanguageModel<Counting>);

/// The same logits after anything.
struct Constant {
  std::vector<float> logits;
  Tensor operator()(const Tokens& tokens) const {
    std::vector<float> all;
    for (std::size_t i = 0; i < tokens.B * tokens.T; ++i) all.insert(all.end(), logits.begin(), logits.end());
    return Tensor::from({tokens.B, tokens.T, logits.size()}, all);
  }
  std::size_t block_size() const { return 8; }
  Parameters parameters() const { return {}; }
};

}  // namespace

TEST_CASE("generate: appends n tokens, each predicted from the one before", "[ch01][generate]") {
  const Counting model;
  Rng rng(1);
  const std::vector<int> text = generate(model, {3, 7}, 5, Sampling{}, rng);
  expect(text.size() >= 2 && text[0] == 3 && text[1] == 7,
         "the prompt 3, 7 is gone: generate() gives it back with the new tokens after it");
  expect_equal("tokens of prompt and text", static_cast<long long>(text.size()), 7);
  expect(text[2] != 4,
         "the text of a model that counts up goes on after 3, 7 with 4: it was predicted from the "
         "first position, take the logits of the last");
  expect_equal("text of a model that counts up, after 3, 7", text, {3, 7, 8, 9, 0, 1, 2});
  expect_equal("largest batch that the model was given", static_cast<long long>(model.batch), 1);
}

TEST_CASE("generate: gives the model what it has said, up to the last block_size tokens",
          "[ch01][generate][last_tokens]") {
  const Counting model{.V = 10, .limit = 4};
  Rng rng(1);
  const std::vector<int> text = generate(model, {1, 2}, 6, Sampling{}, rng);
  for (const std::size_t T : model.lengths) {
    expect(T <= 4, "the model was given " + std::to_string(T) +
                       " tokens, but its block_size is 4: crop the context to the last 4");
  }
  expect(model.last_question != std::vector<int>{1, 2, 3, 4},
         "the model was given the first 4 tokens, where the last 4 are what it should go on from");
  expect_equal("what the model was asked last, with a block_size of 4", model.last_question, {4, 5, 6, 7});
  expect_equal("number of times that the model was asked for 6 tokens",
               static_cast<long long>(model.lengths.size()), 6);
  expect_equal("context of the first question, the prompt", static_cast<long long>(model.lengths[0]), 2);
  expect_equal("context of the second question", static_cast<long long>(model.lengths[1]), 3);
  expect_equal("text of a model that counts up, after 1, 2", text, {1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("generate: crops a prompt that is longer than the model can look at",
          "[ch01][generate][last_tokens]") {
  const Counting model{.V = 10, .limit = 3};
  Rng rng(1);
  expect_equal("text after the prompt 9, 8, 7, 6, 5 with a block_size of 3",
               generate(model, {9, 8, 7, 6, 5}, 2, Sampling{}, rng), {9, 8, 7, 6, 5, 6, 7});
  expect_equal("context of the first question", static_cast<long long>(model.lengths[0]), 3);
}

TEST_CASE("generate: no tokens asked, none said", "[ch01][generate]") {
  const Counting model;
  Rng rng(1);
  expect_equal("text of 0 new tokens", generate(model, {5}, 0, Sampling{}, rng), {5});
}

TEST_CASE("generate: obeys temperature and top-k", "[ch01][generate]") {
  const Constant model{{1.0f, 2.0f, 1.5f, 1.9f}};
  const auto said = [&](Sampling sampling, int token) {
    Rng rng(3);
    const std::vector<int> text = generate(model, {0}, 300, sampling, rng);
    return static_cast<long long>(std::count(text.begin() + 1, text.end(), token));
  };
  expect_equal("of 300 tokens at temperature 0, the likeliest", said({/*temperature=*/0, /*top_k=*/0}, 1),
               300);
  expect_equal("of 300 tokens at temperature 0.01, the least likely", said({0.01f, 0}, 0), 0);
  expect(said({1, 0}, 0) > 0,
         "of 300 tokens at temperature 1 none was the least likely, whose share is 15 %");
  expect_equal("of 300 tokens with top_k = 1, the likeliest", said({1, 1}, 1), 300);
  expect_equal("of 300 tokens with top_k = 2, the third likeliest", said({1, 2}, 2), 0);
  expect(said({1, 2}, 3) > 0,
         "of 300 tokens with top_k = 2 none was the second likeliest, whose share is 48 %");
}

TEST_CASE("generate: tells each token at once, and in order", "[ch01][generate]") {
  const Counting model;
  Rng rng(1);
  std::vector<int> told;
  bool at_once = true;
  generate(model, {0}, 4, Sampling{}, rng, [&](int token) {
    at_once = at_once && model.lengths.size() == told.size() + 1;
    told.push_back(token);
  });
  expect_equal("tokens that on_token was told", told, {1, 2, 3, 4});
  expect(at_once, "on_token was told late: call it before the model is asked again");
}

TEST_CASE("generate: leaves the tape alone", "[ch01][generate]") {
  const Counting model;
  Rng rng(1);
  generate(model, {0}, 1, Sampling{}, rng);
  expect(!model.taped,
         "the tape was on while the text was made, and would grow with every token: a NoGrad turns it "
         "off");
  expect(grad_enabled(), "the tape is still off after generate()");
}

TEST_CASE("generate: the same seed says the same", "[ch01][generate]") {
  const Constant model{{1, 2, 1.5f, 1.9f}};
  const auto text = [&](std::uint64_t seed) {
    Rng rng(seed);
    return generate(model, {0}, 50, Sampling{}, rng);
  };
  expect_equal("text with the same seed", text(1), text(1));
  expect(text(1) != text(2), "two seeds give the same text: draw from the rng that was passed in");
}

TEST_CASE("generate: refuses to start from nothing", "[ch01][generate]") {
  const Counting model;
  Rng rng(1);
  expect_error(
      "generate() without a token to continue", [&] { generate(model, {}, 3, Sampling{}, rng); },
      "at least one token");
}
