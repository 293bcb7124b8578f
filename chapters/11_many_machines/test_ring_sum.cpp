#include "11_many_machines/ring_sum.hpp"

#include "11_many_machines/thread_ranks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// A ring that counts what this rank sends.
class CountedRanks : public ThreadRanks {
 public:
  using ThreadRanks::ThreadRanks;
  void pass_on(std::span<const float> to_next, std::span<float> from_previous) override {
    sent += to_next.size();
    ++turns;
    ThreadRanks::pass_on(to_next, from_previous);
  }
  void sum(std::span<float>) override {
    throw std::logic_error("ring_sum: this is sum() itself; the exercise is to write it from pass_on()");
  }
  std::size_t sent = 0, turns = 0;
};

std::vector<std::vector<float>> numbers_of(std::size_t P, std::size_t n) {
  std::vector<std::vector<float>> all(P);
  for (std::size_t r = 0; r < P; ++r) {
    for (std::size_t i = 0; i < n; ++i)
      all[r].push_back(float(i + 1) * (r % 2 == 0 ? 1.0f : 10.0f) + float(r));
  }
  return all;
}

std::vector<float> sums_of(const std::vector<std::vector<float>>& all) {
  std::vector<float> sums(all[0].size(), 0.0f);
  for (const std::vector<float>& one : all) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += one[i];
  }
  return sums;
}

}  // namespace

TEST_CASE("ring_sum: the example, three ranks with three numbers", "[ch11][ring_sum]") {
  std::vector<std::vector<float>> numbers{{1, 2, 3}, {10, 20, 30}, {100, 200, 300}};
  on_threads(3, [&](Ranks& ranks) { ring_sum(numbers[ranks.rank()], ranks); });
  for (std::size_t r = 0; r < 3; ++r) {
    const std::string rank = std::to_string(r);
    const std::size_t complete = (r + 1) % 3;
    std::size_t right = 0;
    for (std::size_t i = 0; i < 3; ++i) right += numbers[r][i] == 111.0f * float(i + 1) ? 1 : 0;
    expect(!(right == 1 && numbers[r][complete] == 111.0f * float(complete + 1)),
           "ring_sum: rank " + rank + " has one complete piece, and the others were not handed on");
    expect_close("ring_sum of the example on rank " + rank, Tensor::from({3}, numbers[r]), {111, 222, 333});
  }
}

TEST_CASE("ring_sum: the sum over all ranks, for sizes that no number of ranks divides", "[ch11][ring_sum]") {
  for (const std::size_t P : {2, 3, 4, 7, 1}) {
    for (const std::size_t n : {1, 2, 5, 8, 11, 23}) {
      std::vector<std::vector<float>> numbers = numbers_of(P, n);
      const std::vector<float> sums = sums_of(numbers);
      on_threads(P, [&](Ranks& ranks) { ring_sum(numbers[ranks.rank()], ranks); });
      for (std::size_t r = 0; r < P; ++r) {
        for (std::size_t i = 0; i < n; ++i) {
          expect_close("ring_sum of " + std::to_string(n) + " numbers on " + std::to_string(P) +
                           " ranks: number " + std::to_string(i) + " on rank " + std::to_string(r),
                       numbers[r][i], sums[i], 1e-3f);
        }
      }
    }
  }
}

TEST_CASE("ring_sum: each rank sends 2 (P - 1) / P of its numbers", "[ch11][ring_sum]") {
  for (const std::size_t P : {3, 5, 2}) {
    const std::size_t n = 30;
    std::vector<std::vector<float>> numbers = numbers_of(P, n);
    Meeting meeting(P);
    std::vector<std::size_t> sent(P), turns(P);
    std::vector<std::exception_ptr> errors(P);
    std::vector<std::thread> threads;
    for (std::size_t r = 0; r < P; ++r) {
      threads.emplace_back([&, r] {
        CountedRanks ranks(meeting, r);
        try {
          ring_sum(numbers[r], ranks);
        } catch (...) {
          errors[r] = std::current_exception();
        }
        meeting.spans[r] = {};
        meeting.all_here.arrive_and_drop();
        sent[r] = ranks.sent;
        turns[r] = ranks.turns;
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
    for (std::size_t r = 0; r < P; ++r) {
      const std::string rank = std::to_string(P) + " ranks, rank " + std::to_string(r);
      expect(P == 2 || (sent[r] != 2 * (P - 1) * n && sent[r] != (P - 1) * n),
             "ring_sum, " + rank + ": all numbers were sent in every turn; one piece of P goes at a time");
      expect(sent[r] == 2 * (P - 1) * n / P, "ring_sum, " + rank + ": expected " +
                                                 std::to_string(2 * (P - 1) * n / P) + " numbers sent, got " +
                                                 std::to_string(sent[r]));
      expect(turns[r] == 2 * (P - 1), "ring_sum, " + rank + ": expected " + std::to_string(2 * (P - 1)) +
                                          " turns, got " + std::to_string(turns[r]));
    }
  }
}
