/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "02_self_attention/mask_future.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

namespace gpt {
namespace {

TEST_CASE("chapter 3's text: a head knows one mixture, however wide it is", "[ch03][docs]") {
  Rng rng(1);
  const Tensor weights = softmax(mask_future(Tensor::normal({4, 4}, 1.0f, rng)));
  const Tensor x = Tensor::normal({4, 6}, 1.0f, rng), value = Tensor::normal({6, 3}, 1.0f, rng);
  expect_close("weights @ (x @ value)", matmul(weights, matmul(x, value)), matmul(matmul(weights, x), value));
}

TEST_CASE("chapter 3's text: two heads tell th from ht", "[ch03][docs]") {
  Rng rng(1);
  const MultiHeadAttention heads(/*C=*/2, /*H=*/2, rng);
  for (const std::string head : {"heads.0.", "heads.1."}) {
    set_weight(heads.parameters(), head + "query.weight", {0, std::log(9.0f)});
    set_weight(heads.parameters(), head + "value.weight", {1, 0});
  }
  set_weight(heads.parameters(), "heads.0.key.weight", {0, 1});
  set_weight(heads.parameters(), "heads.1.key.weight", {0, -1});

  const Tensor th = heads(Tensor::from({1, 2, 2}, {1, 0, 5, 1}));
  const Tensor ht = heads(Tensor::from({1, 2, 2}, {5, 0, 1, 1}));
  expect_close("what the h of th reads", slice(th, 1, 1, 2), {4.6f, 1.4f});
  expect_close("what the t of ht reads", slice(ht, 1, 1, 2), {1.4f, 4.6f});

  const Tensor other = heads(Tensor::from({1, 2, 2}, {10, 0, 4, 1}));
  expect_close("head 0, for a 10 followed by a 4", other.at({0, 1, 0}), 4.6f);
}

TEST_CASE("chapter 3's text: the weights do not depend on the number of heads", "[ch03][docs]") {
  Rng rng(1);
  for (const std::size_t H : {1, 4}) {
    CHECK(count(MultiHeadAttention(32, H, rng).parameters()) == 3072);
    CHECK(count(BatchedAttention(32, H, rng).parameters()) == 3072);
  }
}

/// For each position a string: x where its output changes when the position of that column does.
std::vector<std::string> who_sees_whom(const std::function<Tensor(const Tensor&)>& attention) {
  const std::size_t T = 8, C = 32;
  Rng rng(1);
  const Tensor x = Tensor::normal({1, T, C}, 1.0f, rng), before = attention(x);
  std::vector<std::string> seen(T, std::string(T, '.'));
  for (std::size_t changed = 0; changed < T; ++changed) {
    const Tensor moved = Tensor::from(x.shape(), x.values());
    for (std::size_t c = 0; c < C; ++c) moved.mutable_values()[changed * C + c] += 1.0f;
    const Tensor after = attention(moved);
    for (std::size_t t = 0; t < T; ++t) {
      for (std::size_t c = 0; c < C; ++c) {
        if (std::abs(after.at({0, t, c}) - before.at({0, t, c})) > 1e-6f) seen[t][changed] = 'x';
      }
    }
  }
  return seen;
}

TEST_CASE("chapter 3's text: who can see whom without permute", "[ch03][docs]") {
  const std::size_t H = 4, T = 8, hs = 8;
  Rng rng(1);
  const auto attend = [&](const Tensor& q) { return causal_attention(q, q, q, 0.0f, rng); };
  const auto cut = [&](const Tensor& x) { return reshape(x, {1, H, T, hs}); };    // no permute
  const auto join = [&](const Tensor& x) { return reshape(x, {1, T, H * hs}); };  // no permute

  CHECK(who_sees_whom([&](const Tensor& x) { return merge_heads(attend(split_heads(x, H))); }) ==
        std::vector<std::string>{"x.......", "xx......", "xxx.....", "xxxx....",  //
                                 "xxxxx...", "xxxxxx..", "xxxxxxx.", "xxxxxxxx"});
  CHECK(who_sees_whom([&](const Tensor& x) { return join(attend(cut(x))); }) ==
        std::vector<std::string>{"x.......", "xx......", "..x.....", "..xx....",  //
                                 "....x...", "....xx..", "......x.", "......xx"});
  CHECK(who_sees_whom([&](const Tensor& x) { return merge_heads(attend(cut(x))); })[0] == "x.x.x.x.");
}

}  // namespace
}  // namespace gpt
