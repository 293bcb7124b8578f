#include "07_since_the_paper/grouped_query_attention.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "03_multi_head_attention/batched_attention.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

std::vector<float> numbers(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

/// Head h with keys and values of head of[h], one after the other, with a choice of mistakes.
std::vector<float> head_by_head(const Tensor& q, const Tensor& k, const Tensor& v,
                                const std::vector<std::size_t>& of, float scale, bool masked = true) {
  std::vector<Tensor> heads;
  for (std::size_t h = 0; h < of.size(); ++h) {
    const Tensor keys = slice(k, 1, of[h], of[h] + 1), values = slice(v, 1, of[h], of[h] + 1);
    const Tensor scores = matmul(slice(q, 1, h, h + 1), transpose(keys)) * scale;  // (B, 1, T, T)
    heads.push_back(matmul(softmax(masked ? causal_mask(scores) : scores), values));
  }
  return numbers(concatenate(heads, 1));
}

struct Heads {
  Tensor q, k, v;
  Heads(std::size_t B, std::size_t H, std::size_t G, std::size_t T, std::size_t hs)
      : q(Tensor::from({B, H, T, hs}, uneven(B * H * T * hs, 2.0f))),
        k(Tensor::from({B, G, T, hs}, uneven(B * G * T * hs, 2.0f, 0.3f))),
        v(Tensor::from({B, G, T, hs}, uneven(B * G * T * hs, 1.0f, 0.7f))) {}
};

GroupedQueryAttention plain(std::size_t C, std::size_t H, std::size_t G, Rng& rng) {
  return {C, H, G, Bias::off, /*qk_norm=*/false, std::nullopt, rng};
}

}  // namespace

TEST_CASE("grouped_attention_by_hand: a single position reads its own group's value", "[ch07][grouped]") {
  // Four heads, two groups: heads 0 and 1 read the first group's value, heads 2 and 3 the second's.
  expect_close(
      "grouped_attention_by_hand of four heads and values 5 and 6",
      grouped_attention_by_hand(Tensor::from({1, 4, 1, 1}, {1, 2, 3, 4}), Tensor::from({1, 2, 1, 1}, {7, 8}),
                                Tensor::from({1, 2, 1, 1}, {5, 6})),
      {5, 5, 6, 6},
      {{{5, 6, 5, 6}, "head h reads group h % G; neighbours share: head h reads group h / (H / G)"},
       {{5, 5, 5, 5}, "all heads read the first group"}});
}

TEST_CASE("grouped_attention_by_hand: neighbours share keys and values", "[ch07][grouped]") {
  const Heads in(2, 6, 2, 5, 3);
  const float scale = 1 / std::sqrt(3.0f);
  const std::vector<std::size_t> right{0, 0, 0, 1, 1, 1};
  const Tensor y = grouped_attention_by_hand(in.q, in.k, in.v);
  expect_shape("grouped_attention_by_hand of six heads and two groups", y, {2, 6, 5, 3});
  expect_close(
      "grouped_attention_by_hand of six heads and two groups", y,
      head_by_head(in.q, in.k, in.v, right, scale),
      {{head_by_head(in.q, in.k, in.v, {0, 1, 0, 1, 0, 1}, scale),
        "head h reads group h % G; neighbours share: head h reads group h / (H / G)"},
       {head_by_head(in.q, in.k, in.v, {0, 0, 0, 0, 0, 0}, scale), "all heads read the first group"},
       {head_by_head(in.q, in.k, in.v, right, 1.0f), "the scores are not divided by the root of hs"},
       {head_by_head(in.q, in.k, in.v, right, 1 / 3.0f), "the scores are divided by hs; it is its root"},
       {head_by_head(in.q, in.k, in.v, right, 1 / std::sqrt(18.0f)),
        "the scores are divided by the root of C; it is that of the head size"},
       {head_by_head(in.q, in.k, in.v, right, scale, /*masked=*/false),
        "the mask is missing: each position reads those after it"}},
      1e-5f);
}

