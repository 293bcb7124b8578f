#include "11_many_machines/step_cost.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// A second of work, none of it fixed; gradients of 100 MB over a wire of 100 MB/s, and no latency.
const Measured slow_wire{.compute = 1, .fixed = 0, .bytes = 1e8, .latency = 0, .bandwidth = 1e8};

}  // namespace

TEST_CASE("ring_seconds: worked out by hand", "[ch11]") {
  CHECK(ring_seconds(slow_wire, 1) == 0);
  CHECK(ring_seconds(slow_wire, 2) == 1);    // 2 turns with half of the numbers each
  CHECK(ring_seconds(slow_wire, 4) == 1.5);  // 6 turns with a quarter
  Measured with_latency = slow_wire;
  with_latency.latency = 0.25;
  CHECK(ring_seconds(with_latency, 4) == 1.5 + 6 * 0.25);
}

TEST_CASE("ring_seconds: however many ranks, the wire carries the numbers at most twice", "[ch11]") {
  for (const double P : {2.0, 7.0, 64.0, 1024.0}) CHECK(ring_seconds(slow_wire, P) < 2);
  CHECK(ring_seconds(slow_wire, 1024) > 1.99);
}

TEST_CASE("step_seconds: work shrinks, the wire does not", "[ch11]") {
  CHECK(step_seconds(slow_wire, 1) == 1);
  CHECK(step_seconds(slow_wire, 2) == 0.5 + 1);
  CHECK(step_seconds(slow_wire, 2, /*hidden=*/0.5) == 0.5 + 1 - 0.25);
  Measured fast_wire = slow_wire;
  fast_wire.bandwidth = 1e10;
  CHECK(step_seconds(fast_wire, 2, /*hidden=*/0.5) == 0.5);  // all of it behind the work
  CHECK(efficiency(slow_wire, 1) == 1);
  CHECK(efficiency(fast_wire, 2, 0.5) == 1);
  CHECK(efficiency(slow_wire, 2) == 1 / (2 * 1.5));
}
