#include <cstdint>

#include "common/kernels/product.hpp"

namespace gpt {
namespace {

// How many bytes are read from one turn of a matrix to its next. Where a model speaks that is all of its weights, for
// each token reads every one of them once: whether they can wait in a cache, no single matrix tells.
class Turns {
 public:
  std::uint64_t bytes_between(const void* matrix, std::size_t bytes) {
    if (matrix == marked_) {
      between_ = read_;
      read_ = 0;
    } else if (read_ == 0 || read_ > given_up) {
      marked_ = matrix;
      read_ = 0;
    }
    read_ += bytes;
    return between_;
  }

 private:
  static constexpr std::uint64_t given_up = std::uint64_t{1} << 32;  // the marked matrix won't come again
  const void* marked_ = nullptr;
  std::uint64_t read_ = 0, between_ = 0;  // a page counts in 32 bits, which 4 GB would not fit
};

// More than a processor's last cache can be expected to keep for us; and rows this short end before the processor has
// foreseen that the next are wanted too.
constexpr std::size_t far_bytes = 8 << 20, short_row = 4096;

// Reading B takes longer than the arithmetic: so B is read the way it lies in memory, four rows at a time; and a B that
// won't be in a cache is asked for eight rows before its turn.
template <class Number>
void multiply(const ProductOf<Number>& p, bool ask_ahead) {
  constexpr std::size_t line = 64 / sizeof(Number);  // numbers that come from memory together
  const ViewOf<Number> A(p.trans_a, p.A, p.lda);
  const auto a = [&](std::size_t k) { return p.alpha * to_float(*A.at(0, k)); };
  scale_result(p);
  float* const C = p.C;
  std::size_t k = 0;
  for (; k + 4 <= p.K; k += 4) {
    for (std::size_t row = k + 8; ask_ahead && row < std::min(k + 12, p.K); ++row) {
      for (std::size_t j = 0; j < p.N; j += line)
        __builtin_prefetch(p.B + row * p.ldb + j, /*rw=*/0, /*locality=*/2);
    }
    const float a0 = a(k), a1 = a(k + 1), a2 = a(k + 2), a3 = a(k + 3);
    const Number *b0 = p.B + k * p.ldb, *b1 = b0 + p.ldb, *b2 = b1 + p.ldb, *b3 = b2 + p.ldb;
#pragma omp simd
    for (std::size_t j = 0; j < p.N; ++j)
      C[j] += (a0 * to_float(b0[j]) + a1 * to_float(b1[j])) + (a2 * to_float(b2[j]) + a3 * to_float(b3[j]));
  }
  for (; k < p.K; ++k) {
    const float ak = a(k);
    const Number* b = p.B + k * p.ldb;
#pragma omp simd
    for (std::size_t j = 0; j < p.N; ++j) C[j] += ak * to_float(b[j]);
  }
}

template <class Number>
void share_out_row(const ProductOf<Number>& p) {
  thread_local Turns turns;
  const bool far = turns.bytes_between(p.B, p.K * p.N * sizeof(Number)) > far_bytes;
  share_out(p, plain_grain, [far](const ProductOf<Number>& piece) {
    multiply(piece, far && piece.N * sizeof(Number) <= short_row);
  });
}

}  // namespace

void multiply_row(const Product& p) { share_out_row(p); }
void multiply_row(const ProductOf<BFloat16>& p) { share_out_row(p); }

}  // namespace gpt