TEST_CASE("grouped_attention_by_hand: equals the library for any grouping, with gradients",
          "[ch07][grouped]") {
  for (const auto& [H, G] :
       std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {4, 4}, {4, 2}, {6, 3}, {5, 1}}) {
    const Heads in(2, H, G, 7, 4);
    const std::string what = std::to_string(H) + " heads, " + std::to_string(G) + " groups";
    expect_close("grouped_attention_by_hand, " + what, grouped_attention_by_hand(in.q, in.k, in.v),
                 causal_attention(in.q, in.k, in.v));
    const Heads odd(3, H, G, 5, 3);
    const Tensor values = odd.v * 1e4f;
    expect_close("grouped_attention_by_hand, " + what + ", hs = 3, large values",
                 grouped_attention_by_hand(odd.q, odd.k, values), causal_attention(odd.q, odd.k, values));
    expect_pure("grouped_attention_by_hand", [&] { return grouped_attention_by_hand(odd.q, odd.k, values); },
                {{"q", odd.q}, {"k", odd.k}, {"v", values}});
  }
  Heads in(1, 4, 2, 3, 2);
  in.q.require_grad(), in.k.require_grad(), in.v.require_grad();
  expect_gradient(
      "grouped_attention_by_hand", [&] { return grouped_attention_by_hand(in.q, in.k, in.v); },
      Parameters{{"q", in.q}, {"k", in.k}, {"v", in.v}});
}

TEST_CASE("grouped_attention_by_hand: the future stays hidden, however high its score", "[ch07][grouped]") {
  // Two heads, one group, two positions: position 0 has the scores -90,000 for itself and 90,000 for the one after it.
  const Tensor q = Tensor::full({1, 2, 2, 1}, 300), k = Tensor::from({1, 1, 2, 1}, {-300, 300});
  expect_close(
      "grouped_attention_by_hand with a high score for what comes later",
      grouped_attention_by_hand(q, k, Tensor::from({1, 1, 2, 1}, {5, 6})), {5, 6, 5, 6},
      {{{6, 6, 6, 6}, "position 0 reads the one after it: a large negative number is no mask, and -inf is"}});
}

TEST_CASE("newest_attention: the last row of the whole", "[ch07][grouped]") {
  for (const std::size_t T : {1, 2, 7}) {
    const Heads in(2, 6, 2, T, 3);
    expect_close("newest_attention of position " + std::to_string(T - 1),
                 newest_attention(slice(in.q, 2, T - 1, T), in.k, in.v),
                 slice(causal_attention(in.q, in.k, in.v), 2, T - 1, T));
  }
}

TEST_CASE("GroupedQueryAttention: keys and values are G heads wide", "[ch07][grouped]") {
  Rng rng(1);
  expect_parameters("GroupedQueryAttention(12, 6, 2)", plain(12, 6, 2, rng).parameters(),
                    {{"query.weight", {12, 12}},
                     {"key.weight", {12, 4}},
                     {"value.weight", {12, 4}},
                     {"projection.weight", {12, 12}}});
  expect_parameters(
      "GroupedQueryAttention(12, 3, 1), bias and norms",
      GroupedQueryAttention(12, 3, 1, Bias::on, /*qk_norm=*/true, std::nullopt, rng).parameters(),
      {{"query.weight", {12, 12}},
       {"key.weight", {12, 4}},
       {"value.weight", {12, 4}},
       {"projection.weight", {12, 12}},
       {"projection.bias", {12}},
       {"query_norm.gain", {4}},
       {"key_norm.gain", {4}}});
}

TEST_CASE("GroupedQueryAttention: with as many groups as heads it is chapter 3's, and a projection",
          "[ch07][grouped]") {
  Rng rng(2);
  const GroupedQueryAttention grouped = plain(12, 3, 3, rng);
  const BatchedAttention batched(12, 3, rng);
  set_uneven(grouped.parameters());
  const Parameters parameters = grouped.parameters();
  copy_weights({parameters.begin(), parameters.begin() + 3}, batched.parameters());
  const Tensor x = Tensor::from({2, 5, 12}, uneven(120));
  const Tensor before = batched(x);
  expect_close("GroupedQueryAttention(12, 3, 3)", grouped(x),
               numbers(linear(before, weight(parameters, "projection.weight"))),
               {{numbers(before), "the projection back into the stream is missing"}});
}

