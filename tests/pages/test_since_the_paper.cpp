/// @file test_since_the_paper.cpp
/// The sketches and the numbers of docs/since_the_paper.md: what stands there
/// compiles, and does what it says.
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "02_self_attention/head.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/layer_norm.hpp"
#include "05_blocks/projected.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "common/nn/adamw.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

namespace gpt {
namespace {

//! [rms_norm]
class RMSNorm {
 public:
  explicit RMSNorm(std::size_t C) : gain_(Tensor::full({C}, 1).require_grad()) {}
  Tensor operator()(const Tensor& x) const {
    const Tensor mean_square = mean(x * x, -1);  // (B, T, 1)
    return x / sqrt(mean_square + 1e-5f) * gain_;
  }
  Parameters parameters() const { return collect("gain", gain_); }

 private:
  Tensor gain_;  // (C)
};
//! [rms_norm]

//! [swiglu]
class SwiGLU {
 public:
  SwiGLU(std::size_t C, std::size_t hidden, Rng& rng)
      : gate_(C, hidden, Bias::off, rng),
        value_(C, hidden, Bias::off, rng),
        projection_(hidden, C, Bias::off, rng) {}
  Tensor operator()(const Tensor& x) const {
    return projection_(silu(gate_(x)) * value_(x));  // (B, T, C)
  }
  //! [swiglu]
  Parameters parameters() const { return collect("gate", gate_, "value", value_, "projection", projection_); }

 private:
  Linear gate_, value_, projection_;
};

//! [rotate]
/// Turns each pair of channels (i, i + hs / 2) by t times an angle of its own.
Tensor rotate(const Tensor& x, std::size_t first_place = 0) {  // (..., T, hs)
  const std::size_t T = x.size(-2), half = x.size(-1) / 2;
  std::vector<float> cosines, sines;
  for (std::size_t t = first_place; t < first_place + T; ++t) {
    for (std::size_t i = 0; i < half; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(half);
      const double angle = static_cast<double>(t) * std::pow(10000.0, -share);
      cosines.push_back(static_cast<float>(std::cos(angle)));
      sines.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  const Tensor c = Tensor::from({T, half}, cosines);
  const Tensor s = Tensor::from({T, half}, sines);
  const Tensor a = slice(x, -1, 0, half), b = slice(x, -1, half, 2 * half);
  return concatenate({a * c - b * s, a * s + b * c}, -1);
}
//! [rotate]

//! [grouped]
/// Copies each head of keys or values n times, for n heads of queries.
Tensor share(const Tensor& x, std::size_t n) {
  const std::size_t B = x.size(0), G = x.size(1), T = x.size(2), hs = x.size(3);
  const Tensor copies = reshape(x, {B, G, 1, T, hs}) + Tensor::zeros({n, 1, 1});
  return reshape(copies, {B, G * n, T, hs});
}

class GroupedAttention {
 public:
  GroupedAttention(std::size_t C, std::size_t H, std::size_t G, Rng& rng)
      : H_(H),
        G_(G),
        query_(C, C, Bias::off, rng),
        key_(C, C / H * G, Bias::off, rng),
        value_(C, C / H * G, Bias::off, rng) {}
  Tensor operator()(const Tensor& x) const {
    const Tensor q = split_heads(query_(x), H_);                // (B, H, T, hs)
    const Tensor k = share(split_heads(key_(x), G_), H_ / G_);  // (B, H, T, hs)
    const Tensor v = share(split_heads(value_(x), G_), H_ / G_);
    return merge_heads(causal_attention(rotate(q), rotate(k), v));
  }
  //! [grouped]
  Parameters parameters() const { return collect("query", query_, "key", key_, "value", value_); }

 private:
  std::size_t H_, G_;
  Linear query_, key_, value_;
};

class ModernBlock {
 public:
  ModernBlock(std::size_t C, std::size_t H, std::size_t G, Rng& rng)
      : norm_1_(C),
        attention_(C, H, G, rng),
        projection_(C, C, Bias::off, rng),
        norm_2_(C),
        feed_forward_(C, 8 * C / 3, rng) {}
  //! [block]
  Tensor operator()(const Tensor& x) const {
    const Tensor read = x + projection_(attention_(norm_1_(x)));  // (B, T, C)
    return read + feed_forward_(norm_2_(read));                   // (B, T, C)
  }
  //! [block]
  Parameters parameters() const {
    return collect("norm_1", norm_1_, "attention", attention_, "projection", projection_, "norm_2", norm_2_,
                   "feed_forward", feed_forward_);
  }

 private:
  RMSNorm norm_1_;
  GroupedAttention attention_;
  Linear projection_;
  RMSNorm norm_2_;
  SwiGLU feed_forward_;
};

class ModernGPT {
 public:
  ModernGPT(const GPTSizes& sizes, std::size_t G, Rng& rng)
      : token_embedding_(sizes.V, sizes.C, rng), norm_(sizes.C) {
    for (std::size_t l = 0; l < sizes.L; ++l) blocks_.emplace_back(sizes.C, sizes.H, G, rng);
    initialise(parameters(), sizes.L, rng);
  }
  //! [tied]
  Tensor operator()(const Tokens& tokens) const {
    Tensor x = token_embedding_(tokens);  // (B, T, C), and no places
    for (const ModernBlock& block : blocks_) x = block(x);
    const Tensor output = transpose(token_embedding_.weight());  // (C, V)
    return linear(norm_(x), output);                             // (B, T, V)
  }
  //! [tied]
  std::size_t block_size() const { return any; }
  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "blocks", blocks_, "norm", norm_);
  }

 private:
  Embedding token_embedding_;
  std::vector<ModernBlock> blocks_;
  RMSNorm norm_;
};

class RecurrentLayer {
 public:
  RecurrentLayer(std::size_t C, Rng& rng) : read_(C, C, Bias::on, rng), carry_(C, C, Bias::off, rng) {}
  //! [recurrent]
  Tensor operator()(const Tensor& x) const {
    Tensor state = Tensor::zeros({x.size(0), 1, x.size(2)});  // (B, 1, C)
    std::vector<Tensor> states;
    for (std::size_t t = 0; t < x.size(1); ++t) {  // one has to wait for the other
      state = tanh(read_(slice(x, 1, t, t + 1)) + carry_(state));
      states.push_back(state);
    }
    return concatenate(states, 1);  // (B, T, C)
  }
  //! [recurrent]
  Parameters parameters() const { return collect("read", read_, "carry", carry_); }

