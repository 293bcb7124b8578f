#include "common/kernels/median.hpp"

#include "tests/support/catch.hpp"

namespace gpt {
namespace {

TEST_CASE("median: the middle one, whatever the order, and however large one is", "[median]") {
  CHECK(median({7}) == 7);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({1, 1000000, 3, 2, 4}) == 3);
  CHECK(median({4, 1, 3, 2}) == 3);  // the upper of the two in the middle
  CHECK(median({}) == 0);
}

}  // namespace
}  // namespace gpt
