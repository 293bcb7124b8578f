#include "11_many_machines/together.hpp"

#include <algorithm>

#include "11_many_machines/thread_ranks.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

void require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

/// Begins as no other rank does, takes three steps from gradients of its own, and looks at what all have.
template <class Optimizer>
void learn(Ranks& ranks, const Parameters& weights, Optimizer optimizer, bool split) {
  Together together(ranks, weights, "after", split);
  Parameters all = weights;
  const Parameters state = optimizer.state();
  all.insert(all.end(), state.begin(), state.end());
  together.begin(all);
  optimizer.before_step([&] { together.before_step(); });
  for (std::size_t step = 0; step < 3; ++step) {
    optimizer.zero_grad();
    Rng rng(100 * step + ranks.rank());
    for (const Parameter& p : weights)
      for (float& g : p.tensor.mutable_grad()) g = rng.normal();
    optimizer.step(0.01f);
  }
  together.end();
  for (const Parameter& p : weights) {
    for (const float w : p.tensor.values()) {
      std::vector<float> theirs{w};
      ranks.broadcast(theirs);
      require(theirs[0] == w, "other weights than rank 0");
    }
  }
  const std::size_t numbers = count(together.whole(optimizer.state()));
  require(numbers == (ranks.rank() > 0 && split ? 0 : 2 * count(weights)), "another state");
  require(together.memory() ==
              (split ? "The optimiser's running means, in megabytes: 0.18 on rank 0, 0.15 on rank 1."
                     : "The optimiser's running means, in megabytes: 0.32 on rank 0, 0.32 on rank 1."),
          together.memory());
}

/// One rank, whom nobody answers any more once all have ended.
class Left : public ThreadRanks {
 public:
  using ThreadRanks::ThreadRanks;
  std::vector<std::uint64_t> gather(std::uint64_t number) override {
    require(!ended, "somebody is asked after the end");
    return ThreadRanks::gather(number);
  }
  bool ended = false;
};

}  // namespace

TEST_CASE("Together: at the end all have said what they remember, and nobody waits for it later", "[ch11]") {
  Meeting alone(1);
  Left ranks(alone, 0);
  Rng rng(1);
  const Linear a(100, 100, Bias::off, rng);
  const Parameters weights = collect("a", a);
  Together together(ranks, weights, "after", /*split=*/false);
  Parameters all = weights;
  for (const Parameter& mean : AdamW(weights).state()) all.push_back(mean);
  together.begin(all);
  together.end();
  ranks.ended = true;
  CHECK(together.memory() == "The optimiser's running means, in megabytes: 0.08 on rank 0.");
}

TEST_CASE("Together: ranks that begin unlike learn alike, and know what is remembered where", "[ch11]") {
  on_threads(2, [](Ranks& ranks) {
    for (const bool split : {false, true}) {
      Rng rng(ranks.rank());
      const Linear a(100, 220, Bias::on, rng), b(180, 100, Bias::off, rng);  // 22'220 and 18'000 weights
      const Parameters weights = collect("a", a, "b", b);
      if (split)
        learn(ranks, weights, SplitAdamW(weights, ranks), split);
      else
        learn(ranks, weights, AdamW(weights), split);
    }
  });
}

TEST_CASE("Together: one is enough for all to stop, and who never learned has nothing to remember",
          "[ch11]") {
  on_threads(3, [](Ranks& ranks) {
    Together together(ranks, {}, "while", false);
    require(together.anybody(ranks.rank() == 2), "one has said yes");
    require(!together.anybody(false), "nobody has said yes");
    require(together.memory().empty(), "nothing was learned");
  });
}
