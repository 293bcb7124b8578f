/// @file thread_ranks.hpp
/// Chapter 11. Ranks as threads of one process: what is written for many machines can be tried, and tested, without any.
#pragma once

#include <algorithm>
#include <barrier>
#include <exception>
#include <functional>
#include <stdexcept>
#include <thread>

#include "11_many_machines/ranks.hpp"

namespace gpt {

/// What P threads share.
struct Meeting {
  /// @param P how many will come
  explicit Meeting(size_t P) : spans(P), numbers(P), all_here(std::ptrdiff_t(P)) {}

  std::vector<std::span<const float>> spans;  ///< what each rank has brought
  std::vector<std::uint64_t> numbers;         ///< the same for gather()
  std::barrier<> all_here;                    ///< nobody goes on before all have come
  size_t messages = 0;                        ///< how many there were, counted by rank 0
};

/// One of P threads. Numbers are added in the order of the ranks, so that sums are the same on all of them.
class ThreadRanks : public Ranks {
 public:
  /// @param meeting where it meets the others; must outlive this
  /// @param rank    which of them this is
  ThreadRanks(Meeting& meeting, size_t rank) : meeting_(meeting), rank_(rank) {}

  size_t rank() const override { return rank_; }
  size_t size() const override { return meeting_.spans.size(); }

  void sum(std::span<float> numbers) override {
    std::vector<float> total(numbers.size(), 0.0f);
    {
      const Reading all_read = bring(numbers);
      for (size_t r = 0; r < size(); ++r) {
        const std::span<const float> part = brought_by(r, numbers.size());
        for (size_t i = 0; i < total.size(); ++i) total[i] += part[i];
      }
    }  // all have read: now the numbers may change
    std::copy(total.begin(), total.end(), numbers.begin());
  }
  void begin_sum(std::span<float> numbers) override { begun_.push_back(numbers); }
  void finish_sums() override {
    for (const std::span<float> numbers : begun_) sum(numbers);
    begun_.clear();
  }
  void broadcast(std::span<float> numbers) override { exchange(numbers, numbers, /*from=*/0); }
  void pass_on(std::span<const float> to_next, std::span<float> from_previous) override {
    exchange(to_next, from_previous, (rank_ + size() - 1) % size());
  }
  std::vector<std::uint64_t> gather(std::uint64_t number) override {
    meeting_.numbers[rank_] = number;
    const Reading all_read(meeting_);
    return meeting_.numbers;
  }

 private:
  /// From when all have brought theirs until all have read it: who throws meanwhile waits too, before what it has
  /// brought is gone.
  class Reading {
   public:
    explicit Reading(Meeting& meeting) : meeting_(meeting) { meeting_.all_here.arrive_and_wait(); }
    ~Reading() { meeting_.all_here.arrive_and_wait(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Meeting& meeting_;
  };

  Reading bring(std::span<const float> numbers) {
    meeting_.spans[rank_] = numbers;
    if (rank_ == 0) ++meeting_.messages;
    return Reading(meeting_);
  }
  void exchange(std::span<const float> mine, std::span<float> numbers, size_t from) {
    std::vector<float> copy(numbers.size());
    {
      const Reading all_read = bring(mine);
      const std::span<const float> theirs = brought_by(from, numbers.size());
      std::copy(theirs.begin(), theirs.end(), copy.begin());
    }
    std::copy(copy.begin(), copy.end(), numbers.begin());
  }
  std::span<const float> brought_by(size_t r, size_t expected) const {
    if (meeting_.spans[r].size() != expected) {
      throw std::logic_error("rank " + std::to_string(rank_) + " expected " + std::to_string(expected) +
                             " numbers from rank " + std::to_string(r) + ", which brought " +
                             std::to_string(meeting_.spans[r].size()));
    }
    return meeting_.spans[r];
  }

  Meeting& meeting_;
  size_t rank_;
  std::vector<std::span<float>> begun_;
};

/// Runs body(ranks) on P threads, each as one rank, and waits for all. What one throws is thrown on when all have ended.
/// @returns how many messages there were
inline size_t on_threads(size_t P, const std::function<void(Ranks&)>& body) {
  Meeting meeting(P);
  std::vector<std::exception_ptr> errors(P);
  std::vector<std::thread> threads;
  for (size_t r = 0; r < P; ++r) {
    threads.emplace_back([&, r] {
      ThreadRanks ranks(meeting, r);
      try {
        body(ranks);
      } catch (...) {
        errors[r] = std::current_exception();
      }
      meeting.spans[r] = {};
      meeting.all_here.arrive_and_drop();  // who waits for this rank waits no longer
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return meeting.messages;
}

}  // namespace gpt
