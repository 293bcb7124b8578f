#include "03_multi_head_attention/multi_head_attention.hpp"

#include <cmath>
#include <utility>

#include "02_self_attention/transformer_language_model.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

std::vector<std::pair<std::string, Shape>> expected_parameters(std::size_t C, std::size_t H) {
  std::vector<std::pair<std::string, Shape>> all;
  for (std::size_t h = 0; h < H; ++h) {
    for (const char* part : {"query", "key", "value"})
      all.push_back({"heads." + std::to_string(h) + "." + part + ".weight", {C, C / H}});
  }
  return all;
}

/// Every weight random, of standard deviation 1.
MultiHeadAttention random_attention(std::size_t C, std::size_t H, std::uint64_t seed) {
  Rng rng(seed);
  const MultiHeadAttention attention(C, H, rng);
  for (const Parameter& p : attention.parameters()) {
    for (float& w : p.tensor.mutable_values()) w = rng.normal();
  }
  return attention;
}

Tensor random_input(Shape shape, std::uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(std::move(shape), 1.0f, rng);
}

/// What head h should say, from its weights and the library's attention.
Tensor head_output(const MultiHeadAttention& attention, std::size_t h, const Tensor& x) {
  const Parameters p = attention.parameters();
  return causal_attention(linear(x, p[3 * h].tensor), linear(x, p[3 * h + 1].tensor),
                          linear(x, p[3 * h + 2].tensor));
}

}  // namespace

TEST_CASE("MultiHeadAttention: its weights are those of H heads of size C / H",
          "[ch03][multi_head][constructor]") {
  Rng rng(1);
  const Parameters got = MultiHeadAttention(12, 3, rng).parameters();
  expect(!got.empty(),
         "MultiHeadAttention(12, 3): parameters() lists no weights, so that nothing would be trained");
  expect(
      got[0].tensor.shape() != Shape{12, 12},
      "MultiHeadAttention(12, 3): heads of size 12 = C, where C / H = 4 is asked for: three of them side by "
      "side would be three times as wide as the input");
  expect_parameters("MultiHeadAttention(12, 3)", got, expected_parameters(12, 3));
}

TEST_CASE("MultiHeadAttention: every head has weights of its own", "[ch03][multi_head][constructor]") {
  Rng rng(1);
  const MultiHeadAttention attention(4, 2, rng);
  const Parameters p = attention.parameters();
  expect_parameters("MultiHeadAttention(4, 2)", p, expected_parameters(4, 2));
  for (std::size_t i = 0; i < 3; ++i) {
    const float before = p[3 + i].tensor.values()[0];
    p[i].tensor.mutable_values()[0] = before + 1;
    expect(
        p[3 + i].tensor.values()[0] == before,
        p[3 + i].name + " changed when " + p[i].name +
            " did: the heads share their weights, since a copy of a Head is another handle to the same ones");
  }
}

TEST_CASE("MultiHeadAttention: from (B, T, C) to (B, T, C)", "[ch03][multi_head][operator()]") {
  Rng rng(1);
  const MultiHeadAttention attention(12, 3, rng);
  expect_shape("MultiHeadAttention(12, 3) of a (2, 5, 12)", attention(Tensor::zeros({2, 5, 12})), {2, 5, 12});
}

TEST_CASE("MultiHeadAttention: the heads' outputs stand side by side, in order",
          "[ch03][multi_head][operator()]") {
  // Two heads of size 1 over two channels, one position: each says its value.
  // The first: 10 * x0. The second: 100 * x1. For (3, 5): 30 and 500.
  Rng rng(1);
  const MultiHeadAttention attention(2, 2, rng);
  const Parameters p = attention.parameters();
  expect_parameters("MultiHeadAttention(2, 2)", p, expected_parameters(2, 2));
  const std::vector<float> first{10, 0}, second{0, 100};
  std::copy(first.begin(), first.end(), p[2].tensor.mutable_values().begin());
  std::copy(second.begin(), second.end(), p[5].tensor.mutable_values().begin());
  expect_close("two heads that say 30 and 500 at the only position",
               attention(Tensor::from({1, 1, 2}, {3, 5})), {30, 500},
               {{{500, 30}, "the heads' order is turned round"},
                {{530, 530}, "the heads are added, and not set side by side"},
                {{30, 30}, "the first head speaks for both"},
                {{500, 500}, "the second head speaks for both"}});
  // Two positions (3, 5) and (1, 7), with no queries: averages of the past. (30, 500), then (20, 600).
  for (const std::size_t i : {0, 1, 3, 4}) {
    const std::span<float> w = p[i].tensor.mutable_values();
    std::fill(w.begin(), w.end(), 0.0f);
  }
  expect_close("two heads over the positions (3, 5), (1, 7)",
               attention(Tensor::from({1, 2, 2}, {3, 5, 1, 7})), {30, 500, 20, 600},
               {{{30, 20, 500, 600},
                 "the outputs stand one below the other, and were reshaped: join them along the last axis"}});
}

