/// @file test_ops_attention.cpp
/// Causal attention in one pass against the same from smaller operations.
#include <cmath>
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

Tensor weights_of(const Tensor& q, const Tensor& k) {
  return softmax(causal_mask(matmul(q, transpose(k)) / std::sqrt(static_cast<float>(q.size(-1)))));
}

const Operation fused = [](const Inputs& in) { return causal_attention(in[0], in[1], in[2]); };
const Operation composed = [](const Inputs& in) { return matmul(weights_of(in[0], in[1]), in[2]); };

Inputs random_qkv(const Shape& shape, std::uint64_t seed) {
  Rng rng(seed);
  return {Tensor::normal(shape, 1, rng), Tensor::normal(shape, 1, rng), Tensor::normal(shape, 1, rng)};
}

TEST_CASE("causal_attention: worked out by hand", "[ops][attention]") {
  // hs = 4, so scores are halved. Query 1 has score 2 ln 3 / 2 = ln 3 with key 0 and 0 with key 1: weights
  // 3/4 and 1/4.
  const float two_ln_3 = 2.197224577f;
  check_values("causal_attention",
               causal_attention(Tensor::from({2, 4}, {1, 2, 3, 4, two_ln_3, 0, 0, 0}),
                                Tensor::from({2, 4}, {1, 0, 0, 0, 0, 1, 0, 0}),
                                Tensor::from({2, 4}, {4, 8, 0, 0, 0, 4, 8, -4})),
               Tensor::from({2, 4}, {4, 8, 0, 0, 3, 7, 2, -1}));
}

TEST_CASE("causal_attention: keys that are all alike make each output the mean of the values so far",
          "[ops][attention]") {
  check_values("causal_attention",
               causal_attention(Tensor::from({4, 1}, {1, 2, 3, 4}), Tensor::full({4, 1}, 1),
                                Tensor::from({4, 1}, {2, 4, 9, 1})),
               Tensor::from({4, 1}, {2, 3, 5, 4}));
}

TEST_CASE("causal_attention: gradients of all three inputs", "[ops][attention]") {
  for (const Shape& shape : {Shape{1, 3}, Shape{3, 2}, Shape{2, 4, 3}, Shape{2, 2, 3, 1}}) {
    check_gradient("causal_attention " + to_string(shape), fused, random_qkv(shape, 40));
  }
}

TEST_CASE("causal_attention: equals its composition for every length and number of heads, with gradients",
          "[ops][attention]") {
  // It works on blocks of 32 queries: lengths on, before and after the edges of one, two and four blocks.
  const std::size_t T = GENERATE(1, 2, 5, 31, 32, 33, 64, 65, 128, 130);
  const std::size_t hs = 8;
  for (const Shape& shape : {Shape{T, hs}, Shape{3, T, hs}, Shape{2, 3, T, hs}, Shape{2, 1, 2, T, hs}}) {
    check_same("causal_attention " + to_string(shape), fused, composed, random_qkv(shape, 41), 1e-5);
  }
}

TEST_CASE("causal_attention: equals its composition for any size of a head", "[ops][attention]") {
  for (const std::size_t hs : {1, 2, 3, 16, 17, 64}) {
    check_same("causal_attention with hs " + std::to_string(hs), fused, composed, random_qkv({2, 20, hs}, 42),
               1e-5);
  }
}

TEST_CASE("causal_attention: one tensor as queries, keys and values", "[ops][attention]") {
  Rng rng(43);
  const Operation self = [](const Inputs& in) { return causal_attention(in[0], in[0], in[0]); };
  check_gradient("causal_attention(x, x, x)", self, {Tensor::normal({2, 4, 3}, 1, rng)});
  check_same("causal_attention(x, x, x)", self,
             [](const Inputs& in) { return matmul(weights_of(in[0], in[0]), in[0]); },
             {Tensor::normal({2, 70, 5}, 1, rng)});
  check_gradient("causal_attention(q, x, x)",
                 [](const Inputs& in) { return causal_attention(in[0], in[1], in[1]); },
                 {Tensor::normal({3, 2}, 1, rng), Tensor::normal({3, 2}, 1, rng)});
}

