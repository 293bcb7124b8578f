/// @file test_ops_probability.cpp
/// softmax, log_softmax, causal_mask, pick, cross_entropy.
#include <cmath>
#include <limits>
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
const float nan = std::numeric_limits<float>::quiet_NaN();

// ---- softmax

TEST_CASE("softmax: worked out by hand", "[ops][softmax]") {
  // e^0 = 1, e^(ln 2) = 2, e^(ln 5) = 5: shares of 8. Equal scores share equally.
  check_operation(
      "softmax", [](const Inputs& in) { return softmax(in[0]); },
      {Tensor::from({2, 3}, {0, 0.693147181f, 1.609437912f, 4, 4, 4})},
      Tensor::from({2, 3}, {0.125f, 0.25f, 0.625f, 1.0f / 3, 1.0f / 3, 1.0f / 3}));
}

TEST_CASE("softmax: rows of any width sum to 1, and adding a constant changes nothing", "[ops][softmax]") {
  Rng rng(4);
  for (const std::size_t width : {1, 2, 3, 7, 8, 9, 16, 17, 65, 1000}) {
    const Tensor x = Tensor::normal({3, width}, 5, rng);
    const Tensor y = softmax(x);
    for (std::size_t row = 0; row < 3; ++row) {
      double total = 0;
      for (std::size_t i = 0; i < width; ++i) {
        CHECK(y.at({row, i}) >= 0);
        total += y.at({row, i});
      }
      CHECK_THAT(total, Catch::Matchers::WithinAbs(1.0, 1e-5));
    }
    check_values("shifted", softmax(x + 3.0f), y, 1e-5);
  }
}

TEST_CASE("softmax: huge scores don't overflow", "[ops][softmax]") {
  check_values("softmax", softmax(Tensor::from({3, 2}, {1e30f, 1e30f, 3e38f, -3e38f, -1e30f, 0})),
               Tensor::from({3, 2}, {0.5f, 0.5f, 1, 0, 0, 1}));
}

TEST_CASE("softmax: a score of -inf gets nothing and sends back nothing", "[ops][softmax]") {
  const Tensor x = Tensor::from({3}, {1, -inf, 1}).require_grad();
  const Tensor y = softmax(x);
  check_values("softmax", y, Tensor::from({3}, {0.5f, 0, 0.5f}));
  sum(y * Tensor::from({3}, {1, 2, 3})).backward();
  // p_i (w_i - sum of w p) with sum of w p = 2
  check_values("softmax'", Tensor::from({3}, x.grad()), Tensor::from({3}, {-0.5f, 0, 0.5f}));
}

TEST_CASE("softmax: without a finite maximum there is no answer, and NaN says so", "[ops][softmax]") {
  check_values("softmax", softmax(Tensor::from({3, 2}, {-inf, -inf, inf, 0, nan, 0})),
               Tensor::from({3, 2}, {nan, nan, nan, nan, nan, nan}));
}

TEST_CASE("softmax: equals its composition", "[ops][softmax]") {
  Rng rng(5);
  check_same(
      "softmax", [](const Inputs& in) { return softmax(in[0]); },
      [](const Inputs& in) {
        const Tensor e = exp(in[0] - max(in[0], -1));
        return e / sum(e, -1);
      },
      {Tensor::normal({2, 3, 11}, 2, rng)});
}

// ---- log_softmax

TEST_CASE("log_softmax: worked out by hand", "[ops][softmax]") {
  // The logarithms of 1/8, 2/8, 5/8.
  check_operation(
      "log_softmax", [](const Inputs& in) { return log_softmax(in[0]); },
      {Tensor::from({1, 3}, {0, 0.693147181f, 1.609437912f})},
      Tensor::from({1, 3}, {-2.079441542f, -1.386294361f, -0.470003629f}));
}

TEST_CASE("log_softmax: keeps what softmax rounds to 0", "[ops][softmax]") {
  check_values("log_softmax", log_softmax(Tensor::from({1, 2}, {0, 1000})), Tensor::from({1, 2}, {-1000, 0}));
  check_values("log_softmax", log_softmax(Tensor::from({1, 3}, {2, -inf, 2})),
               Tensor::from({1, 3}, {-0.693147181f, -inf, -0.693147181f}));
}

TEST_CASE("log_softmax: equals log(softmax), with gradient", "[ops][softmax]") {
  Rng rng(6);
  check_same(
      "log_softmax", [](const Inputs& in) { return log_softmax(in[0]); },
      [](const Inputs& in) { return log(softmax(in[0])); }, {Tensor::normal({4, 9}, 2, rng)});
}

