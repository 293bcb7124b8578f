/// @file test_ops_recurrent.cpp
/// The LSTM in one operation against the same from smaller ones, position by position.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/precision.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/trace.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

Tensor logistic(const Tensor& x) { return 1.0f / (1.0f + exp(-x)); }

LSTMResult composed_lstm(const Tensor& x, const Tensor& weight, LSTMState state) {
  const std::size_t B = x.shape()[0], T = x.shape()[1], H = weight.shape()[0];
  std::vector<Tensor> outputs;
  for (std::size_t t = 0; t < T; ++t) {
    const Tensor sums = reshape(slice(x, 1, t, t + 1), {B, 4 * H}) + matmul(state.h, weight);
    const Tensor i = logistic(slice(sums, 1, 0, H)), f = logistic(slice(sums, 1, H, 2 * H));
    const Tensor g = tanh(slice(sums, 1, 2 * H, 3 * H)), o = logistic(slice(sums, 1, 3 * H, 4 * H));
    state.c = f * state.c + i * g;
    state.h = o * tanh(state.c);
    outputs.push_back(reshape(state.h, {B, 1, H}));
  }
  return {concatenate(outputs, 1), state};
}

// All that it gives beside each other, (B, T + 2, H), so that every gradient is asked for.
Tensor all_of(const LSTMResult& result) {
  const std::size_t B = result.outputs.shape()[0], H = result.outputs.shape()[2];
  return concatenate({result.outputs, reshape(result.last.h, {B, 1, H}), reshape(result.last.c, {B, 1, H})},
                     1);
}

const Operation fused = [](const Inputs& in) { return all_of(lstm(in[0], in[1], {in[2], in[3]})); };
const Operation composed = [](const Inputs& in) {
  return all_of(composed_lstm(in[0], in[1], {in[2], in[3]}));
};

// x, weight, and the state before the first position.
Inputs random_inputs(std::size_t B, std::size_t T, std::size_t H, std::uint64_t seed) {
  Rng rng(seed);
  const float spread = 1.0f / std::sqrt(static_cast<float>(H));
  return {Tensor::normal({B, T, 4 * H}, 1, rng), Tensor::normal({H, 4 * H}, spread, rng),
          Tensor::normal({B, H}, 0.5f, rng), Tensor::normal({B, H}, 1, rng)};
}

std::string sizes_of(const Inputs& in) { return "lstm " + to_string(in[0].shape()); }

TEST_CASE("lstm: worked out by hand", "[ops][lstm]") {
  // H = 1. A gate of sum ln 3 is open by 3/4, one of -ln 3 by 1/4, one of 0 by a half; tanh(ln 3) is 0.8.
  //   c = 1/4 * 2 + 3/4 * 0.8 = 1.1,  h = 1/2 * tanh(1.1)
  // Then all sums are x + h W with W = (0, 0, 0, 0), f closed and the others as before:
  //   c = 0 * 1.1 + 3/4 * 0.8 = 0.6,  h = 1/2 * tanh(0.6)
  const float ln_3 = 1.098612289f;
  const Tensor x = Tensor::from({1, 2, 4}, {ln_3, -ln_3, ln_3, 0, ln_3, -100, ln_3, 0});
  const LSTMResult result =
      lstm(x, Tensor::zeros({1, 4}), {Tensor::full({1, 1}, 5), Tensor::full({1, 1}, 2)});
  check_values("outputs", result.outputs,
               Tensor::from({1, 2, 1}, {0.5f * std::tanh(1.1f), 0.5f * std::tanh(0.6f)}));
  check_values("last h", result.last.h, Tensor::from({1, 1}, {0.5f * std::tanh(0.6f)}));
  check_values("last c", result.last.c, Tensor::from({1, 1}, {0.6f}));
  // The second unit's gates hear the first unit's h = 5 through row 0 of W, and not their own 7.
  const Tensor weight = Tensor::from({2, 8}, {0, 9, 0, -9, 0, ln_3, 0, -9,  //
                                              0, 0, 0, 0, 0, 0, 0, 0});
  const LSTMResult second = lstm(Tensor::from({1, 1, 8}, {0, -45, 0, 45 - ln_3, 0, -4 * ln_3, 0, 45}), weight,
                                 {Tensor::from({1, 2}, {5, 7}), Tensor::from({1, 2}, {0, 4})});
  // i = 1/2, f = 1/4, g = 0.8, o = 1/2:  c = 1/4 * 4 + 1/2 * 0.8
  check_values("second unit", slice(second.last.c, 1, 1, 2), Tensor::from({1, 1}, {1.4f}));
}

