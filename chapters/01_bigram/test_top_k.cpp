#include "01_bigram/top_k.hpp"

#include <algorithm>

#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

constexpr float out = -std::numeric_limits<float>::infinity();

Tensor kept(const std::vector<float>& logits, std::size_t k) {
  const std::vector<float> result = keep_top_k(logits, k);
  return Tensor::from({result.size()}, result);
}

}  // namespace

TEST_CASE("keep_top_k: all but the k largest go to -inf, in their places", "[ch01][top_k]") {
  const std::vector<float> logits{3, 1, 4, 2};
  expect_close("keep_top_k of 3, 1, 4, 2 with k = 2", kept(logits, 2), {3, out, 4, out},
               {{{3, 0, 4, 0}, "a logit of 0 is not out of the race, its share is e^0 = 1: use -infinity"},
                {{out, 1, out, 2}, "the smallest were kept, and not the largest"},
                {{4, 3, out, out}, "the logits are sorted, so that tokens have changed places"},
                {{3, out, 4, 2}, "one too many was kept"},
                {{out, out, 4, out}, "one too few was kept"},
                {{3, 1, out, out}, "the first were kept, and not the largest"}});
  expect_close("keep_top_k of 3, 1, 4, 2 with k = 1", kept(logits, 1), {out, out, 4, out},
               {{{3, out, 4, out}, "one too many was kept"}});
  expect_close("keep_top_k of 3, 1, 4, 2 with k = 3", kept(logits, 3), std::vector<float>{3, out, 4, 2});
}

TEST_CASE("keep_top_k: negative logits are ordered like all others", "[ch01][top_k]") {
  expect_close("keep_top_k of -5, -1, -3 with k = 2", kept({-5, -1, -3}, 2), std::vector<float>{out, -1, -3});
}

TEST_CASE("keep_top_k: 0 keeps them all, and so does a k that is V or more", "[ch01][top_k]") {
  for (const std::size_t k : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{1000}}) {
    expect_close("keep_top_k of three logits with k = " + std::to_string(k), kept({2, 1, 3}, k),
                 std::vector<float>{2, 1, 3});
  }
}

TEST_CASE("keep_top_k: equals of the k-th stay", "[ch01][top_k]") {
  expect_close("keep_top_k of 2, 5, 2, 1 with k = 2", kept({2, 5, 2, 1}, 2), {2, 5, 2, out},
               {{{2, 5, out, out}, "of two equals at the border one was kept and one was not"},
                {{out, 5, out, out}, "of two equals at the border none was kept"}});
}

TEST_CASE("keep_top_k: of any number of logits, any number", "[ch01][top_k]") {
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const std::size_t V : {7, 20, 65}) {
      std::vector<float> logits(V);
      for (std::size_t i = 0; i < V; ++i) logits[i] = rng.normal() * (i % 2 == 0 ? 1.0f : 1e4f);
      for (std::size_t k = 1; k <= V; ++k) {
        const std::vector<float> result = keep_top_k(logits, k);
        const std::string what =
            "keep_top_k of " + std::to_string(V) + " logits with k = " + std::to_string(k);
        expect_equal(what + ": how many come back", static_cast<long long>(result.size()),
                     static_cast<long long>(V));
        for (std::size_t i = 0; i < V; ++i) {
          const auto larger =
              std::count_if(logits.begin(), logits.end(), [&](float x) { return x > logits[i]; });
          const float expected = static_cast<std::size_t>(larger) < k ? logits[i] : out;
          expect(result[i] == expected, what + ": " + std::to_string(larger) + " are larger than logit " +
                                            std::to_string(i) + ", so it is " +
                                            (expected == out ? "out" : "kept") + ", got " +
                                            std::to_string(result[i]));
        }
      }
    }
  }
}

TEST_CASE("keep_top_k: what was -inf before stays so", "[ch01][top_k]") {
  expect_close("keep_top_k of -inf, 1, -inf with k = 2", kept({out, 1, out}, 2),
               std::vector<float>{out, 1, out});
}

TEST_CASE("keep_top_k: the caller's logits stay as they were", "[ch01][top_k]") {
  const std::vector<float> logits{3, 1, 2};
  keep_top_k(logits, 1);
  expect_close("the logits that were passed in", Tensor::from({3}, logits), std::vector<float>{3, 1, 2});
}