TEST_CASE("GroupedQueryAttention: norm, heads, rotation, attention, projection", "[ch07][grouped]") {
  const std::size_t B = 2, T = 5, H = 6, G = 2, hs = 4, C = H * hs;
  Rng rng(3);
  const Rotation rotation(T, hs);
  const GroupedQueryAttention part(C, H, G, Bias::on, /*qk_norm=*/true, rotation, rng);
  set_uneven(part.parameters());
  const Tensor x = Tensor::from({B, T, C}, uneven(B * T * C, 2.0f));
  const Parameters p = part.parameters();
  HeadNorm query_norm(hs), key_norm(hs);
  copy_weights({{"gain", weight(p, "query_norm.gain")}}, query_norm.parameters());
  copy_weights({{"gain", weight(p, "key_norm.gain")}}, key_norm.parameters());
  const Tensor asked = linear(x, weight(p, "query.weight")), offered = linear(x, weight(p, "key.weight"));
  const Tensor v = split_heads(linear(x, weight(p, "value.weight")), G);
  const auto out = [&](const Tensor& q, const Tensor& k, const Tensor& values) {
    const Tensor mixed = merge_heads(causal_attention(q, k, values));
    return numbers(linear(mixed, weight(p, "projection.weight"), weight(p, "projection.bias")));
  };
  const Tensor q = split_heads(query_norm(asked), H), k = split_heads(key_norm(offered), G);
  const auto turned = [&](const Tensor& heads) { return rotation(heads); };
  const Tensor plain_q = split_heads(asked, H), plain_k = split_heads(offered, G);
  expect_close(
      "GroupedQueryAttention(24, 6, 2) with norms and a rotation", part(x), out(turned(q), turned(k), v),
      {{out(q, k, v), "queries and keys are not turned"},
       {out(turned(q), k, v), "the keys are not turned"},
       {out(q, turned(k), v), "the queries are not turned"},
       {out(turned(q), turned(k), turned(v)), "the values are turned too; only queries and keys are"},
       {out(turned(plain_q), turned(plain_k), v), "queries and keys are not normed"}},
      1e-4f);
}

TEST_CASE("GroupedQueryAttention: a later position never changes an earlier one", "[ch07][grouped]") {
  Rng rng(4);
  const GroupedQueryAttention part(12, 6, 3, Bias::off, true, Rotation(7, 2), rng);
  set_uneven(part.parameters());
  expect_causal(
      "GroupedQueryAttention(12, 6, 3)", [&](const Tensor& x) { return part(x); },
      Tensor::from({2, 7, 12}, uneven(168)));
}

TEST_CASE("GroupedQueryAttention: gradients of everything", "[ch07][grouped]") {
  Rng rng(5);
  const GroupedQueryAttention part(8, 4, 2, Bias::on, true, Rotation(3, 2), rng);
  set_uneven(part.parameters());
  const Tensor x = Tensor::from({1, 3, 8}, uneven(24)).require_grad();
  Parameters all = part.parameters();
  all.push_back({"x", x});
  expect_gradient(
      "GroupedQueryAttention(8, 4, 2)", [&] { return part(x); }, all, 2e-2f);
}

TEST_CASE("GroupedQueryAttention: with a memory, position by position, the same as all at once",
          "[ch07][grouped]") {
  const std::size_t T = 7, C = 24;
  Rng rng(6);
  const GroupedQueryAttention part(C, 6, 2, Bias::on, true, Rotation(T, 4), rng);
  set_uneven(part.parameters());
  const Tensor x = Tensor::from({1, T, C}, uneven(T * C)), whole = part(x);
  for (const std::size_t first : {1, 3, 7}) {
    KeyValues memory;
    expect_close("the first " + std::to_string(first), part(slice(x, 1, 0, first), memory),
                 slice(whole, 1, 0, first));
    for (std::size_t t = first; t < T; ++t) {
      expect_close("position " + std::to_string(t), part(slice(x, 1, t, t + 1), memory),
                   slice(whole, 1, t, t + 1));
      expect_equal("positions remembered", static_cast<long long>(memory.size()),
                   static_cast<long long>(t + 1));
    }
    expect_shape("keys remembered", memory.keys(), {1, 2, T, 4});
  }
}

TEST_CASE("GroupedQueryAttention: says what does not fit", "[ch07][grouped]") {
  Rng rng(7);
  expect_error(
      "6 heads in 4 groups", [&] { plain(12, 6, 4, rng); }, "H must be a multiple of G, got H = 6 and G = 4");
  expect_error(
      "no groups", [&] { plain(12, 6, 0, rng); }, "H must be a multiple of G");
  expect_error(
      "5 heads of 12 channels", [&] { plain(12, 5, 1, rng); }, "C must be a positive multiple of H");
  expect_error(
      "a (2, 3, 8) for 12 channels",
      [&] {
        plain(12, 6, 2, rng)(Tensor::zeros({2, 3, 8}));
      },
      "(*, *, 12)");
  expect_error(
      "two positions after one",
      [&] {
        KeyValues memory;
        const GroupedQueryAttention part = plain(12, 6, 2, rng);
        part(Tensor::zeros({1, 1, 12}), memory);
        part(Tensor::zeros({1, 2, 12}), memory);
      },
      "one at a time after them, got 2 after 1");
}
