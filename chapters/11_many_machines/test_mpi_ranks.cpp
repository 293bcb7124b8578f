// Ranks as processes: what the other tests of this chapter ask of threads, asked of MPI. ctest starts this program several
// times at once, by mpirun. Nothing here is a REQUIRE: a rank that left early would be waited for.
#include "11_many_machines/mpi_ranks.hpp"

#include "11_many_machines/ring_sum.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

MpiRanks& this_rank() {
  static MpiRanks ranks(/*patience=*/30);
  return ranks;
}

/// What a rank brings: whole numbers, so that sums are exact in whatever order.
std::vector<float> brought_by(std::size_t rank, std::size_t n) {
  std::vector<float> numbers;
  for (std::size_t i = 0; i < n; ++i) numbers.push_back(float((rank + 1) * (i % 1000 + 1)));
  return numbers;
}

std::vector<float> sum_of_all(std::size_t P, std::size_t n) {
  return brought_by(P * (P + 1) / 2 - 1, n);  // 1 + 2 + ... + P times what rank 0 brings
}

/// None, fewer than ranks, not a multiple of them, and more than MPI sends before anybody has asked for it.
const std::vector<std::size_t> sizes{0, 1, 2, 7, 1000, 300'001};

}  // namespace

TEST_CASE("MpiRanks: each passes its numbers on to the next", "[ch11][mpi]") {
  MpiRanks& ranks = this_rank();
  const std::size_t P = ranks.size();
  for (const std::size_t n : sizes) {
    std::vector<float> came(n);
    ranks.pass_on(brought_by(ranks.rank(), n), came);
    CHECK(came == brought_by((ranks.rank() + P - 1) % P, n));
  }
}

TEST_CASE("MpiRanks: a ring adds up what MPI does", "[ch11][mpi]") {
  MpiRanks& ranks = this_rank();
  for (const std::size_t n : sizes) {
    std::vector<float> by_ring = brought_by(ranks.rank(), n), by_mpi = by_ring;
    ring_sum(by_ring, ranks);
    ranks.sum(by_mpi);
    CHECK(by_ring == sum_of_all(ranks.size(), n));
    CHECK(by_mpi == by_ring);
  }
}

TEST_CASE("MpiRanks: sums that were begun together are there together", "[ch11][mpi]") {
  MpiRanks& ranks = this_rank();
  std::vector<std::vector<float>> buckets;
  for (const std::size_t n : sizes) buckets.push_back(brought_by(ranks.rank(), n));
  for (std::vector<float>& bucket : buckets) ranks.begin_sum(bucket);
  ranks.finish_sums();
  for (const std::vector<float>& bucket : buckets) CHECK(bucket == sum_of_all(ranks.size(), bucket.size()));
}

TEST_CASE("MpiRanks: numbers become those of rank 0, and all hear of one number of each", "[ch11][mpi]") {
  MpiRanks& ranks = this_rank();
  for (const std::size_t n : sizes) {
    std::vector<float> numbers = brought_by(ranks.rank(), n);
    ranks.broadcast(numbers);
    CHECK(numbers == brought_by(0, n));
  }
  const std::vector<std::uint64_t> squares = ranks.gather(ranks.rank() * ranks.rank());
  CHECK(squares.size() == ranks.size());
  for (std::size_t r = 0; r < squares.size(); ++r) CHECK(squares[r] == r * r);
}