// Heads split off (B, T, C) tensors are views into them, and so are the gradients.
Tensor split(const Tensor& x, std::size_t H) {
  const std::size_t B = x.size(0), T = x.size(1), C = x.size(2);
  return permute(reshape(x, {B, T, H, C / H}), {0, 2, 1, 3});
}
Tensor merge(const Tensor& x) {
  return reshape(permute(x, {0, 2, 1, 3}), {x.size(0), x.size(2), x.size(1) * x.size(3)});
}

TEST_CASE("causal_attention: heads used where they lie equal the composition, with gradients",
          "[ops][attention]") {
  const std::size_t H = GENERATE(1, 2, 3), threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  for (const std::size_t T : {1, 7, 33}) {
    const Operation in_place = [=](const Inputs& in) {
      return merge(causal_attention(split(in[0], H), split(in[1], H), split(in[2], H)));
    };
    const Operation plain = [=](const Inputs& in) {
      const Tensor q = split(in[0], H), k = split(in[1], H), v = split(in[2], H);
      return merge(matmul(weights_of(q, k), v));
    };
    check_same("split heads, T = " + std::to_string(T), in_place, plain, random_qkv({2, T, 6}, 47), 1e-5);
  }
}

TEST_CASE("causal_attention: views and rows together, and a view that is used twice", "[ops][attention]") {
  const auto check = [](const char* what, const auto& attention) {
    const Operation fused_way = [&](const Inputs& in) { return attention(in, fused); };
    const Operation composed_way = [&](const Inputs& in) { return attention(in, composed); };
    check_same(what, fused_way, composed_way, random_qkv({2, 5, 6}, 48), 1e-5);
  };
  check("only the keys are a view", [](const Inputs& in, const Operation& way) {
    return way({reshape(in[0], {2, 3, 5, 2}), split(in[1], 3), reshape(in[2], {2, 3, 5, 2})});
  });
  check("all three are one view", [](const Inputs& in, const Operation& way) {
    const Tensor x = split(in[0], 3);
    return way({x, x, x});
  });
  check("a view that others add gradients to, before and after", [](const Inputs& in, const Operation& way) {
    const Tensor q = split(in[0], 2), k = split(in[1], 2), v = split(in[2], 2);
    return (k * 2.0f) * way({q, k, v}) + v;
  });
  check("rows that are not in one piece", [](const Inputs& in, const Operation& way) {
    return way({transpose(in[0]), transpose(in[1]), transpose(in[2])});
  });
  check("a result that is read as rows before it is used on", [](const Inputs& in, const Operation& way) {
    const Tensor y = way({split(in[0], 3), split(in[1], 3), split(in[2], 3)});
    const float first = y.values()[0];
    return merge(y) + y.detach().at({0, 0, 0, 0}) - first;
  });
  check("a result that is transposed", [](const Inputs& in, const Operation& way) {
    return transpose(way({split(in[0], 3), split(in[1], 3), split(in[2], 3)})) * 3.0f;
  });
}

// Each head of keys or values n times in a row.
Tensor repeated(const Tensor& x, std::size_t n) {
  Shape shape = x.shape();
  Shape apart = shape;
  apart.insert(apart.end() - 2, 1);
  shape[shape.size() - 3] *= n;
  return reshape(reshape(x, apart) + Tensor::zeros({n, 1, 1}), shape);
}

TEST_CASE("causal_attention: heads that share keys and values, worked out by hand", "[ops][attention]") {
  // One position reads itself alone: heads 0 and 1 get the value of head 0, heads 2 and 3 that of head 1.
  check_values("causal_attention",
               causal_attention(Tensor::from({4, 1, 1}, {1, 2, 3, 4}), Tensor::from({2, 1, 1}, {7, 8}),
                                Tensor::from({2, 1, 1}, {5, 6})),
               Tensor::from({4, 1, 1}, {5, 5, 6, 6}));
}

