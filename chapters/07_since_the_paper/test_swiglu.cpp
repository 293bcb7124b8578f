#include "07_since_the_paper/swiglu.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

constexpr float ln_3 = 1.098612289f;

}  // namespace

TEST_CASE("silu_gate_by_hand: numbers worked out by hand", "[ch07][swiglu]") {
  // e^(ln 3) = 3, so silu(ln 3) = ln 3 / (1 + 1/3) = 0.75 ln 3, and silu(-ln 3) = -ln 3 / (1 + 3) = -0.25 ln 3.
  const Tensor gate = Tensor::from({2, 2}, {ln_3, -ln_3, 0, ln_3}),
               value = Tensor::from({2, 2}, {4, 8, 5, -2});
  const std::vector<float> expected{3 * ln_3, -2 * ln_3, 0, -1.5f * ln_3};
  const auto silu_of = [](float z) { return z / (1 + std::exp(-z)); };
  expect_close("silu_gate_by_hand of gates (ln 3, -ln 3, 0, ln 3) and values (4, 8, 5, -2)",
               silu_gate_by_hand(gate, value), expected,
               {{{3, 2, 2.5f, -1.5f},
                 "the gate's share is not multiplied by the gate itself: silu(z) is z / (1 + e^-z)"},
                {{0.75f * ln_3, -0.25f * ln_3, 0, 0.75f * ln_3}, "the value is not used"},
                {{4 * ln_3, 0, 0, -2 * ln_3}, "the gate is relu; it should be silu"},
                {{ln_3, -6 * ln_3, 0, -0.5f * ln_3}, "the sign in the exponent is wrong: z / (1 + e^-z)"},
                {{ln_3 * silu_of(4), -ln_3 * silu_of(8), 0, ln_3 * silu_of(-2)},
                 "silu is taken of the value; it is the gate that is bent"},
                {{silu_of(4 * ln_3), silu_of(-8 * ln_3), 0, silu_of(-2 * ln_3)},
                 "silu is taken of the product; bend the gate first"}});
}

TEST_CASE("silu_gate_by_hand: shut far below 0, open far above", "[ch07][swiglu]") {
  expect_close("silu_gate_by_hand of gates (-30, 30) and values (5, 5)",
               silu_gate_by_hand(Tensor::from({2}, {-30, 30}), Tensor::full({2}, 5)), {0, 150});
  const Tensor far = silu_gate_by_hand(Tensor::from({2}, {-200, 200}), Tensor::full({2}, 5));
  expect(!std::isnan(far.at({1})),
         "silu_gate_by_hand of a gate of 200 is not a number: a float has no e^200, and infinity / infinity "
         "is none; "
         "divide by 1 + e^-z");
  expect_close("silu_gate_by_hand of gates (-200, 200) and values (5, 5)", far, {0, 1000});
}

TEST_CASE("silu_gate_by_hand: its gradient, and the library's silu_gate", "[ch07][swiglu]") {
  for (const std::size_t n : {1, 7, 30}) {
    const Tensor gate = Tensor::from({2, n}, uneven(2 * n, 2.0f)).require_grad();
    const Tensor value = Tensor::from({2, n}, uneven(2 * n, 1.0f, 0.3f)).require_grad();
    expect_gradient(
        "silu_gate_by_hand", [&] { return silu_gate_by_hand(gate, value); },
        Parameters{{"gate", gate}, {"value", value}});
    expect_close("silu_gate_by_hand against silu_gate", silu_gate_by_hand(gate, value),
                 silu_gate(gate, value));
    const Tensor wide = Tensor::from({n, 3}, uneven(3 * n, 40.0f)),
                 high = Tensor::from({n, 3}, uneven(3 * n, 1e4f));
    expect_close("silu_gate_by_hand of large numbers, against silu_gate", silu_gate_by_hand(wide, high),
                 silu_gate(wide, high), 1e-4f);
    expect_pure("silu_gate_by_hand", [&] { return silu_gate_by_hand(wide, high); },
                {{"gate", wide}, {"value", high}});
  }
}

