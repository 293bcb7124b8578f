/// @file mpi_ranks.hpp
/// Chapter 11. Ranks as the processes that mpirun has started, on this machine or on many.
#pragma once

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <list>
#include <stdexcept>
#include <thread>

#include "11_many_machines/ranks.hpp"

namespace gpt {

/// The ranks of MPI (Message Passing Interface Forum 2021, "MPI: A Message-Passing Interface Standard", version
/// 4.0). Without mpirun there is one. Only rank 0 may print: what the others write to standard output goes nowhere.
///
/// No wait is for ever, but for the last one: whoever does not answer in time is named, and all others end. Those who
/// are done let rank 0 speak as long as it likes.
class MpiRanks : public Ranks {
 public:
  /// @param patience seconds after which a rank that does not answer counts as lost
  explicit MpiRanks(double patience) : patience_(patience) {
    // Open MPI's own choice for sums in place is a tree: each rank waits while the other sends, twice as long.
    setenv("OMPI_MCA_coll_libnbc_iallreduce_algorithm", "ring", 0);
    int given = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    int rank = 0, size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    rank_ = size_t(rank);
    size_ = size_t(size);
    hosts_.resize(size_ * MPI_MAX_PROCESSOR_NAME);
    int length = 0;
    MPI_Get_processor_name(&hosts_[rank_ * MPI_MAX_PROCESSOR_NAME], &length);
    MPI_Request request;
    MPI_Iallgather(MPI_IN_PLACE, 0, MPI_CHAR, hosts_.data(), MPI_MAX_PROCESSOR_NAME, MPI_CHAR, MPI_COMM_WORLD,
                   &request);
    wait(request);  // the first that they hear of each other: here a network shows that lets nothing through
    if (rank_ > 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
  }
  ~MpiRanks() override {
    // Whoever ends by an error that the others have not, must not wait for them.
    if (std::uncaught_exceptions() == 0 || ended_alike_ || size_ == 1) MPI_Finalize();
    // As soon as one rank ends with an error, mpirun ends all: let the one that says why be the first.
    if (another_says_why_) std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  size_t rank() const override { return rank_; }
  size_t size() const override { return size_; }

  //! [sum]
  void sum(std::span<float> numbers) override {
    begin_sum(numbers);
    finish_sums();
  }
  void begin_sum(std::span<float> numbers) override {
    MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), int(numbers.size()), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD,
                   &under_way_.emplace_back());
  }
  //! [sum]
  void finish_sums() override {
    for (MPI_Request& request : under_way_) wait(request);
    under_way_.clear();
  }

  /// Waits ten times as long as others: rank 0 may be at work, on the losses that it sends or on a file.
  void broadcast(std::span<float> numbers) override {
    MPI_Request request;
    MPI_Ibcast(numbers.data(), int(numbers.size()), MPI_FLOAT, 0, MPI_COMM_WORLD, &request);
    wait(request, 10 * patience_);
  }

  void pass_on(std::span<const float> to_next, std::span<float> from_previous) override {
    const int next = int((rank_ + 1) % size_), previous = int((rank_ + size_ - 1) % size_);
    MPI_Request received, sent;
    MPI_Irecv(from_previous.data(), int(from_previous.size()), MPI_FLOAT, previous, 0, MPI_COMM_WORLD,
              &received);
    MPI_Isend(to_next.data(), int(to_next.size()), MPI_FLOAT, next, 0, MPI_COMM_WORLD, &sent);
    wait(received);
    wait(sent);
  }

  std::vector<std::uint64_t> gather(std::uint64_t number) override {
    std::vector<std::uint64_t> all(size_);
    MPI_Request request;
    MPI_Iallgather(&number, 1, MPI_UINT64_T, all.data(), 1, MPI_UINT64_T, MPI_COMM_WORLD, &request);
    wait(request);
    return all;
  }

  /// "rank 1 on HOST", or "rank 1" before it has told where it is.
  std::string name(size_t rank) const {
    const std::string host = &hosts_[rank * MPI_MAX_PROCESSOR_NAME];
    return "rank " + std::to_string(rank) + (host.empty() ? "" : " on " + host);
  }

  /// How many of the ranks are on this machine.
  size_t neighbours() const {
    const std::string here = &hosts_[rank_ * MPI_MAX_PROCESSOR_NAME];
    size_t n = 0;
    for (size_t r = 0; r < size_; ++r) n += &hosts_[r * MPI_MAX_PROCESSOR_NAME] == here ? 1 : 0;
    return n;
  }