TEST_CASE("causal_attention: sharing equals keys and values repeated for each head, with gradients",
          "[ops][attention]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  Rng rng(50);
  for (const std::size_t T : {1, 5, 32, 33, 70}) {
    for (const auto& [G, n] : {std::pair<std::size_t, std::size_t>{1, 3}, {2, 2}, {3, 5}}) {
      const std::string what =
          std::to_string(n) + " heads to each of " + std::to_string(G) + ", T " + std::to_string(T);
      check_same(what, fused,
                 [n = n](const Inputs& in) {
                   return matmul(weights_of(in[0], repeated(in[1], n)), repeated(in[2], n));
                 },
                 {Tensor::normal({2, n * G, T, 6}, 1, rng), Tensor::normal({2, G, T, 6}, 1, rng),
                  Tensor::normal({2, G, T, 6}, 1, rng)});
    }
  }
  check_gradient("shared", fused,
                 {Tensor::normal({2, 3, 2}, 1, rng), Tensor::normal({1, 3, 2}, 1, rng),
                  Tensor::normal({1, 3, 2}, 1, rng)});
}

TEST_CASE("causal_attention: shared heads where they lie, and a view that gets gradients from elsewhere too",
          "[ops][attention]") {
  Rng rng(51);
  const auto check = [&](const char* what, const auto& attention) {
    check_same(
        what, [&](const Inputs& in) { return attention(in, fused); },
        [&](const Inputs& in) {
          return attention(in, [](const Inputs& heads) {
            return matmul(weights_of(heads[0], repeated(heads[1], 3)), repeated(heads[2], 3));
          });
        },
        {Tensor::normal({2, 7, 12}, 1, rng), Tensor::normal({2, 7, 4}, 1, rng),
         Tensor::normal({2, 7, 4}, 1, rng)});
  };
  check("split", [](const Inputs& in, const auto& way) {
    return merge(way({split(in[0], 6), split(in[1], 2), split(in[2], 2)}));
  });
  check("split, with other uses", [](const Inputs& in, const auto& way) {
    const Tensor k = split(in[1], 2);
    return merge(way({split(in[0], 6), k, k})) * mean(k * k) +
           mean(way({split(in[0], 6), k, split(in[2], 2)}));
  });
}

TEST_CASE("causal_attention: each input alone may want a gradient, also in long sequences",
          "[ops][attention]") {
  const Inputs in = random_qkv({2, 70, 4}, 44);
  for (std::size_t wanting = 0; wanting < 3; ++wanting) {
    check_same(
        "input " + std::to_string(wanting),
        [&](const Inputs& one) {
          Inputs all = in;
          all[wanting] = one[0];
          return fused(all);
        },
        [&](const Inputs& one) {
          Inputs all = in;
          all[wanting] = one[0];
          return composed(all);
        },
        {in[wanting]});
  }
}

TEST_CASE("causal_attention: where one key is visible, no score matters: exact zeros", "[ops][attention]") {
  for (const std::size_t T : {1, 5}) {
    Rng rng(47);
    Inputs in;
    for (int i = 0; i < 3; ++i) in.push_back(Tensor::normal({2, T, 7}, 1000, rng).require_grad());
    sum(fused(in) * Tensor::normal({2, T, 7}, 1000, rng)).backward();
    for (std::size_t head = 0; head < 2; ++head) {
      for (std::size_t c = 0; c < 7; ++c) {
        CHECK(in[0].grad()[head * T * 7 + c] == 0);  // the first query
        if (T == 1) CHECK(in[1].grad()[head * 7 + c] == 0);
      }
    }
  }
}

TEST_CASE("causal_attention: a later position never changes an earlier output", "[ops][attention]") {
  const std::size_t T = 70, hs = 4;
  const Inputs in = random_qkv({T, hs}, 45);
  const Tensor before = fused(in);
  for (const std::size_t changed : {std::size_t{1}, std::size_t{63}, std::size_t{64}, T - 1}) {
    Inputs other;
    for (const Tensor& x : in) {
      other.push_back(Tensor::from(x.shape(), x.values()));
      for (std::size_t i = changed * hs; i < T * hs; ++i) other.back().mutable_values()[i] = 1000;
    }
    const Tensor after = fused(other);
    check_values("outputs before " + std::to_string(changed), slice(after, 0, 0, changed),
                 slice(before, 0, 0, changed), 0);
  }
}

TEST_CASE("causal_attention: huge scores don't overflow", "[ops][attention]") {
  const Inputs in{Tensor::full({3, 1}, 1e15f), Tensor::from({3, 1}, {1, 3, 2}),
                  Tensor::from({3, 1}, {1, 2, 3})};
  check_values("causal_attention", fused(in), Tensor::from({3, 1}, {1, 2, 2}));
}

