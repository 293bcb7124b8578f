#include "06_gpt/cached_gpt.hpp"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

const GPTSizes sizes{/*V=*/11, /*block_size=*/8, /*C=*/12, /*H=*/3, /*L=*/2, /*dropout=*/0.2f};

// Initial weights are so small that attention hardly matters; these are not.
GPTLanguageModel strong_model(Rng& rng) {
  GPTLanguageModel model(sizes, rng);
  for (const Parameter& p : model.parameters()) {
    for (float& w : p.tensor.mutable_values()) w = 0.5f * rng.normal();
  }
  return model;
}

std::vector<float> last_logits(const GPTLanguageModel& model, const std::vector<int>& tokens) {
  const NoGrad no_grad;
  const Tensor logits = model(Tokens{1, tokens.size(), tokens});
  const std::span<const float> last = logits.values().last(sizes.V);
  return {last.begin(), last.end()};
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("CachedGPT: token by token, the logits are those of the whole window", "[ch06][cached_gpt]") {
  Rng rng(1);
  const GPTLanguageModel model = strong_model(rng);
  const std::vector<int> text{3, 1, 4, 1, 5, 9, 2, 6};
  CachedGPT cache(model);
  for (std::size_t t = 1; t <= text.size(); ++t) {
    const std::vector<float> logits = cache.read({text[t - 1]});
    INFO("after " << t << " tokens");
    CHECK(cache.size() == t);
    CHECK(largest_difference(logits, last_logits(model, {text.begin(), text.begin() + static_cast<int>(t)})) <
          1e-5f);
  }
}

TEST_CASE("CachedGPT: it makes no difference in which portions a text is read", "[ch06][cached_gpt]") {
  Rng rng(2);
  const GPTLanguageModel model = strong_model(rng);
  CachedGPT one(model), two(model);
  two.read({7, 7, 7});
  two.clear();
  two.read({3, 1, 4});
  CHECK(largest_difference(one.read({3, 1, 4, 1, 5}), two.read({1, 5})) < 1e-5f);
}

TEST_CASE("CachedGPT: no tokens, or more than fit, are refused", "[ch06][cached_gpt]") {
  Rng rng(3);
  const GPTLanguageModel model = strong_model(rng);
  CachedGPT cache(model);
  REQUIRE_THROWS_AS(cache.read({}), std::invalid_argument);
  cache.read({1, 2, 3, 4, 5, 6});
  REQUIRE_THROWS_WITH(cache.read({1, 2, 3}), "CachedGPT::read: needs 1 to 2 tokens, got 3");
}

TEST_CASE("generate: with the cache, a GPT says what it says without, as long as the text fits",
          "[ch06][cached_gpt]") {
  Rng rng(4);
  const GPTLanguageModel model = strong_model(rng);
  Rng dice_a(5), dice_b(5);
  const std::vector<int> cached = generate(model, {2}, 7, Sampling{}, dice_a);
  const std::vector<int> plain = generate<GPTLanguageModel>(model, {2}, 7, Sampling{}, dice_b);
  CHECK(cached == plain);
}

TEST_CASE("generate: with the cache, a GPT goes on when the text no longer fits", "[ch06][cached_gpt]") {
  Rng rng(6);
  const GPTLanguageModel model = strong_model(rng);
  const std::vector<int> start{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const std::vector<int> tokens = generate(model, start, 30, Sampling{}, rng);
  REQUIRE(tokens.size() == 40);
  CHECK(std::equal(start.begin(), start.end(), tokens.begin()));
}

TEST_CASE("cache_agrees: yes for the usual blocks, also where the text is longer than the window",
          "[ch06][cached_gpt]") {
  Rng rng(7);
  const GPTLanguageModel model = strong_model(rng);
  CHECK(cache_agrees(model, {4}));
  CHECK(cache_agrees(model, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}