TEST_CASE("MultiHeadAttention: equals its heads, one by one", "[ch03][multi_head][operator()]") {
  for (const auto& [C, H] : {std::pair<std::size_t, std::size_t>{12, 3}, {10, 2}, {7, 7}, {5, 1}}) {
    const std::size_t hs = C / H;
    const MultiHeadAttention attention = random_attention(C, H, 2 + C);
    const Tensor x = random_input({2, 5, C}, 3 + C);
    const Tensor out = attention(x);
    const std::string what = "MultiHeadAttention(" + std::to_string(C) + ", " + std::to_string(H) + ")";
    expect_shape(what + " of a " + to_string(x.shape()), out, {2, 5, C});
    for (std::size_t h = 0; h < H; ++h) {
      expect_close(what + ": channels " + std::to_string(hs * h) + " to " + std::to_string(hs * h + hs - 1) +
                       ", head " + std::to_string(h),
                   slice(out, -1, hs * h, hs * h + hs), head_output(attention, h, x), 1e-4f);
    }
    Parameters inputs = attention.parameters();
    append(inputs, "x", x);
    expect_pure(
        what, [&] { return attention(x); }, inputs);
  }
}

TEST_CASE("MultiHeadAttention: every head reads all channels of x", "[ch03][multi_head][operator()]") {
  const MultiHeadAttention attention = random_attention(4, 2, 4);
  const Tensor x = random_input({1, 1, 4}, 5);
  const Tensor before = attention(x);
  for (std::size_t c = 0; c < 4; ++c) {
    const Tensor moved = Tensor::from(x.shape(), x.values());
    moved.mutable_values()[c] += 1.0f;
    const Tensor after = attention(moved);
    for (std::size_t h = 0; h < 2; ++h) {
      expect(std::abs(after.values()[2 * h] - before.values()[2 * h]) > 1e-6f,
             "head " + std::to_string(h) + " does not see channel " + std::to_string(c) +
                 " of x: the channels of the output are divided among the heads, those of the input are not");
    }
  }
}

TEST_CASE("MultiHeadAttention: a later token never changes an earlier output",
          "[ch03][multi_head][operator()]") {
  const MultiHeadAttention attention = random_attention(6, 3, 6);
  expect_causal(
      "MultiHeadAttention(6, 3)", [&](const Tensor& x) { return attention(x); }, random_input({2, 5, 6}, 7));
}

TEST_CASE("MultiHeadAttention: a sequence gets the same answer alone and in a batch",
          "[ch03][multi_head][operator()]") {
  const MultiHeadAttention attention = random_attention(4, 2, 8);
  const Tensor x = random_input({3, 4, 4}, 9);
  const Tensor together = attention(x);
  for (std::size_t b = 0; b < 3; ++b) {
    expect_close("sequence " + std::to_string(b) + ", alone and in a batch of 3",
                 attention(slice(x, 0, b, b + 1)), slice(together, 0, b, b + 1), 1e-5f);
  }
}

TEST_CASE("MultiHeadAttention: gradient", "[ch03][multi_head][operator()]") {
  const MultiHeadAttention attention = random_attention(4, 2, 10);
  Tensor x = random_input({2, 3, 4}, 11).require_grad();
  expect_gradient(
      "MultiHeadAttention(4, 2)", [&] { return attention(x); }, attention.parameters());
  expect_gradient(
      "MultiHeadAttention(4, 2)", [&] { return attention(x); }, x);
}

TEST_CASE("MultiHeadAttention: refuses channels that the heads cannot share, and input of another width",
          "[ch03][multi_head][constructor]") {
  Rng rng(1);
  expect_error(
      "MultiHeadAttention(10, 4)", [&] { MultiHeadAttention(10, 4, rng); }, "C = 10 and H = 4");
  expect_error(
      "MultiHeadAttention(4, 0)", [&] { MultiHeadAttention(4, 0, rng); }, "C = 4 and H = 0");
  expect_error(
      "MultiHeadAttention(0, 2)", [&] { MultiHeadAttention(0, 2, rng); }, "C = 0 and H = 2");
  const MultiHeadAttention attention(4, 2, rng);
  expect_error(
      "MultiHeadAttention(4, 2) of a (1, 2, 6)",
      [&] {
        attention(Tensor::zeros({1, 2, 6}));
      },
      "got (1, 2, 6)");
}

TEST_CASE("TransformerLanguageModel: the published size with four heads has 7,553 parameters",
          "[ch03][multi_head]") {
  Rng rng(1);
  expect_equal("parameters of the published model with four heads",
               static_cast<long long>(count(
                   TransformerLanguageModel(65, 8, 32, MultiHeadAttention(32, 4, rng), rng).parameters())),
               7553);
}