TEST_CASE("causal_attention: no positions and no heads give nothing", "[ops][attention]") {
  check_operation("T = 0", fused, random_qkv({2, 0, 3}, 46), Tensor::zeros({2, 0, 3}));
  check_operation("no heads", fused, random_qkv({0, 2, 3}, 46), Tensor::zeros({0, 2, 3}));
}

TEST_CASE("causal_attention: refuses other shapes", "[ops][attention]") {
  const auto message = [](const Shape& q, const Shape& k, const Shape& v) {
    return message_of<std::invalid_argument>(
        [&] { causal_attention(Tensor::zeros(q), Tensor::zeros(k), Tensor::zeros(v)); });
  };
  const std::string wanted =
      "causal_attention: q, k and v must have one shape (..., T, hs), or k and v fewer heads that divide "
      "those of q, "
      "got ";
  CHECK(message({2, 3}, {2, 4}, {2, 3}) == wanted + "(2, 3), (2, 4) and (2, 3)");
  CHECK(message({2, 3}, {2, 3}, {1, 2, 3}) == wanted + "(2, 3), (2, 3) and (1, 2, 3)");
  CHECK(message({3}, {3}, {3}) == wanted + "(3,), (3,) and (3,)");
  CHECK(message({2, 0}, {2, 0}, {2, 0}) == wanted + "(2, 0), (2, 0) and (2, 0)");
}

// ---- Dropout on the weights

Operation fused_with_dropout(float p, std::uint64_t seed) {
  return [=](const Inputs& in) {
    Rng rng(seed);
    return causal_attention(in[0], in[1], in[2], p, rng);
  };
}

// With the unit matrix as values the output is the matrix of weights itself, as dropout left it.
Tensor identity(std::size_t T) {
  Tensor x = Tensor::zeros({T, T});
  for (std::size_t i = 0; i < T; ++i) x.mutable_values()[i * T + i] = 1;
  return x;
}

TEST_CASE("attention dropout: each weight is dropped or scaled up, and what comes after stays 0",
          "[ops][attention][dropout]") {
  const std::size_t T = 70;  // two blocks
  const float p = 0.25f;
  const Inputs in = random_qkv({T, T}, 47);
  const Tensor plain = weights_of(in[0], in[1]);
  const Tensor dropped = fused_with_dropout(p, 1)({in[0], in[1], identity(T)});
  std::size_t visible = 0, zeros = 0;
  bool right = true;
  for (std::size_t i = 0; i < T; ++i) {
    for (std::size_t j = 0; j < T; ++j) {
      const float w = dropped.at({i, j});
      if (j > i) {
        right = right && w == 0;
        continue;
      }
      ++visible;
      if (w == 0) ++zeros;
      right = right && (w == 0 || std::abs(w - plain.at({i, j}) / (1 - p)) < 1e-5f);
    }
  }
  CHECK(right);
  CHECK_THAT(static_cast<double>(zeros) / static_cast<double>(visible), Catch::Matchers::WithinAbs(p, 0.05));
}

TEST_CASE("attention dropout: equals the composition with the same mask, with gradients",
          "[ops][attention][dropout]") {
  const std::size_t T = 67;
  const float p = 0.4f;
  const Inputs in = random_qkv({T, T}, 48);
  // The mask from a first run, where the values are the unit matrix and the queries
  // 0: weights are 1 / (i + 1).
  const Tensor seen = fused_with_dropout(p, 2)({Tensor::zeros({T, T}), in[1], identity(T)});
  Tensor mask = Tensor::zeros({T, T});
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask.mutable_values()[i] = seen.values()[i] > 0 ? 1 / (1 - p) : 0;
  check_same(
      "causal_attention with dropout", fused_with_dropout(p, 2),
      [&](const Inputs& in) { return matmul(weights_of(in[0], in[1]) * mask, in[2]); }, in, 2e-5);
  check_gradient("causal_attention with dropout", fused_with_dropout(p, 3), random_qkv({2, 4, 3}, 49));
}