TEST_CASE("lstm: a forget gate that is open and an input gate that is shut keep the cells for ever",
          "[ops][lstm]") {
  const std::size_t T = 300;
  Tensor x = Tensor::zeros({1, T, 4});
  for (std::size_t t = 0; t < T; ++t) {
    x.mutable_values()[4 * t] = -100;      // i
    x.mutable_values()[4 * t + 1] = 100;   // f
    x.mutable_values()[4 * t + 2] = 3;     // g
    x.mutable_values()[4 * t + 3] = -100;  // o: nothing is said
  }
  Tensor c = Tensor::full({1, 1}, 0.7f);
  c.require_grad();
  const LSTMResult result = lstm(x, Tensor::full({1, 4}, 1), {Tensor::zeros({1, 1}), c});
  CHECK(result.last.c.item() == 0.7f);
  CHECK(result.last.h.item() == 0.0f);
  // And what is asked of them at the end arrives whole at the beginning: why it was invented.
  sum(result.last.c).backward();
  CHECK(c.grad()[0] == 1.0f);
}

TEST_CASE("lstm: gradients of x, weight and first state", "[ops][lstm]") {
  for (const Inputs& in : {random_inputs(1, 1, 1, 1), random_inputs(2, 1, 3, 2), random_inputs(1, 4, 2, 3),
                           random_inputs(3, 2, 5, 4), random_inputs(2, 5, 3, 5)}) {
    check_gradient(sizes_of(in), fused, in);
  }
}

TEST_CASE("lstm: gradients where only one of its results is used", "[ops][lstm]") {
  const Inputs in = random_inputs(2, 3, 2, 6);
  const auto run = [](const Inputs& in) { return lstm(in[0], in[1], {in[2], in[3]}); };
  check_gradient(
      "outputs alone", [&](const Inputs& in) { return run(in).outputs; }, in);
  check_gradient(
      "last h alone", [&](const Inputs& in) { return run(in).last.h; }, in);
  check_gradient(
      "last c alone", [&](const Inputs& in) { return run(in).last.c; }, in);
  check_gradient(
      "both of the state", [&](const Inputs& in) { return run(in).last.h * run(in).last.c; }, in);
}

TEST_CASE("lstm: equals its composition, with gradients, on one thread and several", "[ops][lstm]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  for (const Inputs& in :
       {random_inputs(1, 1, 1, 10), random_inputs(1, 9, 5, 11), random_inputs(7, 1, 12, 12),
        random_inputs(5, 7, 3, 13), random_inputs(2, 16, 8, 14), random_inputs(3, 11, 67, 15),
        random_inputs(16, 6, 33, 16), random_inputs(5, 4, 128, 17)}) {
    check_same(sizes_of(in), fused, composed, in, 3e-5);
  }
}

TEST_CASE("lstm: equals its composition with our own products of matrices", "[ops][lstm]") {
  const bool before = uses_portable_gemm();
  use_portable_gemm(true);
  for (const Inputs& in : {random_inputs(5, 7, 3, 18), random_inputs(8, 5, 64, 19)})
    check_same(sizes_of(in), fused, composed, in, 3e-5);
  use_portable_gemm(before);
}

TEST_CASE("lstm: from zeros if no state is given", "[ops][lstm]") {
  const Inputs in = random_inputs(3, 4, 2, 20);
  check_same(
      "lstm(x, weight)", [](const Inputs& in) { return all_of(lstm(in[0], in[1])); },
      [](const Inputs& in) {
        const Tensor zeros = Tensor::zeros({3, 2});
        return all_of(composed_lstm(in[0], in[1], {zeros, zeros}));
      },
      {in[0], in[1]});
}

TEST_CASE("lstm: in two parts, with the state carried, it is the same as in one", "[ops][lstm]") {
  const Operation in_parts = [](const Inputs& in) {
    const LSTMResult one = lstm(slice(in[0], 1, 0, 3), in[1], {in[2], in[3]});
    const LSTMResult two = lstm(slice(in[0], 1, 3, 7), in[1], one.last);
    return concatenate({one.outputs, all_of(two)}, 1);
  };
  check_same("lstm in two parts", in_parts, fused, random_inputs(2, 7, 5, 21));
}