 private:
  Linear read_, carry_;
};

const GPTSizes lecture{.V = 65, .block_size = 256, .C = 384, .H = 6, .L = 6, .dropout = 0};

TEST_CASE("docs/since_the_paper.md: the norm after the sum, and before the part", "[docs]") {
  Rng rng(1);
  const LayerNorm norm(8);
  const Projected<BatchedAttention> attention(BatchedAttention(8, 2, rng), 8, 8, /*dropout=*/0.0f, rng);
  const Tensor x = Tensor::normal({1, 3, 8}, 4.0f, rng);
  //! [norms]
  const Tensor post = norm(x + attention(x));  // 2017: the sum itself is normed
  const Tensor pre = x + attention(norm(x));   // since GPT-2: only the copy is
  //! [norms]
  expect_close("post-norm: mean squares", mean(post * post, -1), {1, 1, 1}, 1e-3f);
  // Take the part's own contribution away, and pre-norm leaves x as it was.
  fill_weight(attention.parameters(), "projection.weight", 0);
  fill_weight(attention.parameters(), "projection.bias", 0);
  expect_close("pre-norm without its part", x + attention(norm(x)), x);
}

TEST_CASE("docs/since_the_paper.md: RMSNorm divides by the root mean square", "[docs]") {
  const RMSNorm norm(4);
  // Mean square of 1, 2, 3, 4: 7.5, its root 2.739. Mean 2.5, variance 1.25.
  const Tensor x = Tensor::from({1, 1, 4}, {1, 2, 3, 4});
  expect_close("RMSNorm", norm(x), {.365f, .730f, 1.095f, 1.461f}, 1e-3f);
  expect_close("LayerNorm", LayerNorm(4)(x), {-1.342f, -.447f, .447f, 1.342f}, 1e-3f);
  expect_close("RMSNorm, where the mean is 0 already", norm(Tensor::from({1, 4}, {-3, -1, 1, 3})),
               LayerNorm(4)(Tensor::from({1, 4}, {-3, -1, 1, 3})), 1e-5f);
  Tensor y = Tensor::from({2, 4}, {1, -2, .5f, 3, 2, 1, -1, .25f});
  y.require_grad();
  expect_gradient(
      "RMSNorm", [&] { return norm(y); }, collect("x", y, "norm", norm));
}

TEST_CASE("docs/since_the_paper.md: a gate opens and shuts what passes", "[docs]") {
  expect_close("silu", silu(Tensor::from({5}, {-20, -1, 0, 1, 20})), {0, -.269f, 0, .731f, 20}, 1e-3f);
  Rng rng(1);
  const SwiGLU part(4, 6, rng);
  set_uneven(part.parameters());
  Tensor x = Tensor::from({1, 2, 4}, {1, -2, .5f, 3, 2, 1, -1, .25f});
  x.require_grad();
  expect_shape("SwiGLU", part(x), {1, 2, 4});
  expect_gradient(
      "SwiGLU", [&] { return part(x); }, collect("x", x, "part", part));
  CHECK(count(SwiGLU(384, 8 * 384 / 3, rng).parameters()) == 8 * 384 * 384);  // 1,179,648, as before
  CHECK(8 * 384 / 3 == 1024);
}

TEST_CASE("docs/since_the_paper.md: rotated queries and keys know their distance, not their places",
          "[docs]") {
  Rng rng(1);
  const Tensor q = Tensor::normal({1, 8}, 1.0f, rng), k = Tensor::normal({1, 8}, 1.0f, rng);
  const auto score = [&](std::size_t asks, std::size_t asked) {
    return matmul(rotate(q, asks), transpose(rotate(k, asked))).item();
  };
  expect_close("two apart, elsewhere", score(9, 7), score(2, 0), 1e-4f);
  CHECK(std::abs(score(9, 6) - score(2, 0)) > 1e-2f);
  expect_close("place 0", rotate(q), q);
  expect_close("a quarter and more", rotate(Tensor::from({3, 2}, {1, 0, 1, 0, 1, 0})),
               {1, 0, .540f, .841f, -.416f, .909f}, 1e-3f);
  expect_close("the length", sum(rotate(q, 5) * rotate(q, 5)), sum(q * q), 1e-4f);
}

TEST_CASE("docs/since_the_paper.md: a group of heads shares keys and values", "[docs]") {
  Rng rng(1);
  const std::size_t C = 8, H = 4, hs = 2;
  const GroupedAttention grouped(C, H, /*G=*/2, rng), all(C, H, /*G=*/4, rng);
  const Tensor x = Tensor::normal({2, 5, C}, 1.0f, rng);
  // Give every head of `all` its group's columns.
  copy_weights({grouped.parameters()[0]}, {all.parameters()[0]});
  for (const char* name : {"key.weight", "value.weight"}) {
    const Tensor few = weight(grouped.parameters(), name), many = weight(all.parameters(), name);
    const Tensor repeated = concatenate(
        {slice(few, 1, 0, hs), slice(few, 1, 0, hs), slice(few, 1, hs, 2 * hs), slice(few, 1, hs, 2 * hs)},
        1);
    set_weight(all.parameters(), name, {repeated.values().begin(), repeated.values().end()});
    CHECK(few.size() * 2 == many.size());
  }
  expect_close("two groups", grouped(x), all(x), 1e-5f);
  expect_causal("GroupedAttention", grouped, x);

  // Key and value weights at the lecture's size, with 6 groups, 2 and 1.
  const auto keys_and_values = [&](std::size_t G) {
    const Parameters p = GroupedAttention(384, 6, G, rng).parameters();
    return p[1].tensor.size() + p[2].tensor.size();
  };
  CHECK(keys_and_values(6) == 294912);
  CHECK(keys_and_values(2) == 98304);
  CHECK(keys_and_values(1) == 49152);
}

TEST_CASE("docs/since_the_paper.md: with kept keys and values, one position is enough", "[docs]") {
  Rng rng(1);
  const Head head(8, 4, rng);
  const Tensor text = Tensor::normal({1, 5, 8}, 1.0f, rng), all = head(text);
  const Parameters p = head.parameters();
  const Tensor wq = weight(p, "query.weight"), wk = weight(p, "key.weight"), wv = weight(p, "value.weight");
  const float scale = 0.5f;  // 1 / sqrt(hs)
  std::vector<Tensor> keys, values;
  const auto next = [&](const Tensor& x) {
    //! [cache]
    // x (1, 1, C): the newest position alone
    keys.push_back(linear(x, wk));
    values.push_back(linear(x, wv));
    const Tensor k = concatenate(keys, 1);                              // (1, T, hs)
    const Tensor v = concatenate(values, 1);                            // (1, T, hs)
    const Tensor scores = matmul(linear(x, wq), transpose(k)) * scale;  // (1, 1, T)
    return matmul(softmax(scores), v);  // (1, 1, hs); no mask: there is no future
    //! [cache]
  };
  for (std::size_t t = 0; t < 5; ++t)
    expect_close("cached head", next(slice(text, 1, t, t + 1)), slice(all, 1, t, t + 1), 1e-5f);

  const auto numbers_kept = [](std::size_t L, std::size_t T, std::size_t heads, std::size_t hs) {
    return 2 * L * T * heads * hs;
  };
  CHECK(numbers_kept(6, 256, 6, 64) == 1179648);               // lecture
  CHECK(numbers_kept(80, 4096, 64, 128) * 2 == 10737418240u);  // bytes at 16 bit: Llama 2 70B without groups
  CHECK(numbers_kept(80, 4096, 8, 128) * 2 == 1342177280u);    // with its 8
}

TEST_CASE("docs/since_the_paper.md: all together, a GPT of our days", "[docs]") {
  Rng rng(1);
  const ModernGPT model({.V = 5, .block_size = 8, .C = 16, .H = 4, .L = 2, .dropout = 0}, /*G=*/2, rng);
  const Tokens tokens{1, 6, {0, 1, 2, 3, 4, 0}}, targets{1, 6, {1, 2, 3, 4, 0, 1}};
  expect_shape("ModernGPT", model(tokens), {1, 6, 5});
  CHECK(LanguageModel<ModernGPT>);

  Tokens changed = tokens;
  changed.ids[5] = 3;
  expect_close("earlier positions, when the last token changes", slice(model(changed), 1, 0, 5),
               slice(model(tokens), 1, 0, 5), 1e-5f);

  const float before = cross_entropy(model(tokens), targets).item();
  expect_close("first loss, near ln 5", before, std::log(5.0f), 0.1f);
  AdamW optimizer(model.parameters());
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    cross_entropy(model(tokens), targets).backward();
    optimizer.step(0.02f);
  }
  CHECK(cross_entropy(model(tokens), targets).item() < 0.1f);

