#include "10_other_sequences/sort.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("Sort: digits before letters, equals beside each other", "[ch10][sort]") {
  const Sort sort;
  CHECK(sort.right("392817>", "123789"));
  CHECK(sort.right("banana>", "aaabnn"));
  CHECK(sort.right("b2a1>", "12ab"));
  CHECK_FALSE(sort.right("392817>", "123798"));
  CHECK_FALSE(sort.right("392817>", "12378"));
  CHECK_FALSE(sort.right("392817>", "1237899"));
  CHECK(sort.show("ba>", "ab") == "ba>ab");
}

TEST_CASE("Sort: all orders of six symbols are on one side", "[ch10][sort]") {
  const Sort sort;
  CHECK(sort.key({"392817>", "123789"}) == sort.key({"718293>", "123789"}));
  CHECK(sort.key({"392817>", "123789"}) != sort.key({"392818>", "123889"}));
}

TEST_CASE("Sort: learns from six digits or six letters, half of each", "[ch10][sort]") {
  Rng rng(1);
  std::size_t digits = 0;
  for (int i = 0; i < 1000; ++i) {
    const Example e = Sort().example(rng);
    REQUIRE(e.question.size() == 7);
    const bool is_digit = e.question[0] <= '9';
    digits += is_digit;
    for (std::size_t k = 0; k < 6; ++k) CHECK((e.question[k] <= '9') == is_digit);
  }
  CHECK(digits > 430);
  CHECK(digits < 570);
}

TEST_CASE("Sort: says what can be asked", "[ch10][sort]") {
  const Sort sort;
  CHECK(sort.question("392817") == "392817>");
  CHECK(sort.question("a") == "a>");
  CHECK(message_of<std::invalid_argument>([&] { sort.question("Hello"); }) ==
        "expected 1 to " + std::to_string(Sort::most) +
            " digits or small letters, such as 392817, got \"Hello\"");
  CHECK_THROWS_AS(sort.question(std::string(Sort::most + 1, '1')), std::invalid_argument);
  CHECK_THROWS_AS(sort.question("12 34"), std::invalid_argument);
}

}  // namespace
}  // namespace gpt
