#include "08_recurrent/distance.hpp"

#include <numeric>

#include "01_bigram/evaluate.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// A state of one number, of which `keeps` is left at each step: h = keeps * h + x. Its logits are h and -h.
class Chain {
 public:
  Chain(std::size_t V, float keeps)
      : keeps_(keeps),
        embedding_(Tensor::zeros({V, 1}).require_grad()),
        weight_(Tensor::zeros({1, V}).require_grad()),
        bias_(Tensor::zeros({V}).require_grad()) {}

  Tensor operator()(const Tokens& tokens) const {
    const Tensor x = embedding(embedding_, tokens);  // (B, T, 1)
    Tensor h = Tensor::zeros({tokens.B, 1, 1});
    std::vector<Tensor> all;
    for (std::size_t t = 0; t < tokens.T; ++t) {
      h = h * keeps_ + slice(x, 1, t, t + 1);
      all.push_back(h);
    }
    return linear(concatenate(all, 1), weight_, bias_);
  }
  std::size_t block_size() const { return 100; }
  Parameters parameters() const {
    return collect("token_embedding.weight", embedding_, "output.weight", weight_, "output.bias", bias_);
  }

 private:
  float keeps_;
  Tensor embedding_, weight_, bias_;
};

Chain chain(float keeps) {
  Chain model(2, keeps);
  const Parameters weights = model.parameters();
  weights[0].tensor.mutable_values()[0] = 1;  // the first character counts, the second is nothing
  weights[1].tensor.mutable_values()[0] = 1;
  weights[1].tensor.mutable_values()[1] = -1;
  return model;
}

TEST_CASE("InputGradients: of a chain that keeps half, half of the gradient is left at each step back",
          "[ch08][distance]") {
  const Chain model = chain(0.5f);
  const InputGradients gradients(model, Chain(2 + 3, 0.5f));
  // h = 1 + 1/2 + 1/4 = 1.75, so the logits are 1.75 and -1.75. The second character should have come, with p =
  // 1 / (1 + e^3.5) = 0.02931: d loss / d h = (1 - p) + (1 - p) = 1.94138.
  const std::vector<double> lengths = gradients(std::vector<int>{0, 0, 0, 1});
  REQUIRE(lengths.size() == 3);
  CHECK_THAT(lengths[2], WithinRel(1.94138, 1e-4));
  CHECK_THAT(lengths[1], WithinRel(1.94138 / 2, 1e-4));
  CHECK_THAT(lengths[0], WithinRel(1.94138 / 4, 1e-4));
}

TEST_CASE("InputGradients: sees the weights as they are when it is asked", "[ch08][distance]") {
  const Chain model = chain(1.0f);
  const InputGradients gradients(model, Chain(2 + 3, 1.0f));
  const std::vector<int> window{0, 1, 0};
  gradients(window);
  model.parameters()[1].tensor.mutable_values()[0] = 0;
  model.parameters()[1].tensor.mutable_values()[1] = 0;  // logits are 0 whatever h is
  for (const double length : gradients(window)) CHECK(length == 0);
}

TEST_CASE("InputGradients: of different characters, they are what the model's own table gets",
          "[ch08][distance]") {
  Rng rng(3);
  const GPTSizes sizes{.V = 7, .block_size = 6, .C = 8, .H = 2, .L = 2, .dropout = 0};
  GPTSizes longer = sizes;
  longer.V += 5;
  const GPTLanguageModel model(sizes, rng);
  for (const Parameter& p : model.parameters())
    for (float& value : p.tensor.mutable_values()) value = 0.5f * rng.normal();
  const std::vector<int> window{4, 0, 6, 1, 3, 5};
  const std::vector<double> lengths = InputGradients(model, GPTLanguageModel(longer, rng))(window);
  const Tokens inputs{1, 5, {4, 0, 6, 1, 3}}, targets{1, 5, {-1, -1, -1, -1, 5}};
  next_token_loss(model(inputs), targets).backward();
  const std::span<const float> table = model.parameters()[0].tensor.grad();
  for (std::size_t t = 0; t < 5; ++t) {
    double squares = 0;
    for (const float g : table.subspan(static_cast<std::size_t>(window[t]) * 8, 8))
      squares += static_cast<double>(g * g);
    CHECK_THAT(lengths[t], WithinRel(std::sqrt(squares), 1e-4));
  }
}

TEST_CASE("InputGradients: what it asks for", "[ch08][distance]") {
  const Chain model = chain(1.0f);
  const InputGradients gradients(model, Chain(2 + 3, 1.0f));
  REQUIRE_THROWS_WITH(gradients(std::vector<int>{0, 1, 0, 1, 0}),
                      "InputGradients: expected a window of 2 to 4 characters, got 5");
}

TEST_CASE("loss_by_position: its mean is the loss, and a position that knows nothing has ln V",
          "[ch08][distance]") {
  const Chain model = chain(0.5f);
  const std::vector<int> text{0, 0, 1, 0, 1, 1, 0, 0, 1};
  const std::vector<double> losses = loss_by_position(model, text, 4, 4);
  REQUIRE(losses.size() == 4);
  CHECK_THAT(std::accumulate(losses.begin(), losses.end(), 0.0) / 4,
             WithinAbs(static_cast<double>(evaluate(model, text, 4)), 1e-6));
  // Windows begin with 0 and 1: logits 1 and -1 before a 0, then 0 and 0 before a 1.
  CHECK_THAT(losses[0], WithinAbs((std::log(1 + std::exp(-2.0)) + std::log(2.0)) / 2, 1e-6));
  REQUIRE_THROWS_WITH(loss_by_position(model, text, 9, 1),
                      "loss_by_position: T and every must be positive and the text at least T + 1 long, got "
                      "T = 9 and 9 characters");
}

}  // namespace
}  // namespace gpt
