#include "03_multi_head_attention/batched_attention.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// 0, 1, 2, ...: a number is its own place in the row-major order.
Tensor counting(Shape shape) {
  std::vector<float> values(element_count(shape));
  std::iota(values.begin(), values.end(), 0.0f);
  return Tensor::from(std::move(shape), values);
}

Tensor random_input(Shape shape, std::uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(std::move(shape), 1.0f, rng);
}

void randomise(const Parameters& parameters, std::uint64_t seed) {
  Rng rng(seed);
  for (const Parameter& p : parameters) {
    for (float& w : p.tensor.mutable_values()) w = rng.normal();
  }
}

/// Head h's weights go to columns h * hs to (h + 1) * hs of the large ones.
void copy_weights(const MultiHeadAttention& from, const BatchedAttention& to, std::size_t C, std::size_t H) {
  const std::size_t hs = C / H;
  const Parameters small = from.parameters(), large = to.parameters();
  expect_parameters("BatchedAttention", large,
                    {{"query.weight", {C, C}}, {"key.weight", {C, C}}, {"value.weight", {C, C}}});
  for (std::size_t part = 0; part < 3; ++part) {
    for (std::size_t h = 0; h < H; ++h) {
      for (std::size_t row = 0; row < C; ++row) {
        for (std::size_t column = 0; column < hs; ++column) {
          large[part].tensor.mutable_values()[row * C + h * hs + column] =
              small[3 * h + part].tensor.at({row, column});
        }
      }
    }
  }
}

std::vector<float> numbers(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

/// Attention of H heads, each on its own slice of q, k and v (B, T, C), with a choice of mistakes.
std::vector<float> attention_by_slices(const Tensor& q, const Tensor& k, const Tensor& v, std::size_t H,
                                       float scale, bool masked) {
  const std::size_t hs = q.size(2) / H;
  std::vector<Tensor> heads;
  for (std::size_t h = 0; h < H; ++h) {
    const auto of_head = [&](const Tensor& x) { return slice(x, 2, h * hs, (h + 1) * hs); };
    const Tensor scores = matmul(of_head(q), transpose(of_head(k))) * scale;
    heads.push_back(matmul(softmax(masked ? causal_mask(scores) : scores), of_head(v)));
  }
  return numbers(concatenate(heads, 2));
}

}  // namespace

TEST_CASE("split_heads: each head gets its block of neighbouring channels", "[ch03][batched]") {
  // Two positions of six channels, 0 to 5 and 6 to 11; two heads of size 3.
  // Head 0: (0, 1, 2), (6, 7, 8). Head 1: (3, 4, 5), (9, 10, 11).
  const Tensor heads = split_heads(counting({1, 2, 6}), 2);
  expect(heads.shape() != Shape{1, 2, 2, 3} || heads.values()[3] != 3,
         "split_heads of a (1, 2, 6) in two: head 0 holds 0 1 2 and 3 4 5, which are channels of one "
         "position and "
         "not of one head: reshape to (B, T, H, hs) first, then permute");
  expect_shape("split_heads of a (1, 2, 6) in two", heads, {1, 2, 2, 3});
  expect_close(
      "split_heads of 0 to 5, 6 to 11 in two", heads, {0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11},
      {{{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11},
        "head h has every second channel, and not a block of neighbours: cut into (H, hs), not (hs, H)"}});
  expect_shape("split_heads of a (2, 5, 12) in three", split_heads(counting({2, 5, 12}), 3), {2, 3, 5, 4});
}

TEST_CASE("split_heads: every number goes where its head, its position and its channel say",
          "[ch03][batched]") {
  for (const auto& [B, T, n, hs] : {std::array<std::size_t, 4>{2, 3, 2, 4}, {3, 7, 5, 2}, {1, 4, 3, 11}}) {
    const std::size_t H = n;
    const Tensor x = counting({B, T, H * hs}), heads = split_heads(x, H);
    const std::string what = "split_heads of a " + to_string(x.shape()) + " in " + std::to_string(H);
    expect_shape(what, heads, {B, H, T, hs});
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const std::size_t c = i % hs, t = i / hs % T, h = i / hs / T % H, b = i / hs / T / H;
      expect_close(what + ": channel " + std::to_string(c) + " of head " + std::to_string(h) +
                       " at position " + std::to_string(t) + " of sequence " + std::to_string(b),
                   heads.at({b, h, t, c}), x.at({b, t, h * hs + c}));
    }
    expect_pure(what, [&] { return split_heads(x, H); }, {{"x", x}});
  }
}

