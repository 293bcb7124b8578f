/// @file test_stored.cpp
/// Products with matrices as they are stored, against plain loops over the same numbers widened.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/parallel.hpp"
#include "common/kernels/stored.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

float some(std::size_t i) {
  return std::sin(static_cast<float>(i * 37 % 1009)) * (i % 11 == 0 ? 3.0f : 0.5f);
}

/// A matrix and where it lies.
struct Example {
  std::vector<unsigned char> bytes;
  std::vector<float> scales, values;  // values: widened
  StoredMatrix matrix;
};

Example example(NumberType type, std::size_t rows, std::size_t columns) {
  const std::size_t n = rows * columns;
  Example e{std::vector<unsigned char>(n * bytes_of(type) + 1),
            std::vector<float>(rows),
            std::vector<float>(n),
            {}};
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<float> row(columns);
    for (std::size_t c = 0; c < columns; ++c) row[c] = some(r * columns + c);
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t i = r * columns + c;
      std::uint16_t bits = to_bfloat16(row[c]).bits;
      if (type == NumberType::float16) bits = static_cast<std::uint16_t>(i * 31 % 0x7bff | (i % 2) << 15);
      if (type == NumberType::float32) std::memcpy(&e.bytes[4 * i], &row[c], 4);
      if (bytes_of(type) == 2) std::memcpy(&e.bytes[2 * i], &bits, 2);
    }
    if (type == NumberType::int8)
      e.scales[r] = to_int8(row.data(), columns, reinterpret_cast<std::int8_t*>(&e.bytes[r * columns]));
  }
  e.matrix = {type, e.bytes.data(), rows, columns, type == NumberType::int8 ? e.scales.data() : nullptr};
  widen(e.matrix, 0, n, e.values.data());
  return e;
}

const std::vector<std::pair<std::size_t, std::size_t>> sizes{{1, 1},    {3, 5},     {8, 64},
                                                             {17, 129}, {300, 700}, {771, 65}};

TEST_CASE("stored: both products are their definition, whatever the type", "[stored]") {
  for (const NumberType type : {NumberType::float32, NumberType::float16, NumberType::bfloat16}) {
    for (const auto& [rows, columns] : sizes) {
      const Example e = example(type, rows, columns);
      std::vector<float> x(std::max(rows, columns)), y(columns), z(rows);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = some(i + 5);
      for (const std::size_t n : {std::size_t{1}, std::size_t{3}}) {
        const WithThreads with(n);
        row_times(x.data(), e.matrix, y.data());
        times_column(e.matrix, x.data(), z.data());
        for (std::size_t c = 0; c < columns; ++c) {
          double sum = 0, size = 0;
          for (std::size_t r = 0; r < rows; ++r) {
            sum += static_cast<double>(x[r]) * e.values[r * columns + c];
            size += std::fabs(static_cast<double>(x[r]) * e.values[r * columns + c]);
          }
          REQUIRE(std::fabs(y[c] - sum) <= 1e-6 * size + 1e-30);
        }
        for (std::size_t r = 0; r < rows; ++r) {
          double sum = 0, size = 0;
          for (std::size_t c = 0; c < columns; ++c) {
            sum += static_cast<double>(x[c]) * e.values[r * columns + c];
            size += std::fabs(static_cast<double>(x[c]) * e.values[r * columns + c]);
          }
          REQUIRE(std::fabs(z[r] - sum) <= 1e-6 * size + 1e-30);
        }
      }
    }
  }
}

TEST_CASE("stored: every float16 is what IEEE 754 says", "[stored]") {
  std::vector<std::uint16_t> bits(1 << 16);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint16_t>(i);
  std::vector<float> values(bits.size());
  widen({NumberType::float16, bits.data(), 1, bits.size(), nullptr}, 0, bits.size(), values.data());
  std::size_t right = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const int exponent = static_cast<int>(i >> 10 & 31), fraction = static_cast<int>(i & 1023);
    const float sign = i >> 15 != 0 ? -1.0f : 1.0f;
    if (exponent == 31) {
      right += fraction == 0 ? values[i] == sign * INFINITY : std::isnan(values[i]);
    } else {
      const float size = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                       : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
      right += values[i] == sign * size;
    }
  }
  CHECK(right == bits.size());
}

TEST_CASE("stored: 8 bits are off by half a step at most, and zeros stay", "[stored]") {
  const std::vector<float> row{0.5f, -2.0f, 1.0f, 0.0f, 1.999f};
  std::int8_t rounded[5];
  const float scale = to_int8(row.data(), 5, rounded);
  CHECK(scale == 2.0f / 127);
  CHECK(rounded[1] == -127);
  CHECK(rounded[3] == 0);
  for (std::size_t i = 0; i < 5; ++i) CHECK(std::fabs(rounded[i] * scale - row[i]) <= 0.5f * scale + 1e-7f);
  const std::vector<float> apart{0.5f, 9,    -2.0f, 9,     1.0f,
                                 9,    0.0f, 9,     1.999f};  // the same with others between
  std::int8_t again[5];
  CHECK(to_int8(apart.data(), 5, /*step=*/2, /*largest=*/2.0f, again) == scale);
  CHECK(std::equal(rounded, rounded + 5, again));
  const float zeros[2] = {0, 0};
  CHECK(to_int8(zeros, 2, rounded) == 0);
}

TEST_CASE("stored: what is infinite or NaN is so in 8 bits, too", "[stored]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  std::int8_t rounded[3];
  for (const auto& row :
       {std::array{nan, 1.0f, 2.0f}, std::array{1.0f, nan, 2.0f}, std::array{1.0f, 2.0f, nan}})
    CHECK(std::isnan(to_int8(row.data(), 3, rounded)));
  CHECK(to_int8(std::array{1.0f, -inf, 2.0f}.data(), 3, rounded) == inf);
  const std::vector<std::int8_t> numbers{1, 2, 3, 4};
  const std::vector<float> scales{1, 1};
  const StoredMatrix W{NumberType::int8, numbers.data(), 2, 2, scales.data()};
  float y[2];
  times_column(W, std::array{nan, 1.0f}.data(), y);
  CHECK(std::isnan(y[0]));
  CHECK_THROWS_AS(row_times(y, W, y), std::invalid_argument);
}

TEST_CASE("stored: a product in 8 bits is that of the rounded numbers", "[stored]") {
  for (const auto& [rows, columns] : sizes) {
    const Example e = example(NumberType::int8, rows, columns);
    std::vector<float> x(columns), z(rows), rounded_x(columns);
    for (std::size_t i = 0; i < columns; ++i) x[i] = some(3 * i + 1) * (i % 100 == 7 ? 100.0f : 1.0f);
    for (std::size_t first = 0; first < columns; first += 64) {  // by hand, 64 at a time
      const std::size_t n = std::min<std::size_t>(64, columns - first);
      std::int8_t numbers[64];
      const float scale = to_int8(&x[first], n, numbers);
      for (std::size_t i = 0; i < n; ++i) rounded_x[first + i] = scale * numbers[i];
    }
    times_column(e.matrix, x.data(), z.data());
    for (std::size_t r = 0; r < rows; ++r) {
      double sum = 0, size = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        sum += static_cast<double>(rounded_x[c]) * e.values[r * columns + c];
        size += std::fabs(static_cast<double>(rounded_x[c]) * e.values[r * columns + c]);
      }
      REQUIRE(std::fabs(z[r] - sum) <= 2e-6 * size + 1e-30);
    }
  }
}

}  // namespace
}  // namespace gpt
