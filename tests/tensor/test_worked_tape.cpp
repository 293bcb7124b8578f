/// @file test_worked_tape.cpp
/// The numbers of docs/tensors.md, which a reader can follow by hand.
#include <cmath>
#include <span>
#include <vector>

#include "common/tensor/ops.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

std::vector<float> numbers(std::span<const float> values) { return {values.begin(), values.end()}; }

TEST_CASE("docs/tensors.md: shapes, rows and the three products of its examples", "[docs]") {
  //! [shapes]
  const Tensor x = Tensor::from({2, 3}, {1, 2, 3,    // row 0
                                         4, 5, 6});  // row 1
  const Tensor offset = Tensor::from({3}, {10, 20, 30});
  const Tensor shifted = x + offset;            // (2, 3) + (3) -> (2, 3)
  const Tensor row_sums = sum(x, /*axis=*/-1);  // (2, 3) -> (2, 1)
  const Tensor shares = x / row_sums;           // (2, 3) / (2, 1) -> (2, 3)

  const Tensor w = Tensor::from({3, 2}, {1, 0,    // row 0
                                         0, 1,    // row 1
                                         1, 1});  // row 2
  const Tensor y = matmul(x, w);                  // (2, 3) @ (3, 2) -> (2, 2)
  //! [shapes]
  CHECK(x.at({1, 0}) == 4.0f);
  expect_close("x + offset", shifted, {11, 22, 33, 14, 25, 36});
  expect_shape("row sums", row_sums, {2, 1});
  expect_close("row sums", row_sums, {6, 15});
  expect_close("shares", shares, {1 / 6.0f, 2 / 6.0f, 3 / 6.0f, 4 / 15.0f, 5 / 15.0f, 6 / 15.0f});
  expect_shape("y", y, {2, 2});
  expect_close("y", y, {4, 5, 10, 11});
}

TEST_CASE("docs/tensors.md: one weight, forward, backward and a step", "[docs]") {
  //! [forward]
  const Tensor x = Tensor::full({}, 3.0f);           // what comes in
  const Tensor y = Tensor::full({}, 5.0f);           // what should come out
  Tensor w = Tensor::full({}, 2.0f).require_grad();  // what is to be learned

  const Tensor a = w * x;     // 6
  const Tensor e = a - y;     // 1, too much
  const Tensor loss = e * e;  // 1, the error squared
  //! [forward]
  CHECK(a.item() == 6.0f);
  CHECK(e.item() == 1.0f);
  CHECK(loss.item() == 1.0f);

  //! [backward]
  loss.backward();
  const float slope = w.grad()[0];  // 6
  //! [backward]
  CHECK(slope == 6.0f);
  CHECK(!x.requires_grad());
  CHECK(x.grad().empty());
  CHECK(a.grad().empty());  // the tape is gone, and only leaves keep their gradient

  //! [step]
  w.mutable_values()[0] -= 0.1f * slope;  // 2 - 0.1 * 6 = 1.4
  //! [step]
  const Tensor closer = w * x - y;
  expect_close("w after a step", w.item(), 1.4f);
  expect_close("the error after a step", closer.item(), -0.8f);
  expect_close("the loss after a step", (closer * closer).item(), 0.64f);
}

TEST_CASE("docs/tensors.md: a little more weight raises the loss by six times as much", "[docs]") {
  const float w = 2.001f, e = w * 3.0f - 5.0f;
  expect_close("the loss at w = 2.001", e * e, 1.006009f);
}

TEST_CASE("docs/tensors.md: twelve steps find the weight", "[docs]") {
  //! [learn]
  const Tensor x = Tensor::full({}, 3.0f);
  const Tensor y = Tensor::full({}, 5.0f);
  Tensor w = Tensor::full({}, 2.0f).require_grad();
  for (int step = 0; step < 12; ++step) {
    const Tensor e = w * x - y;
    const Tensor loss = e * e;
    w.zero_grad();    // or this step's gradient would be added to the last one's
    loss.backward();  // fills w.grad(), frees the tape
    w.mutable_values()[0] -= 0.1f * w.grad()[0];
  }
  //! [learn]
  CHECK(std::abs(w.item() - 5.0f / 3.0f) > 0.02f);
  CHECK(std::abs(w.item() - 5.0f / 3.0f) < 0.03f);
}

TEST_CASE("docs/tensors.md: nothing is noted while a NoGrad lives", "[docs]") {
  const Tensor x = Tensor::full({}, 3.0f);
  const Tensor w = Tensor::full({}, 2.0f).require_grad();
  //! [no_grad]
  {
    const NoGrad no_grad;
    const Tensor a = w * x;  // 6, and no note of how it came about
    CHECK(!a.requires_grad());
  }  // from here on, the tape runs again
  //! [no_grad]
  CHECK((w * x).requires_grad());
}

TEST_CASE("docs/tensors.md: the gradient of a product and of what was repeated", "[docs]") {
  Tensor x = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6}).require_grad();
  Tensor w = Tensor::from({3, 2}, {1, 0, 0, 1, 1, 1}).require_grad();
  Tensor b = Tensor::from({2}, {0, 0}).require_grad();
  sum(matmul(x, w) + b).backward();  // the gradient of the sum is 1 everywhere
  CHECK(numbers(w.grad()) == std::vector<float>{5, 5, 7, 7, 9, 9});
  CHECK(numbers(x.grad()) == std::vector<float>{1, 1, 2, 1, 1, 2});
  CHECK(numbers(b.grad()) == std::vector<float>{2, 2});
}

}  // namespace
}  // namespace gpt
