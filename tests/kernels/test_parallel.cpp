/// @file test_parallel.cpp
/// parallel_for covers its range, and threads change no result.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/kernels/parallel.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/with_threads.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER
#endif
#endif

#if !defined(UNDER_ADDRESS_SANITIZER)  // which wants operator new for itself
namespace {
thread_local bool no_memory = false;
struct NoMemory {
  NoMemory() { no_memory = true; }
  ~NoMemory() { no_memory = false; }
};
}  // namespace

void* operator new(std::size_t bytes) {
  void* const memory = no_memory ? nullptr : std::malloc(bytes + (bytes == 0));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace gpt {
namespace {

using Range = std::pair<std::size_t, std::size_t>;

// The ranges that parallel_for() cuts [0, n) into, in order.
std::vector<Range> ranges(std::size_t n, std::size_t grain) {
  std::vector<Range> seen;
  std::mutex mutex;
  parallel_for(n, grain, [&](std::size_t begin, std::size_t end) {
    const std::lock_guard<std::mutex> lock(mutex);
    seen.emplace_back(begin, end);
  });
  std::sort(seen.begin(), seen.end());
  return seen;
}

TEST_CASE("parallel_for: covers every index exactly once, in pieces no shorter than the grain",
          "[parallel]") {
  for (const std::size_t wanted : {1, 2, 3, 7}) {
    const WithThreads with(wanted);
    for (const std::size_t n : {0, 1, 2, 3, 5, 16, 17, 100, 1001, 65536}) {
      for (const std::size_t grain : {0, 1, 2, 3, 16, 100, 1000, 100000}) {
        const std::vector<Range> seen = ranges(n, grain);
        bool consecutive = true, long_enough = true;
        std::size_t at = 0;
        for (const Range& range : seen) {
          consecutive = consecutive && range.first == at && range.second > range.first;
          long_enough = long_enough && range.second - range.first >= std::min(n, grain);
          at = range.second;
        }
        INFO("n " << n << ", grain " << grain << ", " << wanted << " threads");
        CHECK(consecutive);
        CHECK(at == n);
        CHECK(long_enough);
        CHECK(seen.size() <= threads());
        CHECK(seen.size() == (n == 0 ? 0 : pieces(n, grain)));
      }
    }
  }
}

TEST_CASE("parallel_for: the ranges depend on n, grain and threads alone", "[parallel]") {
  const WithThreads with(3);
  const std::vector<Range> first = ranges(1000, 10);
  for (int again = 0; again < 20; ++again) CHECK(ranges(1000, 10) == first);
}

TEST_CASE("parallel_for: inside another one still covers everything once", "[parallel]") {
  const WithThreads with(2);
  std::vector<std::atomic<int>> visits(40 * 50);
  parallel_for(40, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      parallel_for(50, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t j = first; j < last; ++j) ++visits[i * 50 + j];
      });
    }
  });
  bool once = true;
  for (const std::atomic<int>& count : visits) once = once && count == 1;
  CHECK(once);
}

TEST_CASE("parallel_for: what a piece throws comes out when all have ended, and the next job is done as ever",
          "[parallel]") {
  const WithThreads with(3);
  for (std::size_t bad = 0; bad < 3; ++bad) {
    std::atomic<std::size_t> ended{0};
    CHECK(message_of<std::runtime_error>([&] {
            parallel_for(3, 1, [&](std::size_t piece, std::size_t) {
              ++ended;
              if (piece == bad) throw std::runtime_error("piece " + std::to_string(piece));
            });
          }) == "piece " + std::to_string(bad));
    CHECK(ended == 3);
    CHECK(ranges(1000, 10).size() == 3);
  }
}

TEST_CASE("parallel_for: inside another one too, what a piece throws comes out when all have ended",
          "[parallel]") {
  const WithThreads with(3);
  std::atomic<std::size_t> ended{0}, thrown_on{0};
  parallel_for(3, 1, [&](std::size_t, std::size_t) {
    try {
      parallel_for(3, 1, [&](std::size_t piece, std::size_t) {
        ++ended;
        throw std::runtime_error("piece " + std::to_string(piece));
      });
    } catch (const std::runtime_error&) {
      ++thrown_on;
    }
  });
  CHECK(ended == 9);
  CHECK(thrown_on == 3);
}

