#include "common/kernels/stored.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#ifdef __AVX512VNNI__
#include <immintrin.h>
#endif

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/parallel.hpp"

namespace gpt {
namespace {

/// A number of 16 bits by IEEE 754: 1 of sign, 5 of exponent, 10 after the point.
struct Float16 {
  std::uint16_t bits;
};

using gpt::to_float;  // of the other types

// Moved to where a float32 has exponent and fraction, the number is 2^112 times too small, also where it has no leading 1.
inline float to_float(Float16 x) {
  const auto sign = static_cast<std::uint32_t>(x.bits & 0x8000u) << 16,
             rest = static_cast<std::uint32_t>(x.bits & 0x7fffu);
  const float size = std::bit_cast<float>(rest << 13) * 0x1p112f;
  const std::uint32_t all = rest >= 0x7c00u ? 0x7f800000u | rest << 13 : std::bit_cast<std::uint32_t>(size);
  return std::bit_cast<float>(sign | all);
}

constexpr std::size_t lanes = 16;       // sums side by side, so that they need not wait for each other
constexpr std::size_t grain = 1 << 16;  // bytes of a matrix that are worth a thread

/// Calls f(begin, end) for ranges of rows, on as many threads as the bytes are worth.
template <class F>
void by_rows(const StoredMatrix& W, const F& f) {
  const std::size_t bytes = std::max<std::size_t>(1, W.columns * bytes_of(W.type));
  parallel_for(W.rows, 1 + grain / bytes, f);
}

template <class Number>
void times_column(const Number* W, std::size_t rows, std::size_t columns, const float* x, float* y) {
  for (std::size_t r = 0; r < rows; ++r) {
    const Number* row = W + r * columns;
    float sums[4 * lanes] = {};
    std::size_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes) {
#pragma omp simd
      for (std::size_t i = 0; i < 4 * lanes; ++i) sums[i] += x[c + i] * to_float(row[c + i]);
    }
    // In halves: one after the other, 64 sums would take longer than the row does to come.
    for (std::size_t half = 2 * lanes; half > 0; half /= 2) {
#pragma omp simd
      for (std::size_t i = 0; i < half; ++i) sums[i] += sums[half + i];
    }
    float sum = sums[0];
    for (; c < columns; ++c) sum += x[c] * to_float(row[c]);
    y[r] = sum;
  }
}

// One row after the other, as they lie in memory: y stays in the nearest cache, and a processor that sees a single stream
// of bytes asks for the next ones before they are wanted. Of four or eight rows at a time it doesn't. Blocks of a size that
// is known are what compilers turn into the shortest loops.
template <class Number>
void add_rows(const float* x, const Number* W, std::size_t rows, std::size_t columns, float* y) {
  for (std::size_t r = 0; r < rows; ++r) {
    const Number* row = W + r * columns;
    const float a = x[r];
    std::size_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes) {
#pragma omp simd
      for (std::size_t i = c; i < c + 4 * lanes; ++i) y[i] += a * to_float(row[i]);
    }
    for (; c < columns; ++c) y[c] += a * to_float(row[c]);
  }
}

template <class Number>
void row_times(const float* x, const StoredMatrix& W, float* y) {
  const auto* const numbers = static_cast<const Number*>(W.numbers);
  // Each thread has rows of its own, which lie one after the other, and sums of its own, which are added up in order.
  const std::size_t bytes = std::max<std::size_t>(1, W.rows * W.columns * sizeof(Number));
  const std::size_t count = std::min(pieces(W.rows, 1), std::max<std::size_t>(1, bytes / grain));
  std::vector<float> sums(count * W.columns);
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t piece = begin; piece < end; ++piece) {
      const std::size_t first = W.rows * piece / count, last = W.rows * (piece + 1) / count;
      add_rows(x + first, numbers + first * W.columns, last - first, W.columns, &sums[piece * W.columns]);
    }
  });
  std::copy_n(sums.begin(), W.columns, y);
  for (std::size_t piece = 1; piece < count; ++piece) {
    for (std::size_t c = 0; c < W.columns; ++c) y[c] += sums[piece * W.columns + c];
  }
}

// --- 8 bits ---

constexpr std::size_t block =
    64;  // numbers of x with a scale of their own: the width of the largest register

/// x in blocks of 8 bits. Single channels of GPT-2 are a hundred times as large as others: one scale for all of x would
/// round those others away.
struct Rounded {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};

Rounded rounded(const float* x, std::size_t n) {
  Rounded r{std::vector<std::int8_t>((n + block - 1) / block * block), {}};
  for (std::size_t first = 0; first < n; first += block)
    r.scales.push_back(to_int8(x + first, std::min(block, n - first), &r.numbers[first]));
  return r;
}

