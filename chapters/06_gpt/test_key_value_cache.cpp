#include <functional>
#include <string>
#include <vector>

#include "03_multi_head_attention/batched_attention.hpp"
#include "06_gpt/cached_gpt.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

using Numbers = std::vector<float>;
/// What is done with q, k and v, each (1, H, T, hs).
using Attend = std::function<Tensor(const Tensor& q, const Tensor& k, const Tensor& v)>;

/// A model whose weights are large enough for attention to matter.
GPTLanguageModel model_of(const GPTSizes& sizes, Rng& rng) {
  GPTLanguageModel model(sizes, rng);
  set_uneven(model.parameters(), 0.8f);
  return model;
}

/// The logits after the last token: the whole window, from the model's weights, without a cache and without the model's
/// own blocks. `H` heads, or as many as are asked for.
Numbers window(const GPTLanguageModel& model, const std::vector<int>& tokens, const Attend& attend,
               size_t H) {
  const NoGrad no_grad;
  const Parameters all = model.parameters();
  const auto layer = [&](const std::string& name, const Tensor& x) {
    return linear(x, weight(all, name + ".weight"), weight(all, name + ".bias"));
  };
  const auto norm = [&](const std::string& name, const Tensor& x) {
    return layer_norm(x, weight(all, name + ".gain"), weight(all, name + ".bias"));
  };
  Tensor x = embedding(weight(all, "token_embedding.weight"), Tokens{1, tokens.size(), tokens}) +
             slice(weight(all, "position_embedding.weight"), 0, 0, tokens.size());
  const size_t T = tokens.size(), C = model.sizes().C;
  const auto split = [&](const Tensor& y) { return permute(reshape(y, {1, T, H, C / H}), {0, 2, 1, 3}); };
  for (size_t l = 0; l < model.sizes().L; ++l) {
    const std::string block = "blocks." + std::to_string(l);
    const Tensor in = norm(block + ".norm_1", x);
    const auto heads = [&](const char* part) {
      return split(linear(in, weight(all, block + ".attention." + part + ".weight")));
    };
    const Tensor out = attend(heads("query"), heads("key"), heads("value"));
    x = x + layer(block + ".attention.projection", reshape(permute(out, {0, 2, 1, 3}), {1, T, C}));
    x = x + layer(block + ".feed_forward.projection",
                  relu(layer(block + ".feed_forward.hidden", norm(block + ".norm_2", x))));
  }
  const Tensor logits = layer("output", norm("norm", x));
  const std::span<const float> last = last_row(logits);
  return {last.begin(), last.end()};
}

Tensor weighted(const Tensor& scores, const Tensor& v) { return matmul(softmax(causal_mask(scores)), v); }

/// What the cache should say, and what it says after typical mistakes.
struct Answers {
  Numbers right;
  std::vector<Mistake> mistakes;
  Answers(const GPTLanguageModel& model, const std::vector<int>& tokens) {
    const size_t C = model.sizes().C, H = model.sizes().H;
    const auto root = [](size_t n) { return std::sqrt(static_cast<float>(n)); };
    const auto usual = [](const Tensor& q, const Tensor& k, const Tensor& v) {
      return causal_attention(q, k, v);
    };
    right = window(model, tokens, usual, H);
    const auto add = [&](const std::string& what, const Attend& attend, size_t heads) {
      mistakes.push_back({window(model, tokens, attend, heads), what});
    };
    add(
        "the scores are not divided by sqrt(hs)",
        [](const Tensor& q, const Tensor& k, const Tensor& v) {
          return weighted(matmul(q, transpose(k)), v);
        },
        H);
    add(
        "the scores are divided by sqrt(C); it is sqrt(hs), the size of a head",
        [&](const Tensor& q, const Tensor& k, const Tensor& v) {
          return weighted(matmul(q, transpose(k)) / root(C), v);
        },
        H);
    add(
        "the heads are not told apart: each has its own hs channels, scores and weights",
        [&](const Tensor& q, const Tensor& k, const Tensor& v) {
          return weighted(matmul(q, transpose(k)) / root(C / H), v);
        },
        1);
    add(
        "all heads read the first one's values",
        [&](const Tensor& q, const Tensor& k, const Tensor& v) {
          const Tensor first = slice(v, 1, 0, 1);
          return causal_attention(q, k, concatenate(std::vector<Tensor>(v.size(1), first), 1));
        },
        H);
    add(
        "the newest position does not see itself: its key and its value are kept before it asks",
        [&](const Tensor& q, const Tensor& k, const Tensor& v) {
          // Row t has the positions before t; the first, which has none, has itself.
          const size_t T = q.size(2);
          Tensor mask = Tensor::zeros({T, T});
          for (size_t t = 0; t < T; ++t) {
            for (size_t s = std::max<size_t>(t, 1); s < T; ++s)
              mask.mutable_values()[t * T + s] = -std::numeric_limits<float>::infinity();
          }
          return matmul(softmax(matmul(q, transpose(k)) / root(C / H) + mask), v);
        },
        H);
    if (H == 1)
      std::erase_if(mistakes, [](const Mistake& m) { return m.what.find("heads") != std::string::npos; });
  }
};

