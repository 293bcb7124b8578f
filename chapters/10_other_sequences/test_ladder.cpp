#include "10_other_sequences/ladder.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace gpt;

TEST_CASE("sums: each rung has one thing more than the one before it", "[ch10]") {
  struct Seen {
    bool aligned, reversed, answer_only;
    bool operator==(const Seen&) const = default;
  };
  const auto seen = [](const std::string& rung) {
    const Lessons<Add> lessons = sums(rung);
    Rng rng(1);
    const Batch batch = lessons.sample(40, 15, rng);
    std::size_t waits = 0;  // rows in which the first prediction is of no interest
    bool aligned = true;
    for (std::size_t row = 0; row < batch.inputs.B; ++row) {
      const auto ids = batch.inputs.ids.begin() + std::ptrdiff_t(row * 15);
      const std::string text = lessons.vocabulary().decode({ids, ids + 15});
      aligned &= text.find('\n') == std::string::npos || text.find('\n') > text.find('=');
      aligned &= text[3] == '+' || text[2] == '+' || text[1] == '+';
      waits += batch.targets.ids[row * 15] == no_target;
    }
    return Seen{aligned, lessons.quiz().right("417+385=", "2080"), waits == batch.inputs.B};
  };
  CHECK(seen("plain") == Seen{false, false, false});
  CHECK(seen("aligned") == Seen{true, false, false});
  CHECK(seen("reversed") == Seen{true, true, false});
  CHECK(seen("answer") == Seen{true, true, true});
  CHECK(seen("plain-reversed") == Seen{false, true, false});
  CHECK(seen("answer-forward") == Seen{true, false, true});
}