TEST_CASE("merge_heads: the heads' channels stand side by side again", "[ch03][batched]") {
  // Head 0: (0, 1), (2, 3). Head 1: (4, 5), (6, 7). Position 0: 0 1 4 5, position 1: 2 3 6 7.
  const Tensor merged = merge_heads(counting({1, 2, 2, 2}));
  expect_shape("merge_heads of a (1, 2, 2, 2)", merged, {1, 2, 4});
  expect_close(
      "merge_heads of the heads (0, 1), (2, 3) and (4, 5), (6, 7)", merged, {0, 1, 4, 5, 2, 3, 6, 7},
      {{{0, 1, 2, 3, 4, 5, 6, 7},
        "the heads are merged without the transpose: position 0 has head 0 of both positions, permute "
        "before you reshape"},
       {{0, 4, 1, 5, 2, 6, 3, 7}, "the heads' channels alternate, where blocks are asked for"}});
  expect_shape("merge_heads of a (2, 3, 5, 4)", merge_heads(counting({2, 3, 5, 4})), {2, 5, 12});
}

TEST_CASE("merge_heads: undoes split_heads", "[ch03][batched]") {
  const Tensor x = random_input({2, 5, 12}, 1);
  for (const std::size_t H : {1, 2, 3, 4, 12}) {
    const Tensor heads = split_heads(x, H);
    expect_close("merge_heads(split_heads(x, " + std::to_string(H) + "))", merge_heads(heads), x);
    expect_pure("merge_heads", [&] { return merge_heads(heads); }, {{"x", heads}});
  }
}

TEST_CASE("split_heads, merge_heads: gradient", "[ch03][batched]") {
  Tensor x = random_input({2, 3, 4}, 2).require_grad();
  expect_gradient(
      "split_heads", [&] { return split_heads(x, 2); }, x);
  Tensor heads = random_input({2, 2, 3, 2}, 3).require_grad();
  expect_gradient(
      "merge_heads", [&] { return merge_heads(heads); }, heads);
}

TEST_CASE("BatchedAttention: its weights are three (C, C)", "[ch03][batched]") {
  Rng rng(1);
  expect_parameters("BatchedAttention(12, 3)", BatchedAttention(12, 3, rng).parameters(),
                    {{"query.weight", {12, 12}}, {"key.weight", {12, 12}}, {"value.weight", {12, 12}}});
}

TEST_CASE("BatchedAttention: from (B, T, C) to (B, T, C)", "[ch03][batched]") {
  Rng rng(1);
  const BatchedAttention attention(12, 3, rng);
  expect_shape("BatchedAttention(12, 3) of a (2, 5, 12)", attention(Tensor::zeros({2, 5, 12})), {2, 5, 12});
}

TEST_CASE("BatchedAttention: equals MultiHeadAttention with the same weights", "[ch03][batched]") {
  for (const std::size_t H : {1, 2, 3, 6}) {
    const std::size_t C = 6;
    Rng rng(2);
    const MultiHeadAttention list(C, H, rng);
    const BatchedAttention batched(C, H, rng);
    randomise(list.parameters(), 3);
    copy_weights(list, batched, C, H);
    const Tensor x = random_input({2, 5, C}, 4);
    const Tensor expected = list(x), out = batched(x);
    expect_shape("BatchedAttention(6, " + std::to_string(H) + ") of a (2, 5, 6)", out, {2, 5, C});

    const Parameters p = batched.parameters();
    const Tensor q = linear(x, p[0].tensor), k = linear(x, p[1].tensor), v = linear(x, p[2].tensor);
    const float right = 1 / std::sqrt(static_cast<float>(C / H)), by_C = 1 / std::sqrt(static_cast<float>(C));
    expect_close(
        "BatchedAttention(6, " + std::to_string(H) +
            "), against MultiHeadAttention whose heads own blocks of its "
            "columns",
        out, numbers(expected),
        {{attention_by_slices(q, k, v, H, 1, true), "the scores are not scaled: divide them by sqrt(hs)"},
         {attention_by_slices(q, k, v, H, by_C, true),
          "the scores are divided by sqrt(C), and not by sqrt(hs)"},
         {attention_by_slices(q, k, v, H, right, false), "the mask lets the future through"},
         {attention_by_slices(k, q, v, H, right, true), "query and key have changed places"},
         {attention_by_slices(q, v, k, H, right, true), "key and value have changed places"},
         {attention_by_slices(q, q, v, H, right, true), "the key weights are not used"},
         {attention_by_slices(q, k, x, H, right, true), "x itself is weighed, and not its value"},
         {attention_by_slices(q, k, v, 1, by_C, true), "a single head over all channels: split q, k and v"}},
        1e-4f);
  }
}