TEST_CASE("softmax and log_softmax: refuse scalars and empty rows", "[ops][softmax]") {
  const std::string wanted = ": x must have a last axis of at least one element, got ";
  CHECK(message_of<std::invalid_argument>([] { softmax(Tensor::full({}, 1)); }) == "softmax" + wanted + "()");
  CHECK(message_of<std::invalid_argument>([] {
          softmax(Tensor::zeros({2, 0}));
        }) == "softmax" + wanted + "(2, 0)");
  CHECK(message_of<std::invalid_argument>([] { log_softmax(Tensor::zeros({0})); }) ==
        "log_softmax" + wanted + "(0,)");
}

// ---- causal_mask

TEST_CASE("causal_mask: a query sees itself and the keys before it", "[ops][causal_mask]") {
  check_values("causal_mask", causal_mask(Tensor::from({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})),
               Tensor::from({3, 3}, {1, -inf, -inf, 4, 5, -inf, 7, 8, 9}));
  check_values("causal_mask of a batch", causal_mask(Tensor::from({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})),
               Tensor::from({2, 1, 2, 2}, {1, -inf, 3, 4, 5, -inf, 7, 8}));
  check_values("causal_mask of one position", causal_mask(Tensor::from({1, 1}, {3})),
               Tensor::from({1, 1}, {3}));
}

TEST_CASE("causal_mask: sends the gradient of visible scores back, and 0 to the others",
          "[ops][causal_mask]") {
  // exp makes finite numbers of it: 0 where it is masked.
  Rng rng(7);
  check_gradient("exp(causal_mask)", [](const Inputs& in) { return exp(causal_mask(in[0])); },
                 {Tensor::normal({2, 3, 3}, 1, rng)});
  check_gradient("softmax(causal_mask)", [](const Inputs& in) { return softmax(causal_mask(in[0])); },
                 {Tensor::normal({4, 4}, 1, rng)});
}

TEST_CASE("causal_mask: refuses what is not square", "[ops][causal_mask]") {
  CHECK(message_of<std::invalid_argument>([] {
          causal_mask(Tensor::zeros({2, 3}));
        }) == "causal_mask: scores must be (..., T, T), got (2, 3)");
  CHECK(message_of<std::invalid_argument>([] { causal_mask(Tensor::zeros({2})); }) ==
        "causal_mask: scores must be (..., T, T), got (2,)");
}

// ---- pick

TEST_CASE("pick: one entry for each token", "[ops][pick]") {
  check_operation(
      "pick",
      [](const Inputs& in) {
        return pick(in[0], Tokens{1, 3, {2, 0, 0}});
      },
      {Tensor::from({1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})}, Tensor::from({1, 3}, {3, 4, 7}));
}

TEST_CASE("pick: refuses ids outside and shapes that don't fit", "[ops][pick]") {
  const Tensor x = Tensor::zeros({1, 2, 3});
  CHECK(message_of<std::invalid_argument>([&] {
          pick(x, Tokens{1, 2, {0, 3}});
        }) == "pick: ids must be in [0, 3), got 3");
  CHECK(message_of<std::invalid_argument>([&] {
          pick(x, Tokens{1, 2, {-1, 0}});
        }) == "pick: ids must be in [0, 3), got -1");
  CHECK(message_of<std::invalid_argument>([&] {
          pick(x, Tokens{2, 1, {0, 0}});
        }) == "pick: tokens (2, 1) with 2 ids need x (2, 1, V), got (1, 2, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          pick(x, Tokens{1, 2, {0}});
        }) == "pick: tokens (1, 2) with 1 ids need x (1, 2, V), got (1, 2, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          pick(Tensor::zeros({2, 3}), Tokens{1, 2, {0, 0}});
        }) == "pick: tokens (1, 2) with 2 ids need x (1, 2, V), got (2, 3)");
}

// ---- cross_entropy

TEST_CASE("cross_entropy: worked out by hand", "[ops][cross_entropy]") {
  // Rows with shares 1/8, 2/8, 5/8 and 1/3 each; targets 2 and 0: (-ln(5/8) - ln(1/3)) / 2.
  check_operation(
      "cross_entropy",
      [](const Inputs& in) {
        return cross_entropy(in[0], Tokens{1, 2, {2, 0}});
      },
      {Tensor::from({1, 2, 3}, {0, 0.693147181f, 1.609437912f, 4, 4, 4})},
      Tensor::full({}, (0.470003629f + 1.098612289f) / 2));
}

