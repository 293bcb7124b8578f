#include "07_since_the_paper/cached_modern_gpt.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

const ModernSizes sizes{.V = 11, .block_size = 7, .C = 24, .H = 6, .L = 2, .hidden = 10};
const std::vector<int> text{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3};

ModernGPT model_of(const Design& design) {
  Rng rng(1);
  ModernGPT model(sizes, design, rng);
  set_uneven(model.parameters());
  return model;
}

std::vector<float> last_logits(const ModernGPT& model, const std::vector<int>& tokens) {
  const NoGrad no_grad;
  const Tensor logits = model(Tokens{1, tokens.size(), tokens});
  const std::span<const float> last = logits.values().last(sizes.V);
  return {last.begin(), last.end()};
}

std::vector<Design> designs() {
  return {chapter_6_design(6), Design{}, Design{.G = 3, .qk_norm = false},
          Design{.place = Place::post, .G = 1},
          Design{.norm = NormKind::none, .positions = Positions::none, .tied = false}};
}

std::vector<int> part(std::size_t begin, std::size_t end) {
  return {text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

TEST_CASE("CachedModernGPT: token by token, the logits are those of the whole window",
          "[ch07][cached_modern_gpt]") {
  for (const Design& design : designs()) {
    const ModernGPT model = model_of(design);
    CachedModernGPT cache(model);
    for (std::size_t t = 1; t <= sizes.block_size; ++t) {
      const std::vector<float> logits = cache.read({text[t - 1]});
      CHECK(cache.size() == t);
      expect_close("after " + std::to_string(t), Tensor::from({sizes.V}, logits),
                   last_logits(model, part(0, t)), 1e-4f);
    }
  }
}

TEST_CASE("CachedModernGPT: it makes no difference in which portions a text is read",
          "[ch07][cached_modern_gpt]") {
  const ModernGPT model = model_of(Design{});
  CachedModernGPT one(model), two(model);
  two.read({7, 7, 7});
  two.clear();
  CHECK(two.size() == 0);
  two.read(part(0, 3));
  const std::vector<float> expected = one.read(part(0, 6));
  expect_close("six, and three and three", Tensor::from({sizes.V}, two.read(part(3, 6))), expected, 1e-4f);
}

TEST_CASE(
    "CachedModernGPT: past the end of the context, with rotation and groups, it reads the newer half again",
    "[ch07][cached_modern_gpt]") {
  const ModernGPT model = model_of(Design{});
  // Always the likeliest: what generate() says must be what whole windows say that begin where the cache began.
  Rng rng(1);
  const std::vector<int> spoken = generate(model, part(0, 5), 20, Sampling{.temperature = 0}, rng);
  std::vector<int> expected = part(0, 5);
  std::size_t begin = 0;
  for (int i = 0; i < 20; ++i) {
    if (expected.size() - begin > sizes.block_size) begin = expected.size() - sizes.block_size / 2;
    const std::vector<float> logits =
        last_logits(model, {expected.begin() + static_cast<std::ptrdiff_t>(begin), expected.end()});
    expected.push_back(static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
  }
  expect_equal("spoken", spoken, expected);
}

TEST_CASE("CachedModernGPT: refuses nothing and too much", "[ch07][cached_modern_gpt]") {
  const ModernGPT model = model_of(Design{});
  CachedModernGPT cache(model);
  cache.read(part(0, 3));
  expect_error(
      "no tokens", [&] { cache.read({}); }, "needs 1 to 4 tokens, got 0");
  expect_error(
      "five where four fit", [&] { cache.read(part(0, 5)); }, "needs 1 to 4 tokens, got 5");
  Rng rng(1);
  expect_error(
      "generate from nothing", [&] { generate(model, {}, 3, {}, rng); }, "needs at least one token");
}
