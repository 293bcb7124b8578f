/// @file ops_matrix.cpp
/// Products of matrices.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "common/kernels/precision.hpp"
#include "common/tensor/check.hpp"
#include "common/tensor/factor.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// The same for a batch of matrices, shared among threads if they are many.
void multiply_batch(std::size_t batch, Trans trans_a, Trans trans_b, std::size_t M, std::size_t N,
                    std::size_t K, Numbers A, Numbers B, float* C, bool add) {
  parallel_for(batch, 1 + product_grain / (M * N * K + 1), [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      multiply(trans_a, trans_b, M, N, K, A + i * M * K, B + i * K * N, C + i * M * N, add);
    }
  });
}

[[noreturn]] void refuse(const char* who, const Shape& a, const Shape& b) {
  throw std::invalid_argument(std::string(who) +
                              ": needs (..., M, K) @ (..., K, N) with equal leading axes, or none on " +
                              "the right, got " + to_string(a) + " @ " + to_string(b));
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  const Shape &sa = a.shape(), &sb = b.shape();
  if (sa.size() < 2 || sb.size() < 2 || sa.back() != sb[sb.size() - 2]) refuse("matmul", sa, sb);
  const bool shared =
      sb.size() == 2;  // one right-hand matrix for the whole batch: then it is one long product
  if (!shared && (sa.size() != sb.size() || !std::equal(sa.begin(), sa.end() - 2, sb.begin())))
    refuse("matmul", sa, sb);
  const std::size_t K = sa.back(), N = sb.back();
  const std::size_t M = shared ? element_count(Shape(sa.begin(), sa.end() - 1)) : sa[sa.size() - 2];
  const std::size_t batch = shared ? 1 : element_count(Shape(sa.begin(), sa.end() - 2));
  Shape shape = sa;
  shape.back() = N;
  Value y = make_value(std::move(shape));
  const bool rounds = in_bfloat16(M, N, K);
  const Factor fa(Inside::rows(a), rounds), fb(Inside::rows(b), rounds);
  multiply_batch(batch, Trans::no, Trans::no, M, N, K, fa, fb, y->data(), /*add=*/false);
  return result(y, {&a, &b}, [=](Node& out) {
    const GradientFactor dy(out.dy(), out.grad.size(), rounds);
    if (const GradSlot da = out.input(0)) {  // dA = dY B^T
      multiply_batch(batch, Trans::no, Trans::yes, M, K, N, dy, fb, da.data, da.add);
    }
    if (const GradSlot db = out.input(1)) {  // dB = A^T dY
      multiply_batch(batch, Trans::yes, Trans::no, K, N, M, fa, dy, db.data, db.add);
    }
  });
}

namespace {

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor* bias) {
  require_shape("linear: weight", weight, {any, any});
  const std::size_t in = weight.shape()[0], out_size = weight.shape()[1];
  if (bias) require_shape("linear: bias", *bias, {out_size});
  if (x.dim() == 0 || x.shape().back() != in) {
    throw std::invalid_argument("linear: x must be (..., " + std::to_string(in) + ") for weight " +
                                to_string(weight.shape()) + ", got " + to_string(x.shape()));
  }
  const std::size_t rows = x.size() / in;
  Shape shape = x.shape();
  shape.back() = out_size;
  Value y = make_value(std::move(shape));
  const bool rounds = in_bfloat16(rows, out_size, in);
  const Factor fx(Inside::rows(x), rounds), fw(Inside::rows(weight), rounds);
  if (bias) {  // each row starts as the bias, and the product is added on top
    const float* b = Inside::rows(*bias)->data();
    float* py = y->data();
    parallel_for(rows, 1 + plain_grain / out_size, [=](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        float* to = py + row * out_size;
#pragma omp simd
        for (std::size_t i = 0; i < out_size; ++i) to[i] = b[i];
      }
    });
  }
  multiply(Trans::no, Trans::no, rows, out_size, in, fx, fw, y->data(), /*add=*/bias != nullptr);

  const auto backward = [=](Node& out) {
    const GradientFactor dy(out.dy(), out.grad.size(), rounds);
    if (const GradSlot dx = out.input(0)) {  // dX = dY W^T
      multiply(Trans::no, Trans::yes, rows, in, out_size, dy, fw, dx.data, dx.add);
    }
    if (const GradSlot dw = out.input(1)) {  // dW = X^T dY
      multiply(Trans::yes, Trans::no, in, out_size, rows, fx, dy, dw.data, dw.add);
    }
    if (out.inputs.size() < 3) return;
    if (const GradSlot db =
            out.input(2)) {  // db = sum of dY over rows, a share of the columns for each thread
      parallel_for(out_size, std::max<std::size_t>(16, plain_grain / (rows + 1)),
                   [&](std::size_t begin, std::size_t end) {
                     if (!db.add) std::fill(db.data + begin, db.data + end, 0.0f);
                     for (std::size_t row = 0; row < rows; ++row) {
                       const float* dy = out.dy() + row * out_size;
                       for (std::size_t i = begin; i < end; ++i) db.data[i] += dy[i];
                     }
                   });
    }
  };
  return bias ? result(y, {&x, &weight, bias}, backward) : result(y, {&x, &weight}, backward);
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight) { return linear(x, weight, nullptr); }
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) { return linear(x, weight, &bias); }

}  // namespace gpt