TEST_CASE("lstm: a later position changes nothing before it, and no sequence another", "[ops][lstm]") {
  const Inputs in = random_inputs(3, 6, 4, 22);
  const Tensor before = lstm(in[0], in[1]).outputs;
  const Tensor changed = Tensor::from(in[0].shape(), in[0].values());
  for (std::size_t j = 0; j < 16; ++j) changed.mutable_values()[(1 * 6 + 4) * 16 + j] += 1;  // (1, 4)
  const Tensor after = lstm(changed, in[1]).outputs;
  for (std::size_t b = 0; b < 3; ++b) {
    for (std::size_t t = 0; t < 6; ++t) {
      INFO("sequence " << b << ", position " << t);
      CHECK((before.at({b, t, 0}) == after.at({b, t, 0})) == !(b == 1 && t >= 4));
    }
  }
}

TEST_CASE("lstm: inputs that lie in another order than their shape says", "[ops][lstm]") {
  // Time first, as some texts have it; W as PyTorch keeps it; states with the batch last.
  const Operation turned = [](const Inputs& in) {
    return all_of(lstm(permute(in[0], {1, 0, 2}), transpose(in[1]), {transpose(in[2]), transpose(in[3])}));
  };
  const Operation straight = [](const Inputs& in) {
    return all_of(
        composed_lstm(permute(in[0], {1, 0, 2}), transpose(in[1]), {transpose(in[2]), transpose(in[3])}));
  };
  Rng rng(23);
  const Inputs in{Tensor::normal({5, 2, 12}, 1, rng), Tensor::normal({12, 3}, 0.5f, rng),
                  Tensor::normal({3, 2}, 1, rng), Tensor::normal({3, 2}, 1, rng)};
  check_same("lstm of views", turned, straight, in);
  check_gradient("lstm of views", turned, in);
  // And outputs whose gradient comes back in another order.
  const auto head = [](const LSTMResult& result) { return permute(result.outputs, {2, 0, 1}) * 2.0f; };
  check_same(
      "outputs in another order", [&](const Inputs& in) { return head(lstm(in[0], in[1])); },
      [&](const Inputs& in) {
        const Tensor zeros = Tensor::zeros({4, 3});
        return head(composed_lstm(in[0], in[1], {zeros, zeros}));
      },
      {Tensor::normal({4, 5, 12}, 1, rng), Tensor::normal({3, 12}, 0.5f, rng)});
}

TEST_CASE("lstm: one tensor for h and c, and one W for two layers", "[ops][lstm]") {
  const Inputs in = random_inputs(2, 3, 2, 24);
  check_gradient("one state",
                 [](const Inputs& in) {
                   return all_of(lstm(in[0], in[1], {in[2], in[2]}));
                 },
                 {in[0], in[1], in[2]});
  const Operation twice = [](const Inputs& in) {
    const Tensor below = lstm(in[0], in[1]).outputs;  // (2, 3, 2)
    return lstm(in[0] + concatenate({below, below, below, below}, 2), in[1]).outputs * below;
  };
  check_gradient("two layers", twice, {in[0], in[1]});
}

TEST_CASE("lstm: the same bits every time, with any number of threads fixed", "[ops][lstm]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  const auto gradient_of_weight = [](Inputs in) {
    in[1].require_grad();
    sum(fused(in) * fused(in)).backward();
    return Tensor::from(in[1].shape(), in[1].grad());
  };
  const Tensor first = gradient_of_weight(random_inputs(7, 20, 24, 25));
  for (int again = 0; again < 3; ++again)
    check_values("dW", gradient_of_weight(random_inputs(7, 20, 24, 25)), first, 0);
}

TEST_CASE("lstm: nothing on the tape under NoGrad, or where nobody asks", "[ops][lstm]") {
  Inputs in = random_inputs(2, 3, 2, 26);
  CHECK(!lstm(in[0], in[1]).last.c.requires_grad());
  in[1].require_grad();
  const Tensor expected = fused(in);
  CHECK(expected.requires_grad());
  const NoGrad no_grad;
  const LSTMResult result = lstm(in[0], in[1], {in[2], in[3]});
  CHECK(!result.outputs.requires_grad());
  CHECK(!result.last.h.requires_grad());
  CHECK(!result.last.c.requires_grad());
  check_values("NoGrad", all_of(result), expected, 0);
}

TEST_CASE("lstm: NaN and infinite sums", "[ops][lstm]") {
  const float infinity = std::numeric_limits<float>::infinity();
  // Gates that are wide open or shut for good: c = 1 * 1 + 1 * -1 = 0, h = 1 * 0.
  const LSTMResult shut = lstm(Tensor::from({1, 1, 4}, {infinity, infinity, -infinity, infinity}),
                               Tensor::zeros({1, 4}), {Tensor::zeros({1, 1}), Tensor::full({1, 1}, 1)});
  CHECK(shut.last.c.item() == 0.0f);
  CHECK(shut.last.h.item() == 0.0f);
  // A run that went wrong must show.
  for (std::size_t gate = 0; gate < 4; ++gate) {
    Tensor x = Tensor::zeros({1, 2, 4});
    x.mutable_values()[gate] = NAN;
    CHECK(std::isnan(lstm(x, Tensor::full({1, 4}, 1)).last.h.item()));
  }
}

