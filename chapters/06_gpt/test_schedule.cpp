#include "06_gpt/schedule.hpp"

#include <cmath>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

std::string at(std::size_t step) { return "cosine_schedule: the rate at step " + std::to_string(step); }

/// 110 steps, of which 10 warm up, to a rate of 1.
float rate(std::size_t step) { return cosine_schedule(step, 110, 1.0f, 10); }

}  // namespace

TEST_CASE("cosine_schedule: warms up in a straight line", "[ch06][schedule]") {
  // Step 0 takes 1/11 of the highest rate, step 4 takes 5/11, step 9 takes 10/11, and step 10 all of it.
  expect(std::abs(rate(0) - 1) > 1e-3f,
         "cosine_schedule: there is no warm-up: the rate at step 0 is the highest, 1, and 1/11 of it was "
         "expected");
  expect(rate(0) > 0.0f, "cosine_schedule: the rate at step 0 is 0: that step would teach nothing");
  for (const std::size_t step : {0, 4, 9}) {
    expect_close(at(step) + " of 10 that warm up", rate(step), static_cast<float>(step + 1) / 11);
  }
}

TEST_CASE("cosine_schedule: is highest when the warm-up ends", "[ch06][schedule]") {
  expect_close(at(10) + ", the first after the warm-up", rate(10), 1);
  expect_close("cosine_schedule: the rate at step 0 without a warm-up", cosine_schedule(0, 100, 0.5f, 0),
               0.5f);
}

TEST_CASE("cosine_schedule: ends at a tenth", "[ch06][schedule]") {
  expect(std::abs(rate(110)) > 1e-3f,
         "cosine_schedule: it falls to 0 at the end; the lowest rate is a tenth of the highest");
  expect_close(at(110) + ", the end", rate(110), 0.1f);
}

TEST_CASE("cosine_schedule: falls along half a cosine", "[ch06][schedule]") {
  // A quarter of the way, 0.5 (1 + cos(pi / 4)) = 0.8535534, and 0.1 + 0.9 * 0.8535534 = 0.8681980.
  // Halfway, 0.1 + 0.9 * 0.5 = 0.55. Three quarters, 0.1 + 0.9 * 0.1464466 = 0.2318019.
  expect(std::abs(rate(35) - 0.775f) > 1e-3f,
         "cosine_schedule: it falls in a straight line, not along a cosine");
  expect_close(at(35) + ", a quarter of the way down", rate(35), 0.8681980f);
  expect_close(at(60) + ", halfway down", rate(60), 0.55f);
  expect_close(at(85) + ", three quarters of the way down", rate(85), 0.2318019f);
  expect_close(at(109) + ", the last one taken", rate(109), 0.1f, 1e-3f);
}

TEST_CASE("cosine_schedule: up all the way, then down all the way", "[ch06][schedule]") {
  for (std::size_t step = 1; step <= 110; ++step) {
    const bool up = step <= 10;
    expect(up ? rate(step) > rate(step - 1) : rate(step) < rate(step - 1),
           at(step) + " is " + std::to_string(rate(step)) + " after " + std::to_string(rate(step - 1)) +
               "; it should " + (up ? "rise until step 10" : "fall after step 10"));
  }
}

TEST_CASE("cosine_schedule: past the end it stays at its lowest", "[ch06][schedule]") {
  expect_close(at(111) + " of 110, past the end", rate(111), 0.1f);
  expect_close(at(220) + " of 110, past the end", rate(220), 0.1f);
  expect_close("cosine_schedule: the rate at the end of a run that is all warm-up",
               cosine_schedule(10, 10, 1.0f, 10), 0.1f);
}

TEST_CASE("cosine_schedule: of any run", "[ch06][schedule]") {
  struct Run {
    std::size_t steps, warm_up;
    float highest;
  };
  for (const Run& run : {Run{7, 2, 3e-4f}, Run{1000, 100, 1e-3f}, Run{53, 13, 2.0f}, Run{31, 0, 10.0f}}) {
    for (std::size_t step = 0; step <= run.steps; ++step) {
      const double down = static_cast<double>(step) - static_cast<double>(run.warm_up);
      const double share = down / static_cast<double>(run.steps - run.warm_up);
      const double falling = 0.1 + 0.9 * 0.5 * (1 + std::cos(share * 3.14159265358979));
      const double expected =
          down < 0 ? static_cast<double>(step + 1) / static_cast<double>(run.warm_up + 1) : falling;
      const float got = cosine_schedule(step, run.steps, run.highest, run.warm_up) / run.highest;
      expect_close(at(step) + " of " + std::to_string(run.steps) + " with " + std::to_string(run.warm_up) +
                       " that warm up, as a share of the highest",
                   got, static_cast<float>(expected), 1e-4f);
    }
  }
}

TEST_CASE("cosine_schedule: in proportion to the highest rate", "[ch06][schedule]") {
  for (const std::size_t step : {0, 5, 10, 60, 110}) {
    expect_close(at(step) + ", with a highest rate of 0.001", cosine_schedule(step, 110, 0.001f, 10) * 1000,
                 rate(step));
  }
}