  /// Is told once the command line has been read.
  void set_patience(double seconds) { patience_ = seconds; }

  /// To be told before an end that all ranks come to alike, by an exception.
  void all_end() { ended_alike_ = true; }

  /// Does what may fail on one machine and not on another, such as opening a file: if it fails anywhere, all end, and
  /// the first that it failed on says why.
  void alike(const std::function<void()>& body) {
    std::exception_ptr error;
    try {
      body();
    } catch (...) {
      error = std::current_exception();
    }
    const std::vector<std::uint64_t> failed = gather(error ? 1 : 0);
    const auto first = std::find(failed.begin(), failed.end(), 1);
    if (first == failed.end()) return;
    ended_alike_ = true;
    if (first - failed.begin() != std::ptrdiff_t(rank_)) {
      another_says_why_ = true;
      if (std::freopen("/dev/null", "w", stderr) == nullptr) std::fclose(stderr);
      if (!error) throw std::runtime_error("another rank has failed");
    } else if (rank_ > 0) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& cause) {
        throw std::runtime_error(name(rank_) + ": " + cause.what());
      }
    }
    std::rethrow_exception(error);
  }

  /// @throws std::runtime_error unless something, as bytes, is the same on all ranks
  void require_same(const std::string& what, const std::string& bytes) {
    std::uint64_t hash = 14695981039346656037u;  // FNV-1a (Fowler, Noll and Vo 1991)
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
    const std::vector<std::uint64_t> all = gather(hash);
    alike([&] {
      for (size_t r = 0; r < size_; ++r) {
        if (all[r] == all[0]) continue;
        throw std::runtime_error(name(r) + " has another " + what + " than " + name(0) +
                                 ": all ranks need the same");
      }
    });
  }

  /// Ends all ranks at once, since this one cannot go on and the others would wait for it.
  [[noreturn]] void abandon(const std::string& why) const {
    std::fprintf(stderr, "%s: %s\n", name(rank_).c_str(), why.c_str());
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, 1);
    std::_Exit(1);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void wait(MPI_Request& request) { wait(request, patience_); }

  void wait(MPI_Request& request, double patience) {
    const Clock::time_point start = Clock::now();
    for (size_t round = 0;; ++round) {
      int done = 0;
      MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (done) return;
      if (round % 1024 != 1023) continue;
      const double waited = std::chrono::duration<double>(Clock::now() - start).count();
      if (waited > patience) abandon(silent_ranks(patience));
      // Who waits long lets others have the core; who waits a moment is quicker so.
      if (waited > 1e-3) std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

  /// Every rank that still runs has lost its patience at about the same time, and says so to all others: those that
  /// are not heard of within some seconds are the ones that all wait for.
  std::string silent_ranks(double patience) const {
    constexpr int tag = 1;
    char here = 1;
    std::vector<char> heard(size_, 0);
    std::vector<MPI_Request> requests(2 * size_);
    for (size_t r = 0; r < size_; ++r) {
      MPI_Irecv(&heard[r], 1, MPI_CHAR, int(r), tag, MPI_COMM_WORLD, &requests[r]);
      MPI_Isend(&here, 1, MPI_CHAR, int(r), tag, MPI_COMM_WORLD, &requests[size_ + r]);
    }
    const Clock::time_point start = Clock::now();
    while (Clock::now() - start < std::chrono::seconds(3)) {
      int done = 0;
      MPI_Testall(int(size_), requests.data(), &done, MPI_STATUSES_IGNORE);
      if (done) break;
    }
    std::string silent;
    size_t first_heard = size_;
    for (size_t r = size_; r-- > 0;) {
      if (heard[r])
        first_heard = r;
      else
        silent = name(r) + (silent.empty() ? "" : ", " + silent);
    }
    if (first_heard != rank_) {  // one says it for all; if it is gone meanwhile, the next
      std::this_thread::sleep_for(std::chrono::seconds(2));
    }
    std::string seconds = std::to_string(patience);
    seconds.resize(seconds.find('.') + 2);
    return "no answer from " + (silent.empty() ? "the others" : silent) + " within " + seconds +
           " seconds, so this run ends. What --save has written is whole: go on from it with --load";
  }

  double patience_;
  size_t rank_ = 0, size_ = 1;
  std::vector<char> hosts_;  // names of equal room, one for each rank
  std::list<MPI_Request> under_way_;
  bool ended_alike_ = false, another_says_why_ = false;
};

}  // namespace gpt