float dot_int8(const std::int8_t* w, std::size_t n, const Rounded& x) {
  float total = 0;
  std::size_t first = 0;
#ifdef __AVX512VNNI__
  // The instruction multiplies numbers without a sign by numbers with one: so the weight's sign goes to x.
  __m512 sums = _mm512_setzero_ps();
  for (; first + block <= n; first += block) {
    const __m512i weights = _mm512_loadu_si512(w + first), numbers = _mm512_loadu_si512(&x.numbers[first]);
    const __mmask64 negative = _mm512_movepi8_mask(weights);
    const __m512i signed_x = _mm512_mask_sub_epi8(numbers, negative, _mm512_setzero_si512(), numbers);
    const __m512i products = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_abs_epi8(weights), signed_x);
    sums = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), _mm512_set1_ps(x.scales[first / block]), sums);
  }
  total = _mm512_reduce_add_ps(sums);
#endif
  for (; first < n; first += block) {
    std::int32_t sum = 0;
    for (std::size_t i = first; i < std::min(first + block, n); ++i)
      sum += static_cast<std::int32_t>(w[i]) * x.numbers[i];
    total += static_cast<float>(sum) * x.scales[first / block];
  }
  return total;
}

}  // namespace

float to_int8(const float* numbers, std::size_t n, std::size_t step, float largest, std::int8_t* to) {
  if (!(largest > 0) || !std::isfinite(largest)) {
    std::fill_n(to, n, std::int8_t{0});
    return largest;
  }
  const float inverse = 127 / largest;
  for (std::size_t i = 0; i < n; ++i)
    to[i] = static_cast<std::int8_t>(std::lrintf(std::clamp(numbers[i * step] * inverse, -127.0f, 127.0f)));
  return largest / 127;
}

float to_int8(const float* row, std::size_t n, std::int8_t* to) {
  float largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = larger(largest, row[i]);
  return to_int8(row, n, /*step=*/1, largest, to);
}

void row_times(const float* x, const StoredMatrix& W, float* y) {
  switch (W.type) {
    case NumberType::float32:
      return row_times<float>(x, W, y);
    case NumberType::float16:
      return row_times<Float16>(x, W, y);
    case NumberType::bfloat16:
      return row_times<BFloat16>(x, W, y);
    case NumberType::int8:
      throw std::invalid_argument("row_times: expected numbers of 16 or 32 bits, got int8");
  }
}

void times_column(const StoredMatrix& W, const float* x, float* y) {
  if (W.type == NumberType::int8) {
    const Rounded r = rounded(x, W.columns);
    const auto* const numbers = static_cast<const std::int8_t*>(W.numbers);
    return by_rows(W, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row)
        y[row] = W.scales[row] * dot_int8(numbers + row * W.columns, W.columns, r);
    });
  }
  by_rows(W, [&](std::size_t begin, std::size_t end) {
    const auto rows = [&](const auto* numbers) {
      times_column(numbers + begin * W.columns, end - begin, W.columns, x, y + begin);
    };
    if (W.type == NumberType::float32) rows(static_cast<const float*>(W.numbers));
    if (W.type == NumberType::float16) rows(static_cast<const Float16*>(W.numbers));
    if (W.type == NumberType::bfloat16) rows(static_cast<const BFloat16*>(W.numbers));
  });
}

void widen(const StoredMatrix& W, std::size_t first, std::size_t n, float* to) {
  parallel_for(n, plain_grain, [&](std::size_t begin, std::size_t end) {
    const auto all = [&](const auto* numbers) {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) to[i] = to_float(numbers[first + i]);
    };
    if (W.type == NumberType::float32) all(static_cast<const float*>(W.numbers));
    if (W.type == NumberType::float16) all(static_cast<const Float16*>(W.numbers));
    if (W.type == NumberType::bfloat16) all(static_cast<const BFloat16*>(W.numbers));
    if (W.type == NumberType::int8) {
      for (std::size_t i = begin; i < end; ++i) {
        to[i] = W.scales[(first + i) / W.columns] *
                static_cast<float>(static_cast<const std::int8_t*>(W.numbers)[first + i]);
      }
    }
  });
}

double memory_bandwidth(std::size_t megabytes) {
  constexpr std::size_t page = std::size_t{2} << 20;  // large, as those of the weights are
  const std::size_t n = std::max<std::size_t>(1, megabytes / 2) * page / sizeof(float);
  const std::unique_ptr<float, decltype(&std::free)> numbers(
      static_cast<float*>(std::aligned_alloc(page, n * sizeof(float))), &std::free);
  if (numbers == nullptr) throw std::bad_alloc();
#ifdef __linux__
  ::madvise(numbers.get(), n * sizeof(float), MADV_HUGEPAGE);
#endif
  std::fill_n(numbers.get(), n, 1.0f);
  const std::vector<float> x(1024, 1.0f);
  std::vector<float> y(n / 1024);
  const StoredMatrix W{NumberType::float32, numbers.get(), n / 1024, 1024, nullptr};
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    times_column(W, x.data(), y.data());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, static_cast<double>(n * sizeof(float)) / seconds);
  }
  return best;
}

}  // namespace gpt