TEST_CASE("attention dropout: over many draws the mean is attention without dropout, and so is the spread",
          "[ops][attention][dropout]") {
  const std::size_t T = 6, hs = 4;
  const float p = 0.3f;
  const int draws = 4000;
  const Inputs in = random_qkv({2, T, hs}, 50);
  const Tensor plain = fused(in), weights = weights_of(in[0], in[1]);
  std::vector<double> total_fused(plain.size()), squares_fused(plain.size());
  std::vector<double> total_composed(plain.size()), squares_composed(plain.size());
  Rng rng(51);
  for (int draw = 0; draw < draws; ++draw) {
    const Tensor one = causal_attention(in[0], in[1], in[2], p, rng);
    const Tensor other = matmul(dropout(weights, p, rng), in[2]);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      total_fused[i] += one.values()[i];
      squares_fused[i] += static_cast<double>(one.values()[i]) * one.values()[i];
      total_composed[i] += other.values()[i];
      squares_composed[i] += static_cast<double>(other.values()[i]) * other.values()[i];
    }
  }
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double mean_fused = total_fused[i] / draws, mean_composed = total_composed[i] / draws;
    const double spread_fused = std::sqrt(squares_fused[i] / draws - mean_fused * mean_fused);
    const double spread_composed = std::sqrt(squares_composed[i] / draws - mean_composed * mean_composed);
    const double error = spread_composed / std::sqrt(static_cast<double>(draws));  // of a mean over all draws
    INFO("element " << i);
    CHECK_THAT(mean_fused, Catch::Matchers::WithinAbs(plain.values()[i], 5 * error));
    CHECK_THAT(mean_composed, Catch::Matchers::WithinAbs(plain.values()[i], 5 * error));
    CHECK_THAT(spread_fused, Catch::Matchers::WithinRel(spread_composed, 0.1));
  }
}

TEST_CASE("attention dropout: heads have masks of their own", "[ops][attention][dropout]") {
  const std::size_t T = 32;
  Tensor values = Tensor::zeros({2, T, T});
  for (std::size_t head = 0; head < 2; ++head) {
    for (std::size_t i = 0; i < T; ++i) values.mutable_values()[(head * T + i) * T + i] = 1;
  }
  const Tensor zeros = Tensor::zeros({2, T, T});
  const Tensor y = fused_with_dropout(0.5f, 4)({zeros, zeros, values});
  std::size_t equal = 0, visible = 0;
  for (std::size_t i = 0; i < T; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      ++visible;
      equal += (y.at({0, i, j}) == 0) == (y.at({1, i, j}) == 0);
    }
  }
  CHECK_THAT(static_cast<double>(equal) / static_cast<double>(visible), Catch::Matchers::WithinAbs(0.5, 0.1));
}

TEST_CASE("attention dropout: the same seed drops the same weights, however many threads work",
          "[ops][attention][dropout]") {
  const Inputs in = random_qkv({6, 65, 16}, 52);
  const auto attended = [&](std::size_t threads) {
    const WithThreads with(threads);
    return fused_with_dropout(0.5f, 5)(in);
  };
  // Other threads may round products otherwise, but a weight that is dropped or not
  // makes a difference of tenths.
  const Tensor one = attended(1);
  check_values("two threads", attended(2), one, 1e-4);
  check_values("three threads", attended(3), one, 1e-4);
}

TEST_CASE("attention dropout: none for p = 0 and under NoGrad, and no draw", "[ops][attention][dropout]") {
  Rng rng(53), untouched(53);
  const Inputs in = random_qkv({5, 3}, 54);
  check_values("p = 0", causal_attention(in[0], in[1], in[2], 0.0f, rng), fused(in), 0);
  const NoGrad no_grad;
  check_values("NoGrad", causal_attention(in[0], in[1], in[2], 0.9f, rng), fused(in), 0);
  CHECK(rng.state() == untouched.state());
}

TEST_CASE("attention dropout: p below 0 or from 1 on is refused", "[ops][attention][dropout]") {
  Rng rng(55);
  const Inputs in = random_qkv({2, 3}, 56);
  CHECK(message_of<std::invalid_argument>([&] { causal_attention(in[0], in[1], in[2], 1.0f, rng); }) ==
        "causal_attention: p must be in [0, 1), got 1");
}

}  // namespace
}  // namespace gpt
