/// @file test_denormals.cpp
/// Numbers too small for all their bits are taken for zero where that was asked for, and in all threads that help.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "common/kernels/denormals.hpp"
#include "common/kernels/parallel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

class Flushing {
 public:
  explicit Flushing(bool yes) : before_(flushes_denormals()) { flush_denormals(yes); }
  ~Flushing() { flush_denormals(before_); }

 private:
  bool before_;
};

// The compiler can't know these, and so has to leave the arithmetic to the processor.
volatile float smallest_normal = 1.17549435e-38f, half = 0.5f, two = 2.0f;
float halved() { return smallest_normal * half; }  // a result that is denormal
float halved_and_doubled() { return halved() * two; }

TEST_CASE("flush_denormals: what is smaller than 1.2e-38 becomes zero, and normal numbers stay",
          "[denormals]") {
  const Flushing first(false);
  CHECK(halved() > 0.0f);
  CHECK(halved_and_doubled() == smallest_normal);
  const volatile float denormal = halved();
  const Flushing then(true);
  if (!flushes_denormals()) return;  // a processor without such a setting
  CHECK(halved() == 0.0f);
  CHECK(denormal * two == 0.0f);  // as an input too
  CHECK(smallest_normal * 1.5f > smallest_normal);
}

TEST_CASE("flush_denormals: threads that share a loop do as the one that called it", "[denormals]") {
  const WithThreads with(3);
  for (const bool yes : {true, false, true}) {
    const Flushing flushing(yes);
    if (flushes_denormals() != yes) return;
    std::atomic<int> wrong = 0;
    for (int round = 0; round < 50; ++round) {
      parallel_for(3, 1, [&](std::size_t, std::size_t) {
        if ((halved() == 0.0f) != yes) ++wrong;
        std::this_thread::sleep_for(
            std::chrono::microseconds(200));  // leaves the other pieces to the helpers
      });
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace gpt