TEST_CASE("parallel_for: from several threads at once, and after long pauses", "[parallel]") {
  const WithThreads with(2);
  const auto count = [](std::vector<int>& visits) {
    for (int again = 0; again < 300; ++again) {
      parallel_for(visits.size(), 10, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      if (again % 100 == 99)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // helpers fall asleep
    }
  };
  std::vector<int> here(1000), there(1000);
  std::thread other([&] { count(there); });
  count(here);
  other.join();
  CHECK(std::count(here.begin(), here.end(), 300) == 1000);
  CHECK(std::count(there.begin(), there.end(), 300) == 1000);
}

TEST_CASE("pieces: at least one, at most one a thread, and none below the grain", "[parallel]") {
  const WithThreads with(3);
  CHECK(pieces(0, 10) == 1);
  CHECK(pieces(9, 10) == 1);
  CHECK(pieces(19, 10) == 1);
  CHECK(pieces(20, 10) == std::min<std::size_t>(2, threads()));
  CHECK(pieces(1000000, 10) == threads());
}

TEST_CASE("wished_threads: what OMP_NUM_THREADS may say, and what it means nothing by", "[parallel]") {
  using Wish = std::optional<std::size_t>;
  CHECK(wished_threads("3") == Wish(3));
  CHECK(wished_threads(" 3 ") == Wish(3));
  CHECK(wished_threads("4,2") == Wish(4));
  CHECK(wished_threads("4096") == Wish(4096));
  for (const char* const nonsense : {"", " ", "0", "-1", "x", "3x", "1e3", "4097", "100000000000000000000"}) {
    CHECK(wished_threads(nonsense) == std::nullopt);
  }
}

TEST_CASE("usable_cores: no more than a container's share of processor time, and at least one",
          "[parallel]") {
  const std::size_t all = usable_cores("/no such folder");
  CHECK(all >= 1);
  const TempFolder folder;
  const auto with_limit = [&](const std::string& limit) {
    folder.write("cpu.max", limit);
    return usable_cores(folder.path().string());
  };
  CHECK(with_limit("max 100000\n") == all);
  CHECK(with_limit("100000 100000\n") == 1);
  CHECK(with_limit("50000 100000\n") == 1);
  CHECK(with_limit("199999 100000\n") == 1);
  CHECK(with_limit("200000 100000\n") == std::min<std::size_t>(2, all));
  CHECK(with_limit("900000000 100000\n") == all);
  CHECK(with_limit("nonsense") == all);
  const TempFolder older;
  std::filesystem::create_directory(older / "cpu");
  older.write("cpu/cpu.cfs_quota_us", "150000\n");
  older.write("cpu/cpu.cfs_period_us", "100000\n");
  CHECK(usable_cores(older.path().string()) == 1);
  older.write("cpu/cpu.cfs_quota_us", "-1\n");
  CHECK(usable_cores(older.path().string()) == all);
}

#if defined(__GLIBC__)
TEST_CASE("parallel_for: where the system has no more threads to give, those that there are do all",
          "[parallel]") {
  // No address space has room for a stack of this size, so no thread can be made.
  pthread_attr_t before, huge;
  REQUIRE(pthread_getattr_default_np(&before) == 0);
  REQUIRE(pthread_attr_init(&huge) == 0);
  REQUIRE(pthread_attr_setstacksize(&huge, std::size_t{1} << 47) == 0);
  REQUIRE(pthread_setattr_default_np(&huge) == 0);
  const WithThreads with(50);
  CHECK(ready_threads() < 50);
  std::vector<int> seen(5000, 0);
  parallel_for(seen.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++seen[i];
  });
  pthread_setattr_default_np(&before);
  CHECK(seen == std::vector<int>(5000, 1));
}
#endif

