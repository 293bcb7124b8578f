/// @file parallel.hpp
/// One loop, shared among threads where that pays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gpt {

/// How many threads the library uses; at first usable_cores(), or what OMP_NUM_THREADS says.
std::size_t threads();
/// @throws std::invalid_argument if n is 0
void set_threads(std::size_t n);
/// How many of them the system grants. Where it is fewer, those do the work of all.
std::size_t ready_threads();

/// The cores that this process may run on, or the whole cores of a container's share where that is less.
/// @param control_group the folder where a container's limits stand
std::size_t usable_cores(const std::string& control_group = "/sys/fs/cgroup");
/// OMP_NUM_THREADS as a number from 1 to 4096; nothing if it is none.
std::optional<std::size_t> wished_threads(std::string_view text);

/// Number of pieces that parallel_for() would cut [0, n) into.
std::size_t pieces(std::size_t n, std::size_t grain);

/// Calls body(piece, argument) for each piece in [0, count), on as many threads. What one throws is thrown on
/// when all have ended.
void run_pieces(std::size_t count, void (*body)(std::size_t piece, void* argument), void* argument);

/// What takes one to two microseconds, and is worth a thread: handing over a piece takes less than one.
/// @{
inline constexpr std::size_t plain_grain = 4096;       ///< numbers read, changed a little, and written
inline constexpr std::size_t product_grain = 100'000;  ///< multiplications of a matrix product
/// @}

/// Calls f(begin, end) for consecutive ranges that cover [0, n), one a thread, none
/// shorter than grain unless n is. Which ranges depends on n, grain and threads() alone,
/// so sums made from them are the same in every run.
/// @param grain  iterations worth a thread
template <class F>
void parallel_for(std::size_t n, std::size_t grain, const F& f) {
  struct Job {
    const F& f;
    std::size_t n, count;
  } job{f, n, pieces(n, grain)};
  if (job.count <= 1) {
    if (n > 0) f(std::size_t{0}, n);
    return;
  }
  run_pieces(
      job.count,
      [](std::size_t piece, void* argument) {
        const Job& job = *static_cast<Job*>(argument);
        job.f(job.n * piece / job.count, job.n * (piece + 1) / job.count);
      },
      &job);
}

}  // namespace gpt