TEST_CASE("SwiGLU: two matrices in, one back", "[ch07][swiglu]") {
  Rng rng(1);
  expect_parameters("SwiGLU(5, 7) without biases", SwiGLU(5, 7, Bias::off, rng).parameters(),
                    {{"gate.weight", {5, 7}}, {"value.weight", {5, 7}}, {"projection.weight", {7, 5}}});
  expect_parameters("SwiGLU(5, 7)", SwiGLU(5, 7, Bias::on, rng).parameters(),
                    {{"gate.weight", {5, 7}},
                     {"gate.bias", {7}},
                     {"value.weight", {5, 7}},
                     {"value.bias", {7}},
                     {"projection.weight", {7, 5}},
                     {"projection.bias", {5}}});
  expect_shape("SwiGLU(5, 7) of a (2, 3, 5)", SwiGLU(5, 7, Bias::off, rng)(Tensor::zeros({2, 3, 5})),
               {2, 3, 5});
}

TEST_CASE("SwiGLU: numbers worked out by hand", "[ch07][swiglu]") {
  // C = 1, two units, x = ln 3: gates (ln 3, -ln 3), values (4 ln 3, 8 ln 3). silu(gates) = (0.75 ln 3, -0.25 ln 3),
  // so (3, -2) ln^2 3 pass, and the projection (1, 10) makes -17 ln^2 3 of them.
  Rng rng(2);
  const SwiGLU part(1, 2, Bias::off, rng);
  set_weight(part.parameters(), "gate.weight", {1, -1});
  set_weight(part.parameters(), "value.weight", {4, 8});
  set_weight(part.parameters(), "projection.weight", {1, 10});
  const float square = ln_3 * ln_3;
  const auto silu_of = [](float z) { return z / (1 + std::exp(-z)); };
  const float exchanged = ln_3 * silu_of(4 * ln_3) - 10 * ln_3 * silu_of(8 * ln_3);
  expect_close("SwiGLU(1, 2) of ln 3", part(Tensor::from({1, 1, 1}, {ln_3})), {-17 * square},
               {{{exchanged}, "gate and value are exchanged"},
                {{0.75f * ln_3 - 2.5f * ln_3}, "the value is not used"},
                {{84 * ln_3}, "the gate is not used"}});
}

TEST_CASE("SwiGLU: each position by itself, and gradients of everything", "[ch07][swiglu]") {
  Rng rng(3);
  const SwiGLU part(4, 6, Bias::on, rng);
  set_uneven(part.parameters());
  const Tensor x = Tensor::from({2, 3, 4}, uneven(24)).require_grad();
  expect_close("position 1 of SwiGLU(4, 6)", part(slice(x, 1, 1, 2)), slice(part(x), 1, 1, 2));
  Parameters all = part.parameters();
  all.push_back({"x", x});
  expect_gradient(
      "SwiGLU(4, 6)", [&] { return part(x); }, all);
}

TEST_CASE("SwiGLU: two thirds of the units make as many weights", "[ch07][swiglu]") {
  Rng rng(4);
  CHECK(count(SwiGLU(384, 8 * 384 / 3, Bias::off, rng).parameters()) == 8 * 384 * 384);
}

TEST_CASE("SwiGLU: says what does not fit", "[ch07][swiglu]") {
  Rng rng(5);
  expect_error(
      "SwiGLU(4, 0)", [&] { SwiGLU part(4, 0, Bias::off, rng); }, "must be positive");
  expect_error(
      "SwiGLU(4, 6) of a (1, 2, 3)",
      [&] {
        SwiGLU(4, 6, Bias::off, rng)(Tensor::zeros({1, 2, 3}));
      },
      "linear");
}

TEST_CASE("SwiGLU: of any size, with biases and without", "[ch07][swiglu]") {
  Rng rng(6);
  for (const auto& [C, hidden] : {std::pair<std::size_t, std::size_t>{3, 7}, {5, 2}, {1, 11}}) {
    for (const Bias bias : {Bias::on, Bias::off}) {
      const SwiGLU part(C, hidden, bias, rng);
      const Parameters p = part.parameters();
      set_uneven(p, 2.0f);
      const Tensor x = Tensor::from({2, 3, C}, uneven(6 * C, 3.0f));
      const auto layer = [&](const std::string& name, const Tensor& y) {
        const Tensor product = linear(y, weight(p, name + ".weight"));
        return bias == Bias::on ? product + weight(p, name + ".bias") : product;
      };
      const std::string what = "SwiGLU(" + std::to_string(C) + ", " + std::to_string(hidden) + ")";
      expect_close(what, part(x), layer("projection", silu_gate(layer("gate", x), layer("value", x))), 1e-4f);
      Parameters inputs = p;
      append(inputs, "x", x);
      expect_pure(
          what, [&] { return part(x); }, inputs);
    }
  }
}
