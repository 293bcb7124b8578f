/// @file test_precision.cpp
/// linear and matmul made from bfloat16.
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/precision.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

Tensor rounded(const Tensor& x) {
  std::vector<float> values(x.values().begin(), x.values().end());
  for (float& v : values) v = to_float(to_bfloat16(v));
  return Tensor::from(x.shape(), values);
}

std::vector<Tensor> copies(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> all;
  for (const Tensor& x : inputs) all.push_back(Tensor::from(x.shape(), x.values()).require_grad());
  return all;
}

// The result of an operation, then the gradients of its inputs, if that of the result is dy.
std::vector<Tensor> all_of(Precision precision, const Operation& operation, const std::vector<Tensor>& given,
                           const Tensor& dy) {
  const WithPrecision with(precision);
  const std::vector<Tensor> inputs = copies(given);
  const Tensor y = operation(inputs);
  sum(y * dy).backward();
  std::vector<Tensor> all{y};
  for (const Tensor& x : inputs) all.push_back(Tensor::from(x.shape(), x.grad()));
  return all;
}

void check_all(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    check_values(i == 0 ? "the result" : "gradient " + std::to_string(i), actual[i], expected[i], tolerance);
}

const Operation with_bias = [](const Inputs& in) { return linear(in[0], in[1], in[2]); };
const Operation without_bias = [](const Inputs& in) { return linear(in[0], in[1]); };
const Operation product = [](const Inputs& in) { return matmul(in[0], in[1]); };

// What is multiplied in bfloat16 must be what float32 makes of rounded inputs: the result, and all gradients.
void check_equals_rounded(const Operation& operation, const std::vector<Tensor>& inputs, Tensor dy) {
  // The bias is added in float32; rounding it too would hide that.
  const std::vector<Tensor> bfloat16 = all_of(Precision::bfloat16, operation, inputs, dy);
  std::vector<Tensor> rounded_inputs{rounded(inputs[0]), rounded(inputs[1])};
  if (inputs.size() == 3) rounded_inputs.push_back(inputs[2]);
  std::vector<Tensor> expected = all_of(Precision::float32, operation, rounded_inputs, rounded(dy));
  if (inputs.size() == 3) expected[3] = all_of(Precision::float32, operation, inputs, dy)[3];
  check_all(bfloat16, expected, 2e-5);
  // And not what float32 makes of the inputs themselves.
  CHECK(value_mismatch("y", bfloat16[0], all_of(Precision::float32, operation, inputs, dy)[0], 2e-4) != "");
}

TEST_CASE("precision: float32 unless another is asked for, for as long as it is", "[precision]") {
  CHECK(precision() == Precision::float32);
  {
    const WithPrecision other(Precision::bfloat16);
    CHECK(precision() == Precision::bfloat16);
  }
  CHECK(precision() == Precision::float32);
}

TEST_CASE("precision: linear in bfloat16 is linear of rounded inputs, in odd sizes too",
          "[precision][linear]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  Rng rng(1);
  for (const Shape& sizes :
       {Shape{128, 64, 64}, Shape{131, 67, 39}, Shape{1, 259, 1001}, Shape{2, 300, 401}}) {
    const std::size_t rows = sizes[0], in = sizes[1], out = sizes[2];
    INFO(to_string(sizes));
    const std::vector<Tensor> inputs{Tensor::normal({rows, in}, 1, rng), Tensor::normal({in, out}, 0.1f, rng),
                                     Tensor::normal({out}, 1, rng)};
    const Tensor dy = Tensor::normal({rows, out}, 0.1f, rng);
    check_equals_rounded(with_bias, inputs, dy);
    check_equals_rounded(without_bias, {inputs[0], inputs[1]}, dy);
  }
}

TEST_CASE("precision: matmul in bfloat16 is matmul of rounded inputs", "[precision][matmul]") {
  Rng rng(2);
  check_equals_rounded(product, {Tensor::normal({90, 71}, 1, rng), Tensor::normal({71, 53}, 0.1f, rng)},
                       Tensor::normal({90, 53}, 0.1f, rng));
  check_equals_rounded(product, {Tensor::normal({2, 90, 71}, 1, rng), Tensor::normal({2, 71, 53}, 0.1f, rng)},
                       Tensor::normal({2, 90, 53}, 0.1f, rng));
}

TEST_CASE("precision: a product too small to gain from it stays float32, bit for bit", "[precision]") {
  Rng rng(3);
  const std::vector<Tensor> inputs{Tensor::normal({8, 16}, 1, rng), Tensor::normal({16, 16}, 1, rng)};
  const Tensor dy = Tensor::normal({8, 16}, 1, rng);
  check_all(all_of(Precision::bfloat16, without_bias, inputs, dy),
            all_of(Precision::float32, without_bias, inputs, dy), 0);
}

TEST_CASE("precision: a weight that was changed is rounded anew", "[precision]") {
  const WithPrecision with(Precision::bfloat16);
  Rng rng(4);
  const Tensor x = Tensor::normal({64, 40}, 1, rng), w = Tensor::zeros({40, 50}),
               other = Tensor::normal({40, 50}, 1, rng);
  check_values("zeros", linear(x, w), Tensor::zeros({64, 50}), 0);
  std::copy(other.values().begin(), other.values().end(), w.mutable_values().begin());
  check_values("changed", linear(x, w), linear(x, other), 0);
  // The same numbers under another shape.
  const Tensor row = reshape(w, {2000});
  check_values("again", linear(x, reshape(row, {40, 50})), linear(x, other), 0);
  for (float& v : w.mutable_values()) v = 0.0f;
  check_values("zeros again", linear(x, w), Tensor::zeros({64, 50}), 0);
}

TEST_CASE("precision: a second gradient is added to the first", "[precision]") {
  const WithPrecision with(Precision::bfloat16);
  Rng rng(5);
  const Tensor x = Tensor::normal({64, 40}, 1, rng).require_grad(),
               w = Tensor::normal({40, 50}, 1, rng).require_grad();
  sum(linear(x, w)).backward();
  const Tensor dx = Tensor::from(x.shape(), x.grad()), dw = Tensor::from(w.shape(), w.grad());
  sum(linear(x, w)).backward();
  check_values("dx", Tensor::from(x.shape(), x.grad()), dx * 2.0f, 1e-6);
  check_values("dw", Tensor::from(w.shape(), w.grad()), dw * 2.0f, 1e-6);
}

TEST_CASE("precision: the same bits every time, with any number of threads fixed", "[precision]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  Rng rng(6);
  const std::vector<Tensor> inputs{Tensor::normal({150, 90}, 1, rng), Tensor::normal({90, 70}, 1, rng),
                                   Tensor::normal({70}, 1, rng)};
  const Tensor dy = Tensor::normal({150, 70}, 1, rng);
  const std::vector<Tensor> first = all_of(Precision::bfloat16, with_bias, inputs, dy);
  for (int again = 0; again < 3; ++again)
    check_all(all_of(Precision::bfloat16, with_bias, inputs, dy), first, 0);
}

}  // namespace
}  // namespace gpt