TEST_CASE("lstm: whoever looks inside sees gates and cells of all positions", "[ops][lstm][trace]") {
  const Inputs in = random_inputs(2, 3, 5, 28);
  const Trace trace;
  const LSTMResult result = lstm(in[0], in[1], {in[2], in[3]});
  REQUIRE(trace.noted().size() == 2);
  CHECK(trace.noted()[0].name == "gates");
  CHECK(trace.noted()[1].name == "cells");
  const Tensor gates = trace.noted()[0].tensor, cells = trace.noted()[1].tensor;
  check_values("h from what was noted", slice(gates, 2, 15, 20) * tanh(cells), result.outputs);
  check_values("the last cells", reshape(slice(cells, 1, 2, 3), {2, 5}), result.last.c, 0);
}

TEST_CASE("lstm: in bfloat16 it is the composition in bfloat16", "[ops][lstm][precision]") {
  const std::size_t threads = GENERATE(1, 2);
  const WithThreads with(threads);
  const Inputs in = random_inputs(9, 5, 40, 29);  // 9 * 160 * 40 multiplications: enough to gain from it
  const Tensor exact = fused(in);
  const WithPrecision bfloat16(Precision::bfloat16);
  CHECK(value_mismatch("y", fused(in), exact, 1e-5) != "");
  // Where a sum comes out otherwise by a bit of float32, h may be rounded to the other side: half a bit of bfloat16.
  check_same("lstm in bfloat16", fused, composed, in, 4e-3);
  // One position each: nothing is rounded twice.
  check_same("one position in bfloat16", fused, composed, random_inputs(9, 1, 40, 30), 3e-5);
}

TEST_CASE("lstm: outputs that were written to before backward() are found out", "[ops][lstm]") {
  Inputs in = random_inputs(1, 2, 2, 31);
  in[1].require_grad();
  const Tensor outputs = lstm(in[0], in[1]).outputs, loss = sum(outputs);
  outputs.mutable_values()[0] = 0;
  CHECK_THROWS_AS(loss.backward(), std::logic_error);
}

TEST_CASE("lstm: says what does not fit", "[ops][lstm]") {
  const auto message = [](const Shape& x, const Shape& weight, const Shape& h, const Shape& c) {
    return message_of<std::invalid_argument>([&] {
      lstm(Tensor::zeros(x), Tensor::zeros(weight), {Tensor::zeros(h), Tensor::zeros(c)});
    });
  };
  CHECK(message({2, 5, 12}, {3, 12}, {2, 3}, {2, 3}) == "no exception");
  CHECK(message({2, 5, 12}, {12, 3}, {2, 3}, {2, 3}) == "lstm: weight must be (H, 4 H), got (12, 3)");
  CHECK(message({2, 5, 12}, {12}, {2, 3}, {2, 3}) == "lstm: weight must be (H, 4 H), got (12,)");
  CHECK(message({2, 5, 0}, {0, 0}, {2, 0}, {2, 0}) == "lstm: weight must be (H, 4 H), got (0, 0)");
  CHECK(message({2, 5, 3}, {3, 12}, {2, 3}, {2, 3}) == "lstm: x must be (*, *, 12), got (2, 5, 3)");
  CHECK(message({5, 12}, {3, 12}, {2, 3}, {2, 3}) == "lstm: x must be (*, *, 12), got (5, 12)");
  CHECK(message({2, 0, 12}, {3, 12}, {2, 3}, {2, 3}) == "lstm: x must be (*, *, 12), got (2, 0, 12)");
  CHECK(message({2, 5, 12}, {3, 12}, {1, 3}, {2, 3}) == "lstm: first.h must be (2, 3), got (1, 3)");
  CHECK(message({2, 5, 12}, {3, 12}, {2, 3}, {2, 12}) == "lstm: first.c must be (2, 3), got (2, 12)");
  CHECK(message_of<std::invalid_argument>([] {
          lstm(Tensor::zeros({12}), Tensor::zeros({3, 12}));
        }) == "lstm: x must be (*, *, 12), got (12,)");
}

}  // namespace
}  // namespace gpt
