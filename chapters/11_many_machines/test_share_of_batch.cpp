#include "11_many_machines/share_of_batch.hpp"

#include <array>
#include <numeric>

#include "11_many_machines/thread_ranks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// B windows of T, each id different.
Batch numbered_batch(std::size_t B, std::size_t T) {
  Batch batch{{B, T, std::vector<int>(B * T)}, {B, T, std::vector<int>(B * T)}};
  std::iota(batch.inputs.ids.begin(), batch.inputs.ids.end(), 0);
  std::iota(batch.targets.ids.begin(), batch.targets.ids.end(), 1000);
  return batch;
}

Batch share(const Batch& whole, std::size_t rank, std::size_t P) {
  Meeting meeting(P);
  return share_of_batch(whole, ThreadRanks(meeting, rank));
}

}  // namespace

TEST_CASE("share_of_batch: the example", "[ch11][share_of_batch]") {
  const Batch mine = share(numbered_batch(4, 3), 1, 2);
  expect(mine.inputs.B != 4, "share_of_batch: rank 1 of 2 got all 4 rows; each rank takes B / P of them");
  expect(mine.inputs.B == 2 && mine.inputs.T == 3,
         "share_of_batch of (4, 3), rank 1 of 2: expected inputs (2, 3), got (" +
             std::to_string(mine.inputs.B) + ", " + std::to_string(mine.inputs.T) + ")");
  expect(mine.inputs.ids != std::vector<int>{0, 1, 2, 3, 4, 5},
         "share_of_batch: rank 1 got rank 0's rows; begin behind the rows of the ranks before");
  expect(mine.inputs.ids != std::vector<int>{3, 4, 5, 9, 10, 11},
         "share_of_batch: rank 1 got every second row; the rows of a rank stand together, r * B / P and on");
  expect_equal("share_of_batch of (4, 3), rank 1 of 2: inputs", mine.inputs.ids, {6, 7, 8, 9, 10, 11});
  expect_equal("share_of_batch of (4, 3), rank 1 of 2: targets", mine.targets.ids,
               {1006, 1007, 1008, 1009, 1010, 1011});
  expect(mine.targets.B == 2 && mine.targets.T == 3,
         "share_of_batch of (4, 3), rank 1 of 2: expected targets (2, 3), got (" +
             std::to_string(mine.targets.B) + ", " + std::to_string(mine.targets.T) + ")");
}

TEST_CASE("share_of_batch: together the parts are the whole", "[ch11][share_of_batch]") {
  for (const auto& [B, T, P] :
       std::vector<std::array<std::size_t, 3>>{{6, 5, 3}, {7, 1, 7}, {8, 11, 2}, {5, 2, 1}}) {
    const Batch whole = numbered_batch(B, T);
    std::vector<int> inputs, targets;
    for (std::size_t rank = 0; rank < P; ++rank) {
      const Batch mine = share(whole, rank, P);
      inputs.insert(inputs.end(), mine.inputs.ids.begin(), mine.inputs.ids.end());
      targets.insert(targets.end(), mine.targets.ids.begin(), mine.targets.ids.end());
    }
    const std::string what = "share_of_batch of (" + std::to_string(B) + ", " + std::to_string(T) + ") on " +
                             std::to_string(P) + " ranks, all parts one behind the other: ";
    expect_equal(what + "inputs", inputs, whole.inputs.ids);
    expect_equal(what + "targets", targets, whole.targets.ids);
  }
}

TEST_CASE("share_of_batch: says what does not divide", "[ch11][share_of_batch]") {
  expect_error(
      "share_of_batch of 5 rows on 2 ranks", [] { share(numbered_batch(5, 3), 0, 2); },
      "a multiple of the number of ranks, got B = 5 and 2 ranks");
}
