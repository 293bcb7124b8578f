/// @file test_bfloat16.cpp
/// float32 to bfloat16 and back.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

// A float32 by its bits: 1 of sign, 8 of exponent, 23 after the point. The upper 16 are what bfloat16 keeps.
float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint32_t rounded_bits(std::uint32_t bits) { return to_bfloat16(float_of(bits)).bits; }

TEST_CASE("bfloat16: rounds to the nearest, worked out by hand", "[bfloat16]") {
  // Between 1 and 2 there are 128 steps of 1/128 = 0.0078125.
  CHECK(to_float(to_bfloat16(1.0f)) == 1.0f);
  CHECK(to_float(to_bfloat16(1.003f)) == 1.0f);
  CHECK(to_float(to_bfloat16(1.005f)) == 1.0078125f);
  CHECK(to_float(to_bfloat16(-1.005f)) == -1.0078125f);
  // 3.14159 = 402.12 steps of 1/128, but between 2 and 4 a step is 1/64: 201.06 of them.
  CHECK(to_float(to_bfloat16(3.14159f)) == 201.0f / 64);
  CHECK(to_float(to_bfloat16(256.5f)) == 256.0f);  // a step is 2
}

TEST_CASE("bfloat16: a tie goes to the number whose last bit is 0", "[bfloat16]") {
  CHECK(rounded_bits(0x3f808000) == 0x3f80);  // half a step above an even one: down
  CHECK(rounded_bits(0x3f818000) == 0x3f82);  // half a step above an odd one: up
  CHECK(rounded_bits(0x3f807fff) == 0x3f80);
  CHECK(rounded_bits(0x3f808001) == 0x3f81);
  CHECK(rounded_bits(0xbf818000) == 0xbf82);  // negative numbers by the same rule
  CHECK(rounded_bits(0x3fff8000) == 0x4000);  // carried into the exponent: just under 2 becomes 2
}

TEST_CASE("bfloat16: zeros, infinities, and what is too large for a bfloat16", "[bfloat16]") {
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(rounded_bits(0x00000000) == 0x0000);
  CHECK(rounded_bits(0x80000000) == 0x8000);
  CHECK(to_float(to_bfloat16(inf)) == inf);
  CHECK(to_float(to_bfloat16(-inf)) == -inf);
  CHECK(to_float(to_bfloat16(std::numeric_limits<float>::max())) ==
        inf);  // nearer to 2^128 than to the last below
  CHECK(to_float(to_bfloat16(float_of(0x7f7f7fff))) == float_of(0x7f7f0000));
}

TEST_CASE("bfloat16: NaN stays NaN, whichever of its bits make it one", "[bfloat16]") {
  for (const std::uint32_t bits :
       {0x7fc00000u, 0x7f800001u, 0x7fffffffu, 0xffc00000u, 0xff800001u, 0xffffffffu}) {
    INFO(std::hex << bits);
    CHECK(std::isnan(to_float(to_bfloat16(float_of(bits)))));
  }
}

TEST_CASE("bfloat16: denormal numbers are rounded like others", "[bfloat16]") {
  CHECK(rounded_bits(0x00010000) == 0x0001);
  CHECK(rounded_bits(0x00008000) == 0x0000);  // a tie
  CHECK(rounded_bits(0x00018000) == 0x0002);  // a tie
  CHECK(rounded_bits(0x007fffff) == 0x0080);  // the largest becomes the smallest normal number
}

TEST_CASE("bfloat16: every one of the 65536 comes back from float32 as it was", "[bfloat16]") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const BFloat16 x{static_cast<std::uint16_t>(bits)};
    const bool is_nan = (bits & 0x7fff) > 0x7f80;
    if (bits_of(to_float(x)) != bits << 16) ++wrong;
    if (to_bfloat16(to_float(x)).bits != (is_nan ? bits | 0x40 : bits)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("bfloat16: many at once are the same as one by one, with any number of threads", "[bfloat16]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  for (const std::size_t n : {0, 1, 7, 16, 33, 50021}) {
    std::vector<float> from(n);
    std::uint32_t bits = 12345;
    for (float& x : from)
      x = float_of(bits = bits * 1664525u + 1013904223u);  // any bits at all, NaN among them
    std::vector<BFloat16> to(n + 1, BFloat16{0xabcd});
    to_bfloat16(from.data(), n, to.data());
    int wrong = 0;
    for (std::size_t i = 0; i < n; ++i) wrong += to[i].bits != to_bfloat16(from[i]).bits;
    INFO(n);
    CHECK(wrong == 0);
    CHECK(to[n].bits == 0xabcd);
  }
}

}  // namespace
}  // namespace gpt