const GPTSizes one_block{/*V=*/7, /*block_size=*/9, /*C=*/6, /*H=*/2, /*L=*/1, /*dropout=*/0.0f};
const GPTSizes two_blocks{/*V=*/11, /*block_size=*/8, /*C=*/12, /*H=*/3, /*L=*/2, /*dropout=*/0.2f};

void expect_logits(const std::string& what, const Numbers& got, const Answers& answers) {
  expect_close("CachedGPT: the logits after " + what, Tensor::from({got.size()}, got), answers.right,
               answers.mistakes, 1e-3f);
}

}  // namespace

TEST_CASE("key_value_cache: a first token has nobody but itself", "[ch06][key_value_cache]") {
  Rng rng(1);
  const GPTLanguageModel model = model_of(one_block, rng);
  CachedGPT cache(model);
  expect_logits("a first token", cache.read({3}), Answers(model, {3}));
  expect_equal("CachedGPT: positions in the cache after one token", static_cast<long long>(cache.size()), 1);
}

TEST_CASE("key_value_cache: a text in one portion", "[ch06][key_value_cache]") {
  Rng rng(2);
  const std::vector<int> text{3, 1, 4, 1, 5};
  for (const GPTSizes& sizes : {one_block, two_blocks}) {
    const GPTLanguageModel model = model_of(sizes, rng);
    CachedGPT cache(model);
    expect_logits("five tokens in one portion", cache.read(text), Answers(model, text));
  }
}

TEST_CASE("key_value_cache: a text token by token, with a single block", "[ch06][key_value_cache]") {
  Rng rng(3);
  const GPTLanguageModel model = model_of(one_block, rng);
  const std::vector<int> text{3, 1, 4, 1, 5, 2, 6, 0, 5};
  CachedGPT cache(model);
  for (size_t t = 1; t <= text.size(); ++t) {
    const Numbers got = cache.read({text[t - 1]});
    const Answers answers(model, {text.begin(), text.begin() + static_cast<int>(t)});
    const std::string what = "token " + std::to_string(t) + ", read one by one";
    bool same = true;
    for (size_t i = 0; i < got.size(); ++i) same = same && std::abs(got[i] - answers.right[i]) < 1e-3f;
    expect(same, "CachedGPT: the logits after " + what +
                     " are not those of the whole window, though a text in one portion was "
                     "right: a later portion overwrites what was kept, or does not look there. New position "
                     "i is position size_ + i");
  }
}

TEST_CASE("key_value_cache: a text token by token, with several blocks", "[ch06][key_value_cache]") {
  Rng rng(4);
  const GPTLanguageModel model = model_of(two_blocks, rng);
  const std::vector<int> text{3, 1, 4, 1, 5, 9, 2, 6};
  CachedGPT cache(model);
  for (size_t t = 1; t <= text.size(); ++t) {
    const Numbers got = cache.read({text[t - 1]});
    const Answers answers(model, {text.begin(), text.begin() + static_cast<int>(t)});
    bool same = true;
    for (size_t i = 0; i < got.size(); ++i) same = same && std::abs(got[i] - answers.right[i]) < 1e-3f;
    expect(same, "CachedGPT: with two blocks, the logits after token " + std::to_string(t) +
                     " are not those of the whole window, though with one block they were: each block has "
                     "keys and values of its "
                     "own, keys_[l] and values_[l]");
  }
}

TEST_CASE("key_value_cache: odd portions, and sizes that share no factor", "[ch06][key_value_cache]") {
  Rng rng(5);
  for (const GPTSizes& sizes :
       {GPTSizes{5, 7, 10, 5, 1, 0.0f}, GPTSizes{13, 11, 9, 3, 3, 0.0f}, GPTSizes{8, 6, 14, 1, 2, 0.0f}}) {
    const GPTLanguageModel model = model_of(sizes, rng);
    const std::vector<int> text{3, 1, 4, 0, 2, 4};
    for (const size_t first : {1u, 2u, 5u}) {
      CachedGPT cache(model);
      cache.read({text.begin(), text.begin() + static_cast<int>(first)});
      expect_logits("a portion of " + std::to_string(first) + " and the rest of 6",
                    cache.read({text.begin() + static_cast<int>(first), text.end()}), Answers(model, text));
    }
  }
}

TEST_CASE("key_value_cache: two caches of one model, and one that was cleared", "[ch06][key_value_cache]") {
  Rng rng(6);
  const GPTLanguageModel model = model_of(two_blocks, rng);
  CachedGPT one(model), two(model);
  one.read({9, 9, 9, 9});
  two.read({3, 1});
  one.clear();
  one.read({3, 1});
  const Answers answers(model, {3, 1, 4});
  expect_logits("two tokens and one, beside another cache", two.read({4}), answers);
  expect_logits("two tokens and one, in a cache that was cleared", one.read({4}), answers);
}

TEST_CASE("key_value_cache: weights that were trained on in between are the ones that count",
          "[ch06][key_value_cache]") {
  Rng rng(7);
  const GPTLanguageModel model = model_of(one_block, rng);
  CachedGPT cache(model);
  cache.read({1, 2});
  set_uneven(model.parameters(), 0.6f);
  cache.clear();
  expect_logits("two tokens, after the weights have changed", cache.read({1, 2}), Answers(model, {1, 2}));
}