TEST_CASE("BatchedAttention: and its gradients are MultiHeadAttention's too", "[ch03][batched]") {
  const std::size_t C = 6, H = 3;
  Rng rng(2);
  const MultiHeadAttention list(C, H, rng);
  const BatchedAttention batched(C, H, rng);
  randomise(list.parameters(), 3);
  copy_weights(list, batched, C, H);
  const auto gradient_of_x = [](const auto& attention) {
    Tensor x = random_input({2, 5, 6}, 4).require_grad();
    sum(attention(x) * random_input({2, 5, 6}, 5)).backward();
    return Tensor::from(x.shape(), x.grad());
  };
  expect_close("gradient of x", gradient_of_x(batched), gradient_of_x(list), 1e-3f);
  const Parameters large = batched.parameters(), small = list.parameters();
  for (std::size_t part = 0; part < 3; ++part) {
    const Tensor all = Tensor::from({C, C}, large[part].tensor.grad());
    for (std::size_t h = 0; h < H; ++h) {
      expect_close("gradient of " + large[part].name + ", the columns of head " + std::to_string(h),
                   slice(all, 1, h * 2, h * 2 + 2), Tensor::from({C, 2}, small[3 * h + part].tensor.grad()),
                   1e-3f);
    }
  }
}

TEST_CASE("BatchedAttention: a later token never changes an earlier output", "[ch03][batched]") {
  Rng rng(1);
  const BatchedAttention attention(6, 2, rng);
  randomise(attention.parameters(), 5);
  expect_causal(
      "BatchedAttention(6, 2)", [&](const Tensor& x) { return attention(x); }, random_input({2, 5, 6}, 6));
}

TEST_CASE("BatchedAttention: a sequence gets the same answer alone and in a batch", "[ch03][batched]") {
  Rng rng(1);
  const BatchedAttention attention(4, 2, rng);
  randomise(attention.parameters(), 7);
  const Tensor x = random_input({3, 4, 4}, 8);
  const Tensor together = attention(x);
  for (std::size_t b = 0; b < 3; ++b) {
    expect_close("sequence " + std::to_string(b) + ", alone and in a batch of 3",
                 attention(slice(x, 0, b, b + 1)), slice(together, 0, b, b + 1), 1e-5f);
  }
}

TEST_CASE("BatchedAttention: gradient", "[ch03][batched]") {
  Rng rng(1);
  const BatchedAttention attention(4, 2, rng);
  randomise(attention.parameters(), 9);
  Tensor x = random_input({2, 3, 4}, 10).require_grad();
  expect_gradient(
      "BatchedAttention(4, 2)", [&] { return attention(x); }, attention.parameters());
  expect_gradient(
      "BatchedAttention(4, 2)", [&] { return attention(x); }, x);
}

TEST_CASE("BatchedAttention: drops weights in training, and never while text is made", "[ch03][batched]") {
  Rng rng(1), dice(2);
  const BatchedAttention attention(4, 2, dice, /*dropout=*/0.5f), same(4, 2, rng);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::span<const float> from = attention.parameters()[i].tensor.values();
    std::copy(from.begin(), from.end(), same.parameters()[i].tensor.mutable_values().begin());
  }
  const Tensor x = random_input({1, 6, 4}, 11);
  const Tensor expected = same(x);
  const auto difference = [&] {
    const Tensor out = attention(x);
    float largest = 0;
    for (std::size_t i = 0; i < out.size(); ++i)
      largest = std::max(largest, std::abs(out.values()[i] - expected.values()[i]));
    return largest;
  };
  expect(difference() > 1e-3f,
         "with a dropout of 0.5, training gives the same as without: nothing is dropped");
  const NoGrad no_grad;
  expect(difference() < 1e-5f,
         "with a dropout of 0.5, the output under NoGrad differs from that without dropout");
}

TEST_CASE("BatchedAttention: refuses channels that the heads cannot share, and input of another width",
          "[ch03][batched]") {
  Rng rng(1);
  expect_error(
      "BatchedAttention(10, 4)", [&] { BatchedAttention(10, 4, rng); }, "C = 10 and H = 4");
  expect_error(
      "BatchedAttention(4, 0)", [&] { BatchedAttention(4, 0, rng); }, "C = 4 and H = 0");
  expect_error(
      "BatchedAttention(0, 2)", [&] { BatchedAttention(0, 2, rng); }, "must be positive");
  const BatchedAttention attention(4, 2, rng);
  expect_error(
      "BatchedAttention(4, 2) of a (1, 2, 6)",
      [&] {
        attention(Tensor::zeros({1, 2, 6}));
      },
      "got (1, 2, 6)");
}

TEST_CASE("TransformerLanguageModel: the published size with four heads in one has 7,553 parameters",
          "[ch03][batched]") {
  Rng rng(1);
  expect_equal("parameters of the published model with four heads in one",
               static_cast<long long>(count(
                   TransformerLanguageModel(65, 8, 32, BatchedAttention(32, 4, rng), rng).parameters())),
               7553);
}