TEST_CASE("cross_entropy: where the target is -1, nothing counts", "[ops][cross_entropy]") {
  // The middle position is left out: the mean is over the two others, and its logits get no gradient.
  check_operation(
      "cross_entropy",
      [](const Inputs& in) {
        return cross_entropy(in[0], Tokens{1, 3, {2, no_target, 0}});
      },
      {Tensor::from({1, 3, 3}, {0, 0.693147181f, 1.609437912f, 7, -3, 5, 4, 4, 4})},
      Tensor::full({}, (0.470003629f + 1.098612289f) / 2));
  const Tensor x = Tensor::from({1, 2, 3}, {1, 2, 3, 4, 5, 6}).require_grad();
  cross_entropy(x, Tokens{1, 2, {no_target, 1}}).backward();
  for (std::size_t i = 0; i < 3; ++i) CHECK(x.grad()[i] == 0);
  CHECK(x.grad()[4] < 0);
}

TEST_CASE("cross_entropy: a model that knows nothing has a loss of log V", "[ops][cross_entropy]") {
  CHECK_THAT(cross_entropy(Tensor::zeros({2, 2, 65}), Tokens{2, 2, {0, 1, 2, 64}}).item(),
             Catch::Matchers::WithinAbs(4.174387f, 1e-5f));
}

TEST_CASE("cross_entropy: equals its composition, with gradient", "[ops][cross_entropy]") {
  Rng rng(8);
  const Tokens targets{2, 3, {0, 4, 4, 1, 16, 9}};
  check_same(
      "cross_entropy", [&](const Inputs& in) { return cross_entropy(in[0], targets); },
      [&](const Inputs& in) { return -mean(pick(log_softmax(in[0]), targets)); },
      {Tensor::normal({2, 3, 17}, 3, rng)}, 1e-6);
}

TEST_CASE("cross_entropy: extreme logits", "[ops][cross_entropy]") {
  const Tokens first{1, 1, {0}};
  CHECK(cross_entropy(Tensor::from({1, 1, 2}, {1e30f, -1e30f}), first).item() == 0);
  CHECK(cross_entropy(Tensor::from({1, 1, 2}, {-1000, 1000}), first).item() == 2000);
  CHECK(cross_entropy(Tensor::from({1, 1, 2}, {-inf, 0}), first).item() == inf);
  CHECK(cross_entropy(Tensor::from({1, 1, 2}, {0, -inf}), first).item() == 0);
  CHECK(std::isnan(cross_entropy(Tensor::from({1, 1, 2}, {nan, 0}), first).item()));
}

TEST_CASE("cross_entropy: its gradient sums to 0 over each row", "[ops][cross_entropy]") {
  Rng rng(9);
  const Tensor x = Tensor::normal({1, 4, 65}, 2, rng).require_grad();
  cross_entropy(x, Tokens{1, 4, {1, 2, 3, 64}}).backward();
  for (std::size_t row = 0; row < 4; ++row) {
    double total = 0;
    for (std::size_t i = 0; i < 65; ++i) total += x.grad()[row * 65 + i];
    CHECK_THAT(total, Catch::Matchers::WithinAbs(0.0, 1e-6));
  }
}

TEST_CASE("cross_entropy: refuses targets outside, shapes that don't fit, and nothing at all",
          "[ops][cross_entropy]") {
  const Tensor x = Tensor::zeros({1, 2, 3});
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(x, Tokens{1, 2, {0, 3}});
        }) == "cross_entropy: ids must be in [0, 3), or -1 where nothing counts, got 3");
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(x, Tokens{1, 2, {0, -2}});
        }) == "cross_entropy: ids must be in [0, 3), or -1 where nothing counts, got -2");
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(x, Tokens{1, 2, {-1, -1}});
        }) == "cross_entropy: needs at least one position that counts, got none");
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(x, Tokens{1, 3, {0, 0, 0}});
        }) == "cross_entropy: tokens (1, 3) with 3 ids need x (1, 3, V), got (1, 2, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(Tensor::zeros({0, 2, 3}), Tokens{0, 2, {}});
        }) == "cross_entropy: needs at least one position that counts, got none");
  CHECK(message_of<std::invalid_argument>([&] {
          cross_entropy(Tensor::zeros({0, 2, 0}), Tokens{0, 2, {}});
        }) == "cross_entropy: x must have a last axis of at least one element, got (0, 2, 0)");
}

}  // namespace
}  // namespace gpt