  const ModernGPT large(lecture, /*G=*/6, rng);
  CHECK(count(large.parameters()) == 10646784);
  CHECK(count(ModernGPT(lecture, /*G=*/2, rng).parameters()) == 9467136);
  CHECK(count(GPTLanguageModel(lecture, rng).parameters()) == 10788929);
}

TEST_CASE("docs/since_the_paper.md: biases and places that are saved at the lecture's size", "[docs]") {
  Rng rng(1);
  std::size_t biases = 0, gains = 0;
  for (const Parameter& p : GPTLanguageModel(lecture, rng).parameters()) {
    if (p.name.ends_with("bias")) biases += p.tensor.size();
    if (p.name.ends_with("gain")) gains += p.tensor.size();
  }
  CHECK(biases == 18881);
  CHECK(gains == 4992);            // and as many biases of norms, which RMSNorm drops
  CHECK(50257 * 768 == 38597376);  // GPT-2's smallest, tied; untied it would be stored twice
}

TEST_CASE("docs/since_the_paper.md: what is left of a slope after 255 steps of a recurrent net", "[docs]") {
  Rng rng(1);
  const RecurrentLayer layer(1, rng);
  set_weight(layer.parameters(), "read.weight", {1});
  set_weight(layer.parameters(), "read.bias", {0});
  set_weight(layer.parameters(), "carry.weight", {0.9f});
  Tensor x = Tensor::zeros({1, 256, 1});
  x.require_grad();
  sum(slice(layer(x), 1, 255, 256)).backward();
  const double left = x.grad()[0];
  CHECK(left > 2.1e-12);
  CHECK(left < 2.2e-12);
  expect_shape("states", layer(Tensor::zeros({2, 3, 1})), {2, 3, 1});
  // Multiplications of a layer at the lecture's size: two (C, C) products a step; in attention four for all
  // of them, the scores and the mixture.
  CHECK(2 * 256 * 384 * 384 == 75497472);
  CHECK(4 * 256 * 384 * 384 + 2 * 256 * 256 * 384 == 201326592);
}

TEST_CASE("docs/since_the_paper.md: scaling laws, with the papers' constants", "[docs]") {
  const auto hoffmann = [](double N, double D) {
    return 1.69 + 406.4 / std::pow(N, 0.34) + 410.7 / std::pow(D, 0.28);
  };
  expect_close("Gopher", static_cast<float>(hoffmann(280e9, 300e9)), 1.993f, 1e-3f);
  expect_close("Chinchilla", static_cast<float>(hoffmann(70e9, 1.4e12)), 1.937f, 1e-3f);
  expect_close("Gopher's operations", static_cast<float>(6 * 280e9 * 300e9 / 1e23), 5.04f, 1e-3f);
  expect_close("Chinchilla's", static_cast<float>(6 * 70e9 * 1.4e12 / 1e23), 5.88f, 1e-3f);
  expect_close("ten times the parameters (Kaplan)", static_cast<float>(std::pow(10.0, -0.076)), .839f, 1e-3f);
  // Characters seen: small 5,000 steps of (16, 32), lecture 5,000 of (64, 256).
  CHECK(5000 * 16 * 32 == 2560000);
  CHECK(5000 * 64 * 256 == 81920000);
  expect_close("small, characters a parameter", 2560000.0f / 209729, 12.2f, 1e-2f);
  expect_close("lecture, characters a parameter", 81920000.0f / 10788929, 7.6f, 1e-2f);
}

}  // namespace
}  // namespace gpt
