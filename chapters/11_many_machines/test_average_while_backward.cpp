#include "11_many_machines/average_while_backward.hpp"

#include "11_many_machines/average_gradients.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// What rank 0 of two would see if the other rank had the same gradients: every sum is twice what was brought. Says in
/// what order things happen.
class TwinRanks : public Ranks {
 public:
  std::size_t rank() const override { return 0; }
  std::size_t size() const override { return 2; }
  void sum(std::span<float> numbers) override {
    log += "sum " + std::to_string(numbers.size()) + "; ";
    for (float& x : numbers) x *= 2;
  }
  void begin_sum(std::span<float> numbers) override {
    log += "begin " + std::to_string(numbers.size()) + "; ";
    begun.push_back(numbers);
  }
  void finish_sums() override {
    log += "finish; ";
    for (const std::span<float> numbers : begun) {
      for (float& x : numbers) x *= 2;
    }
    begun.clear();
  }
  void broadcast(std::span<float>) override {}
  void pass_on(std::span<const float>, std::span<float>) override {}
  std::vector<std::uint64_t> gather(std::uint64_t number) override { return {number, number}; }

  std::string log;
  std::vector<std::span<float>> begun;
};

/// Three layers, one behind the other: backward() comes to the last one first.
struct Model {
  explicit Model(Rng& rng) : a(3, 4, Bias::on, rng), b(4, 5, Bias::off, rng), c(5, 2, Bias::on, rng) {}
  Tensor loss(const Tensor& x) const { return mean(c(relu(b(relu(a(x)))))); }
  Parameters parameters() const { return collect("a", a, "b", b, "c", c); }
  Linear a, b, c;
};

std::vector<float> all_gradients(const Parameters& weights) {
  std::vector<float> all;
  for (const auto& [name, weight] : weights)
    all.insert(all.end(), weight.grad().begin(), weight.grad().end());
  return all;
}

}  // namespace

TEST_CASE("AverageWhileBackward: the same gradients as afterwards, to the bit", "[ch11]") {
  for (const std::size_t bucket : {1, 7, 20, 1000}) {
    Rng rng(3);
    const Model model(rng);
    const Parameters weights = model.parameters();
    const Tensor x = Tensor::from({7, 3}, uneven(21, 1.0f));
    TwinRanks ranks;
    model.loss(x).backward();
    average_gradients(weights, ranks);
    const std::vector<float> expected = all_gradients(weights);
    for (const auto& [name, weight] : weights) weight.zero_grad();
    {
      AverageWhileBackward averaging(weights, ranks, bucket);
      for (int step = 0; step < 2; ++step) {
        for (const auto& [name, weight] : weights) weight.zero_grad();
        model.loss(x).backward();
        averaging.finish();
        CHECK(all_gradients(weights) == expected);
      }
    }
    ranks.log.clear();
    model.loss(x).backward();  // from now on nobody listens
    CHECK(ranks.log.empty());
  }
}

TEST_CASE("AverageWhileBackward: the last layer's sums begin first, a bucket at a time", "[ch11]") {
  Rng rng(3);
  const Model model(rng);  // a: 12 + 4, b: 20, c: 10 + 2
  const Tensor x = Tensor::from({7, 3}, uneven(21, 1.0f));
  TwinRanks ranks;
  AverageWhileBackward averaging(model.parameters(), ranks, /*bucket=*/12);
  model.loss(x).backward();
  CHECK(ranks.log == "begin 12; begin 20; begin 12; ");  // a's bias is not enough for a bucket
  averaging.finish();
  CHECK(ranks.log == "begin 12; begin 20; begin 12; begin 4; finish; ");
}

TEST_CASE("AverageWhileBackward: says what a bucket must be", "[ch11]") {
  TwinRanks ranks;
  expect_error(
      "AverageWhileBackward with buckets of 0", [&] { AverageWhileBackward({}, ranks, 0); },
      "must be positive");
}
