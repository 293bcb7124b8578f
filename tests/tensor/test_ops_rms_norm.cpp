/// @file test_ops_rms_norm.cpp
/// rms_norm in one pass against the same from smaller operations.
#include <cmath>
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

Tensor composed_rms_norm(const Tensor& x, const Tensor& gain, float epsilon) {
  return x / sqrt(mean(x * x, -1) + epsilon) * gain;
}

TEST_CASE("rms_norm: worked out by hand", "[ops][rms_norm]") {
  // 1, 7: mean square (1 + 49) / 2 = 25, root 5. -3, -3: root 3. Times 10 and 20.
  check_values("rms_norm",
               rms_norm(Tensor::from({2, 2}, {1, 7, -3, -3}), Tensor::from({2}, {10, 20}), /*epsilon=*/0.0f),
               Tensor::from({2, 2}, {2, 28, -10, -20}));
  // With epsilon 11 the root is that of 25 + 11.
  check_values("rms_norm, epsilon 11", rms_norm(Tensor::from({1, 2}, {1, 7}), Tensor::full({2}, 6), 11.0f),
               Tensor::from({1, 2}, {1, 7}));
}

TEST_CASE("rms_norm: a row of zeros stays zeros, and its gradient is finite", "[ops][rms_norm]") {
  Tensor x = Tensor::zeros({1, 3});
  x.require_grad();
  const Tensor y = rms_norm(x, Tensor::full({3}, 1));
  check_values("rms_norm of zeros", y, Tensor::zeros({1, 3}));
  sum(y).backward();
  for (const float slope : x.grad()) CHECK(slope == 1.0f / std::sqrt(1e-5f));
}

TEST_CASE("rms_norm: gradients of both inputs", "[ops][rms_norm]") {
  Rng rng(10);
  for (const Shape& shape : {Shape{4}, Shape{3, 4}, Shape{2, 3, 5}, Shape{2, 1, 2, 9}}) {
    check_gradient("rms_norm " + to_string(shape), [](const Inputs& in) { return rms_norm(in[0], in[1]); },
                   {Tensor::normal(shape, 2, rng), Tensor::normal({shape.back()}, 1, rng)});
  }
}

TEST_CASE("rms_norm: equals its composition, with gradients", "[ops][rms_norm]") {
  Rng rng(11);
  const std::size_t threads = GENERATE(1, 3);
  const WithThreads with(threads);
  for (const std::size_t C : {1, 2, 7, 8, 32, 33, 384}) {
    for (const std::size_t T : {5, 130}) {
      check_same(
          "rms_norm with C " + std::to_string(C),
          [](const Inputs& in) { return rms_norm(in[0], in[1], 1e-3f); },
          [](const Inputs& in) { return composed_rms_norm(in[0], in[1], 1e-3f); },
          {Tensor::normal({2, T, C}, 3, rng), Tensor::normal({C}, 1, rng)}, 5e-5);
    }
  }
}

TEST_CASE("rms_norm: one tensor as both inputs", "[ops][rms_norm]") {
  check_gradient("rms_norm(x, x)", [](const Inputs& in) { return rms_norm(in[0], in[0]); },
                 {Tensor::from({4}, {1, -2, 3, 0.5f})});
}

TEST_CASE("rms_norm: heads that lie where they were split are normed as rows are", "[ops][rms_norm]") {
  Rng rng(12);
  const auto split = [](const Tensor& x) { return permute(reshape(x, {2, 5, 3, 4}), {0, 2, 1, 3}); };
  check_same(
      "split heads", [&](const Inputs& in) { return rms_norm(split(in[0]), in[1]); },
      [&](const Inputs& in) { return composed_rms_norm(split(in[0]), in[1], 1e-5f); },
      {Tensor::normal({2, 5, 12}, 1, rng), Tensor::normal({4}, 1, rng)});
}

TEST_CASE("rms_norm: where the mean is 0 it is a layer norm without bias", "[ops][rms_norm]") {
  const Tensor x = Tensor::from({1, 4}, {-3, -1, 1, 3}), gain = Tensor::from({4}, {1, 2, 3, 4});
  check_values("rms_norm", rms_norm(x, gain), layer_norm(x, gain, Tensor::zeros({4})));
}

TEST_CASE("rms_norm: says what does not fit", "[ops][rms_norm]") {
  CHECK(message_of<std::invalid_argument>([] { rms_norm(Tensor::zeros({}), Tensor::zeros({1})); }) ==
        "rms_norm: x must be (..., C), got ()");
  CHECK(message_of<std::invalid_argument>([] {
          rms_norm(Tensor::zeros({2, 3}), Tensor::zeros({2}));
        }) == "rms_norm: gain must be (3,), got (2,)");
}

}  // namespace
}  // namespace gpt
