#include "11_many_machines/split_adamw.hpp"

#include <algorithm>

#include "11_many_machines/average_gradients.hpp"
#include "11_many_machines/thread_ranks.hpp"
#include "common/nn/optimizer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

static_assert(Optimizer<SplitAdamW>);

/// Layers of uneven sizes, none a multiple of another; the same each time.
Parameters weights() {
  Rng rng(5);
  const Linear a(7, 33, Bias::on, rng), b(33, 5, Bias::off, rng), c(5, 2, Bias::on, rng);
  return collect("a", a, "b", b, "c", c);  // 231 + 33, 165, 10 + 2
}

/// Gradients of a rank's own: in each step others.
void draw_gradients(const Parameters& weights, std::size_t rank, std::size_t step) {
  Rng rng(100 * step + rank);
  for (const Parameter& p : weights) {
    for (float& g : p.tensor.mutable_grad()) g = rng.normal();
  }
}

bool same(const Parameters& a, const Parameters& b) {
  return std::ranges::equal(a, b, [](const Parameter& x, const Parameter& y) {
    return x.name == y.name && std::ranges::equal(x.tensor.values(), y.tensor.values());
  });
}

template <Optimizer O>
void take_steps(O& optimizer, const Parameters& weights, Ranks& ranks, std::size_t from, std::size_t to) {
  optimizer.before_step([&] { average_gradients(weights, ranks); });
  for (std::size_t step = from; step < to; ++step) {
    optimizer.zero_grad();
    draw_gradients(weights, ranks.rank(), step);
    optimizer.step(0.01f);
  }
}

}  // namespace

TEST_CASE("part_of: the parts are all weights, in their order, and of one size give or take a weight",
          "[ch11]") {
  const Parameters all = weights();
  for (const std::size_t P : {1, 2, 3, 9}) {
    Parameters together;
    for (std::size_t r = 0; r < P; ++r) {
      const Parameters part = part_of(all, r, P);
      CHECK(count(part) < count(all) / P + 231);
      together.insert(together.end(), part.begin(), part.end());
    }
    CHECK(same(together, all));
  }
  CHECK(count(part_of(all, 0, 2)) == 231);  // of 441: its bias begins in the second half
}

TEST_CASE("SplitAdamW: the weights of one AdamW, to the bit", "[ch11]") {
  for (const std::size_t P : {1, 2, 3, 5}) {
    on_threads(P, [&](Ranks& ranks) {
      const Parameters split = weights(), whole = weights();
      SplitAdamW optimizer(split, ranks, {.weight_decay = 0.1f});
      AdamW one(whole, {.weight_decay = 0.1f});
      take_steps(optimizer, split, ranks, 0, 4);
      take_steps(one, whole, ranks, 0, 4);
      const Parameters state = whole_state(split, optimizer.state(), ranks);
      if (ranks.rank() > 0) {
        if (!state.empty()) throw std::runtime_error("a rank that saves nothing has gathered all");
      } else if (!same(state, one.state())) {
        throw std::runtime_error("another state");
      }
      if (!same(split, whole)) throw std::runtime_error("other weights");
      if (optimizer.steps() != 4) throw std::runtime_error("other steps");
    });
  }
}

TEST_CASE("SplitAdamW: each rank keeps its part, and all together keep what one would", "[ch11]") {
  std::vector<std::size_t> kept(3);
  on_threads(3, [&](Ranks& ranks) { kept[ranks.rank()] = count(SplitAdamW(weights(), ranks).state()); });
  CHECK(kept[0] + kept[1] + kept[2] == 2 * count(weights()));  // two means for each weight
  CHECK(kept == std::vector<std::size_t>{2 * 231, 2 * (33 + 165), 2 * 12});
}

TEST_CASE("SplitAdamW: goes on from its state as if it had never stopped", "[ch11]") {
  on_threads(2, [](Ranks& ranks) {
    const Parameters unbroken = weights(), broken = weights();
    SplitAdamW whole(unbroken, ranks), first(broken, ranks), second(broken, ranks);
    take_steps(whole, unbroken, ranks, 0, 6);
    take_steps(first, broken, ranks, 0, 3);
    const Parameters saved = first.state(), restored = second.state();
    for (std::size_t i = 0; i < saved.size(); ++i)
      std::ranges::copy(saved[i].tensor.values(), restored[i].tensor.mutable_values().begin());
    second.set_steps(first.steps());
    take_steps(second, broken, ranks, 3, 6);
    if (!same(unbroken, broken)) throw std::runtime_error("other weights");
  });
}

TEST_CASE("SplitAdamW: says what it cannot do", "[ch11]") {
  on_threads(1, [](Ranks& ranks) {
    expect_error(
        "SplitAdamW that clips", [&] { SplitAdamW(weights(), ranks, {.clip = 1}); }, "clip must be 0");
  });
}