#if !defined(UNDER_ADDRESS_SANITIZER)
TEST_CASE("parallel_for: where there is no memory for another thread, those that there are do all",
          "[parallel]") {
  const WithThreads with(100);
  const auto ready_without_memory = [] {
    const NoMemory here;
    return ready_threads();
  };
  CHECK(ready_without_memory() < 100);
  sigset_t blocked;
  REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &blocked) == 0);
  CHECK(sigismember(&blocked, SIGINT) == 0);
  std::vector<int> seen(5000, 0);
  parallel_for(seen.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++seen[i];
  });
  CHECK(seen == std::vector<int>(5000, 1));
}
#endif

TEST_CASE("set_threads: sets what threads says, and refuses 0", "[parallel]") {
  const std::size_t before = threads();
  {
    const WithThreads with(2);
    CHECK(threads() == 2);
  }
  CHECK(threads() == before);
  CHECK(message_of<std::invalid_argument>([] { set_threads(0); }) ==
        "set_threads: n must be positive, got 0");
}

// A loss and all its gradients, through one operation of every kind and large enough for several threads.
std::vector<float> everything() {
  const std::size_t B = 8, T = 65, C = 48, V = 65;
  Rng rng(60);
  Tokens tokens{B, T, {}}, targets{B, T, {}};
  for (std::size_t i = 0; i < B * T; ++i) {
    tokens.ids.push_back(static_cast<int>(rng.below(V)));
    targets.ids.push_back(static_cast<int>(rng.below(V)));
  }
  std::vector<Tensor> leaves;
  const auto weight = [&](Shape shape) {
    leaves.push_back(Tensor::normal(std::move(shape), 0.2f, rng).require_grad());
    return leaves.back();
  };
  const Tensor x = embedding(weight({V, C}), tokens) + weight({T, C});
  const Tensor normed = layer_norm(x, weight({C}), weight({C}));
  const Tensor qkv = linear(normed, weight({C, 3 * C}), weight({3 * C}));
  const auto heads = [&](std::size_t part) {
    return permute(reshape(slice(qkv, -1, part * C, (part + 1) * C), {B, T, 4, C / 4}), {0, 2, 1, 3});
  };
  const Tensor attended = causal_attention(heads(0), heads(1), heads(2), 0.1f, rng);
  const Tensor merged = reshape(permute(attended, {0, 2, 1, 3}), {B, T, C});
  const Tensor y = x + dropout(gelu(matmul(merged, weight({C, C}))), 0.1f, rng);
  const Tensor mixed = matmul(softmax(causal_mask(matmul(y, transpose(y)))), relu(y));
  const Tensor loss = cross_entropy(linear(concatenate({y, mixed}, -1), weight({2 * C, V})), targets) +
                      mean(max(y, -1)) * 0.1f + mean(exp(tanh(y))) + sum(sum(y, 0)) * 0.001f;
  loss.backward();
  std::vector<float> all{loss.item()};
  for (const Tensor& leaf : leaves) all.insert(all.end(), leaf.grad().begin(), leaf.grad().end());
  return all;
}

TEST_CASE("threads: for any number of them, the same computation gives the same bits every time",
          "[parallel]") {
  const std::size_t n = GENERATE(1, 2, 3);
  const WithThreads with(n);
  const std::vector<float> first = everything();
  for (int again = 0; again < 4; ++again) {
    const std::vector<float> next = everything();
    REQUIRE(next.size() == first.size());
    CHECK(std::memcmp(first.data(), next.data(), first.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("threads: their number changes nothing but the rounding", "[parallel]") {
  const auto with = [](std::size_t n) {
    const WithThreads threads(n);
    const std::vector<float> all = everything();
    return Tensor::from({all.size()}, all);
  };
  const Tensor one = with(1);
  check_values("two threads", with(2), one, 1e-4);
  check_values("three threads", with(3), one, 1e-4);
}

}  // namespace
}  // namespace gpt
