/// @file stored.hpp
/// Products of a single row with a matrix as it is stored: float32, two formats of 16 bits, or whole numbers of 8 bits with
/// a scale for each row. A model that speaks does little else, and waits for memory: fewer bytes are less waiting.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gpt {

/// How a number lies in memory.
enum class NumberType { float32, float16, bfloat16, int8 };

/// Bytes of one.
constexpr std::size_t bytes_of(NumberType type) {
  return type == NumberType::float32 ? 4 : type == NumberType::int8 ? 1 : 2;
}

/// A matrix of somebody else's memory, row after row.
struct StoredMatrix {
  NumberType type = NumberType::float32;  ///< of each number
  const void* numbers = nullptr;          ///< rows * columns of them
  std::size_t rows = 0;                   ///< how many
  std::size_t columns = 0;                ///< numbers in each
  const float* scales = nullptr;          ///< of int8: what each row's numbers are to be multiplied by
};

/// y = x W, with x (rows) and y (columns).
/// @throws std::invalid_argument if W is int8, whose scales belong to rows
void row_times(const float* x, const StoredMatrix& W, float* y);

/// y = W x, with x (columns) and y (rows). With int8, x is rounded to 8 bits too, with a scale for each 64 numbers.
void times_column(const StoredMatrix& W, const float* x, float* y);

/// Numbers first to first + n - 1 of a matrix, counted row by row, as float32.
void widen(const StoredMatrix& W, std::size_t first, std::size_t n, float* to);

/// The larger of a size and of x without its sign; NaN if either is.
inline float larger(float size, float x) {
  // As whole numbers, the bits of sizes are in the order of the sizes, and those of NaN above all.
  const auto bits = [](float f) { return std::bit_cast<std::uint32_t>(f); };
  return std::bit_cast<float>(std::max(bits(size), bits(x) & 0x7fffffffu));
}
/// Rounds a row to 8 bits: the largest becomes 127 or -127. @returns the scale, 0 for a row of zeros; infinite or NaN, as
/// the largest is, so that what is broken stays so
float to_int8(const float* row, std::size_t n, std::int8_t* to);
/// The same for n numbers of which each lies `step` behind the one before it, where the largest is known.
float to_int8(const float* numbers, std::size_t n, std::size_t step, float largest, std::int8_t* to);

/// Bytes a second that the threads together read from memory, measured.
/// @param megabytes should be much more than fits into the caches
double memory_bandwidth(std::size_t megabytes);

}  // namespace gpt
