#include "10_other_sequences/written_sum.hpp"

#include <cstdint>
#include <string>

#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

TEST_CASE("written: zeros in front, up to the width", "[ch10][written_sum]") {
  expect(written(7, 3) != "7", "written: 7 has one digit still; zeros in front make it three");
  expect(written(7, 3) != "700", "written: the zeros belong in front, 700 is another number");
  expect_equal("written(7, 3)", written(7, 3), "007");
  expect_equal("written(0, 3)", written(0, 3), "000");
  expect_equal("written(417, 3)", written(417, 3), "417");
  expect_equal("written(1998, 3), which is longer", written(1998, 3), "1998");
}

TEST_CASE("written_sum: a digit more than the numbers have, always", "[ch10][written_sum]") {
  const std::string sum = written_sum(417, 385, 3, Digits::forward);
  expect(sum != "802", "written_sum: 802 has three digits; every answer has one more than the numbers, 0802");
  expect(sum != "2080", "written_sum: the digits are reversed, although forward was asked for");
  expect(sum != "792" && sum != "0792", "written_sum: a carry was lost");
  expect_equal("written_sum(417, 385, 3, forward)", sum, "0802");
  expect_equal("written_sum(999, 999, 3, forward)", written_sum(999, 999, 3, Digits::forward), "1998");
  expect_equal("written_sum(1, 2, 4, forward)", written_sum(1, 2, 4, Digits::forward), "00003");
}

TEST_CASE("written_sum: reversed, the ones come first and the zeros last", "[ch10][written_sum]") {
  const std::string sum = written_sum(417, 385, 3, Digits::reversed);
  expect(sum != "0208", "written_sum: zeros were put in front after turning it round; 0802 reversed is 2080");
  expect(sum != "0802", "written_sum: the digits are forward, although reversed was asked for");
  expect(sum != "208", "written_sum: the answer has three digits; the zero of 0802 is lost");
  expect(sum != written(714 + 583, 4), "written_sum: the numbers were reversed before they were added");
  expect_equal("written_sum(417, 385, 3, reversed)", sum, "2080");
  expect_equal("written_sum(5, 7, 3, reversed)", written_sum(5, 7, 3, Digits::reversed), "2100");
}

TEST_CASE("carries: in how many places", "[ch10][written_sum]") {
  expect(carries(417, 385) != 1,
         "carries: in 417 + 385 the tens carry as well, since 1 + 8 and the carry of the ones make 10");
  expect(carries(5, 95) != 1, "carries: a number with no digit left in a place has a 0 there");
  expect(carries(999, 1) != 1, "carries: 999 + 1 carries in each place, one carry makes the next");
  expect_equal("carries(444, 555): 9 is not 10", static_cast<long long>(carries(444, 555)), 0);
  expect_equal("carries(417, 385)", static_cast<long long>(carries(417, 385)), 2);
  expect_equal("carries(123, 456)", static_cast<long long>(carries(123, 456)), 0);
  expect_equal("carries(0, 0)", static_cast<long long>(carries(0, 0)), 0);
  expect_equal("carries(5, 95)", static_cast<long long>(carries(5, 95)), 2);
  expect_equal("carries(999, 1)", static_cast<long long>(carries(999, 1)), 3);
  expect_equal("carries(909, 101)", static_cast<long long>(carries(909, 101)), 2);
}

TEST_CASE("written_sum, carries: of any numbers", "[ch10][written_sum]") {
  const auto digits = [](size_t n) {  // their sum
    size_t sum = 0;
    for (; n > 0; n /= 10) sum += n % 10;
    return sum;
  };
  for (const std::uint64_t seed : {1, 2}) {
    Rng rng(seed);
    for (const size_t width : {1, 3, 11}) {
      size_t below = 1;
      for (size_t i = 0; i < width; ++i) below *= 10;
      for (int trial = 0; trial < 30; ++trial) {
        const size_t a = rng.below(below), b = rng.below(trial % 3 == 0 ? 10 : below);
        std::string expected =
            std::to_string(below * 10 + a + b).substr(1);  // the 1 in front keeps the zeros
        const std::string what = std::to_string(a) + " + " + std::to_string(b);
        expect_equal("written_sum of " + what, written_sum(a, b, width, Digits::forward), expected);
        expected = std::string(expected.rbegin(), expected.rend());
        expect_equal("written_sum of " + what + ", reversed", written_sum(a, b, width, Digits::reversed),
                     expected);
        // A carry takes 10 out of a place and puts 1 into the next: the digits of the sum have 9 less.
        expect_equal("carries of " + what, static_cast<long long>(carries(a, b)),
                     static_cast<long long>((digits(a) + digits(b) - digits(a + b)) / 9));
      }
    }
  }
}
