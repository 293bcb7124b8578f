#include "09_subwords/cached_gpt2.hpp"

#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

const GPT2Sizes sizes{.V = 13, .block_size = 12, .C = 8, .H = 2, .L = 2};

GPT2 uneven_model() {
  Rng rng(1);
  GPT2 model(sizes, rng);
  set_uneven(model.parameters());
  return model;
}

}  // namespace

TEST_CASE("CachedGPT2: token by token, in pieces or at once, it says what the model says",
          "[ch09][cached_gpt2]") {
  const GPT2 model = uneven_model();
  const std::vector<int> text{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
  const Tensor all = model(Tokens{1, text.size(), text});  // (1, T, V)
  for (const size_t step : {1, 2, 5, 12}) {
    CachedGPT2 cache(sizes, stored_weights(model));
    for (size_t t = 0; t < text.size(); t += step) {
      const size_t end = std::min(t + step, text.size());
      const std::vector<float> logits =
          cache.read({text.begin() + std::ptrdiff_t(t), text.begin() + std::ptrdiff_t(end)});
      expect_close("logits after " + std::to_string(end) + " tokens, " + std::to_string(step) + " at a time",
                   Tensor::from({sizes.V}, logits), reshape(slice(all, 1, end - 1, end), {sizes.V}), 1e-4f);
    }
    CHECK(cache.size() == text.size());
    cache.clear();
    CHECK(cache.size() == 0);
  }
}

TEST_CASE("CachedGPT2: speaks past the end of its context", "[ch09][cached_gpt2]") {
  const GPT2 model = uneven_model();
  Rng dice(2);
  size_t told = 0;
  const std::vector<int> text = generate(model, {1, 2}, 40, {}, dice, [&](int) { ++told; });
  CHECK(text.size() == 42);
  CHECK(told == 40);
}

TEST_CASE("CachedGPT2: says what does not fit", "[ch09][cached_gpt2]") {
  const GPT2 model = uneven_model();
  CachedGPT2 cache(sizes, stored_weights(model));
  expect_error(
      "read of nothing", [&] { cache.read({}); }, "needs 1 to 12 tokens, got 0");
  expect_error(
      "read of id 13", [&] { cache.read({13}); }, "ids must be in [0, 13), got 13");
  model.parameters()[0].tensor.mutable_values()[3 * sizes.C] = std::nanf("");
  CHECK_THROWS_AS(cache.read({3}), std::runtime_error);
}
