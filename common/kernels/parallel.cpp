#include "common/kernels/parallel.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "common/kernels/denormals.hpp"

namespace gpt {
namespace {

constexpr std::size_t most_threads = 4096;

/// The processor time that a container's control group may use, in cores; "max" or a missing file is no limit.
double quota(const std::string& control_group) {
  double time = 0, period = 0;
  if (std::ifstream in(control_group + "/cpu.max"); in >> time >> period && period > 0) return time / period;
  std::ifstream old_time(control_group +
                         "/cpu/cpu.cfs_quota_us");  // version 1 of control groups; -1 is no limit
  std::ifstream old_period(control_group + "/cpu/cpu.cfs_period_us");
  if (old_time >> time && old_period >> period && time > 0 && period > 0) return time / period;
  return most_threads;
}

std::size_t threads_of_machine() {
  const char* const wish = std::getenv("OMP_NUM_THREADS");
  return wished_threads(wish ? wish : "").value_or(usable_cores());
}

std::atomic<std::size_t> wanted{threads_of_machine()};

// A wait of some nanoseconds that leaves the core's other half alone.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// At first without letting go of the core, for most jobs come and end within
// microseconds; then others may have it.
constexpr int eager = 5000;
void wait_a_little(int round) { round < eager ? pause() : std::this_thread::yield(); }

// Threads that wait for a job, each of whose pieces goes to whoever asks for it first. The one who brings the
// job works too, so a helper that the machine has no core for at the moment holds nobody up: it finds nothing
// left to do.
class Helpers {
 public:
  Helpers() = default;
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;
  ~Helpers() {
    stop_ = true;
    publish(0);
    for (std::thread& helper : helpers_) helper.join();
  }

  /// Starts what is missing to so many threads. @returns how many there are, the caller's included
  std::size_t ready(std::size_t count) {
    if (!busy_.test_and_set(std::memory_order_acquire)) {
      start(count);
      busy_.clear(std::memory_order_release);
    }
    return std::min(count, there_.load(std::memory_order_relaxed));
  }

  /// @returns false if these threads are at work already, for another thread or further up this one's stack
  bool run(std::size_t count, void (*body)(std::size_t, void*), void* argument) {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    start(count);
    body_.store(body, std::memory_order_relaxed);
    argument_.store(argument, std::memory_order_relaxed);
    flush_.store(flushes_denormals(), std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
    publish(count);
    while (work()) {
    }
    for (int round = 0; done_.load(std::memory_order_acquire) < count; ++round) wait_a_little(round);
    const std::exception_ptr error = std::exchange(error_, nullptr);
    failed_.clear();
    busy_.clear(std::memory_order_release);
    if (error) std::rethrow_exception(error);
    return true;
  }

 private:
  // Signals are for the thread that asked for help, see interrupt.hpp.
  void start(std::size_t count) {
    if (there_ >= count || none_left_) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (; there_ < count; ++there_) helpers_.emplace_back([this] { help(); });
    } catch (const std::exception&) {
      none_left_ = true;  // the system has no more to give: those that are here do all pieces
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void publish(std::size_t count) {
    const std::uint64_t job = (ticket_.load(std::memory_order_relaxed) >> 32) + 1;
    ticket_.store(job << 32 | count, std::memory_order_release);
    ticket_.notify_all();
  }

  void help() {
    for (;;) {
      // Read before all else: what is published from here on, the end too, makes it another ticket.
      const std::uint64_t seen = ticket_.load(std::memory_order_acquire);
      if (stop_) return;
      if (work()) continue;
      int round = 0;
      while (round < patience && ticket_.load(std::memory_order_acquire) == seen) wait_a_little(round++);
      if (round == patience) ticket_.wait(seen);
    }
  }

  // One piece. @returns false if there was none left
  bool work() {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (const std::size_t left = ticket & 0xffffffffu) {
      // Read before the piece is taken: until its last piece is, nobody brings another job.
      const auto body = body_.load(std::memory_order_relaxed);
      void* const argument = argument_.load(std::memory_order_relaxed);
      const bool flush = flush_.load(std::memory_order_relaxed);
      if (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel)) continue;
      if (flush != flushes_denormals()) flush_denormals(flush);
      try {
        body(left - 1, argument);
      } catch (...) {
        if (!failed_.test_and_set()) error_ = std::current_exception();
      }
      done_.fetch_add(1, std::memory_order_acq_rel);
      return true;
    }
    return false;
  }

  static constexpr int patience =
      eager + 1000;  // rounds before a helper goes to sleep: less than a millisecond

  std::vector<std::thread> helpers_;
  std::atomic<std::size_t> there_{1};  // threads, the caller's included
  bool none_left_ = false;
  std::atomic_flag busy_, failed_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> ticket_{0};  // number of the job << 32 | pieces not yet taken
  std::atomic<void (*)(std::size_t, void*)> body_{nullptr};
  std::atomic<void*> argument_{nullptr};
  std::atomic<bool> flush_{false};    // denormals, as in the thread that brought the job
  std::atomic<std::size_t> done_{0};  // pieces
  std::exception_ptr error_;          // of the first piece that failed
};

Helpers& helpers() {
  static Helpers all;
  return all;
}

}  // namespace

std::size_t threads() { return wanted.load(std::memory_order_relaxed); }
void set_threads(std::size_t n) {
  if (n == 0) throw std::invalid_argument("set_threads: n must be positive, got 0");
  wanted = n;
}

std::size_t pieces(std::size_t n, std::size_t grain) {
  return std::max<std::size_t>(1, std::min(threads(), n / std::max<std::size_t>(1, grain)));
}

std::size_t ready_threads() { return helpers().ready(threads()); }

std::optional<std::size_t> wished_threads(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  // "4,2" means 4, and 2 in each of those.
  const bool understood = rest.find_first_not_of(' ') == std::string_view::npos || rest.front() == ',';
  if (error != std::errc() || !understood || n < 1 || n > most_threads) return std::nullopt;
  return n;
}

std::size_t usable_cores(const std::string& control_group) {
  std::size_t cores = std::thread::hardware_concurrency();
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    cores = static_cast<std::size_t>(CPU_COUNT(&allowed));
#endif
  const double share = std::min(static_cast<double>(most_threads), quota(control_group));
  return std::max<std::size_t>(1, std::min(cores, static_cast<std::size_t>(share)));
}

void run_pieces(std::size_t count, void (*body)(std::size_t, void*), void* argument) {
  if (helpers().run(count, body, argument)) return;
  std::exception_ptr error;
  for (std::size_t piece = 0; piece < count; ++piece) {
    try {
      body(piece, argument);
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace gpt
