#include "11_many_machines/thread_ranks.hpp"

#include <algorithm>
#include <mutex>

#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

/// Numbers that are others as soon as they are left.
struct Left {
  std::vector<float>& numbers;
  ~Left() { std::ranges::fill(numbers, -1.0f); }
};

}  // namespace

TEST_CASE("ThreadRanks: who throws stays until the others have read what it has brought", "[ch11]") {
  const std::size_t n = 2'000'000;
  std::vector<std::vector<float>> mine(3, std::vector<float>(n, 1.0f)), came(3, std::vector<float>(n));
  came[0].resize(n + 1);  // more than rank 2 brings
  const auto pass_on = [&] {
    on_threads(3, [&](Ranks& ranks) {
      const Left left{mine[ranks.rank()]};
      ranks.pass_on(mine[ranks.rank()], came[ranks.rank()]);
    });
  };
  CHECK_THROWS_AS(pass_on(), std::logic_error);
  for (const std::size_t r : {1, 2}) CHECK(std::ranges::count(came[r], 1.0f) == std::ptrdiff_t(n));
}

TEST_CASE("ThreadRanks: a sum of unlike numbers of numbers is none, and whose they are is said", "[ch11]") {
  std::size_t refused = 0;
  std::mutex mutex;
  on_threads(3, [&](Ranks& ranks) {
    std::vector<float> numbers(ranks.rank() == 2 ? 4 : 3, 1.0f);
    try {
      ranks.sum(numbers);
    } catch (const std::logic_error&) {
      const std::lock_guard lock(mutex);
      ++refused;
    }
    if (std::ranges::count(numbers, 1.0f) != std::ptrdiff_t(numbers.size()))
      throw std::runtime_error("half a sum");
    numbers.resize(3);
    ranks.sum(numbers);  // and they go on together
    if (numbers != std::vector<float>{3, 3, 3}) throw std::runtime_error("another sum");
  });
  CHECK(refused == 3);
}
