/// @file test_nn.cpp
/// Named parameters, the linear layer and the embedding table.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/nn/nn.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

std::vector<std::string> names(const Parameters& parameters) {
  std::vector<std::string> names;
  for (const Parameter& p : parameters) names.push_back(p.name);
  return names;
}

struct Twins {
  Linear left, right;
  Parameters parameters() const { return collect("left", left, "right", right); }
};

static_assert(Module<Linear> && Module<Embedding> && Module<Twins> && !Module<Tensor>);

TEST_CASE("collect: names tensors, modules and lists of modules, in the order given", "[nn]") {
  Rng rng(70);
  const Tensor gain = Tensor::full({3}, 1);
  const Linear layer(2, 3, Bias::on, rng);
  const std::vector<Twins> list{{Linear(1, 2, Bias::off, rng), Linear(2, 1, Bias::on, rng)},
                                {Linear(1, 2, Bias::off, rng), Linear(2, 1, Bias::off, rng)}};
  const Parameters all = collect("layer", layer, "gain", gain, "blocks", list);
  CHECK(names(all) == std::vector<std::string>{"layer.weight", "layer.bias", "gain", "blocks.0.left.weight",
                                               "blocks.0.right.weight", "blocks.0.right.bias",
                                               "blocks.1.left.weight", "blocks.1.right.weight"});
  // 6 + 3, 3, 2 + 2 + 1, 2 + 2
  CHECK(count(all) == 21);
  CHECK(count({}) == 0);
}

TEST_CASE("collect: gives handles, so that writing through them changes the module", "[nn]") {
  Rng rng(71);
  const Linear layer(1, 1, Bias::off, rng);
  Parameters parameters = layer.parameters();
  parameters[0].tensor.mutable_values()[0] = 5;
  CHECK(layer(Tensor::full({1, 1}, 2)).item() == 10);
}

TEST_CASE("Linear: x W + b", "[nn][linear]") {
  Rng rng(72);
  const Linear layer(2, 3, Bias::on, rng);
  Parameters p = layer.parameters();
  CHECK(names(p) == std::vector<std::string>{"weight", "bias"});
  CHECK(p[0].tensor.shape() == Shape{2, 3});
  CHECK(p[1].tensor.shape() == Shape{3});
  const std::vector<float> weight{1, 0, 2, 0, 1, 3}, bias{10, 20, 30};
  std::copy(weight.begin(), weight.end(), p[0].tensor.mutable_values().begin());
  std::copy(bias.begin(), bias.end(), p[1].tensor.mutable_values().begin());
  check_values("Linear", layer(Tensor::from({1, 2}, {1, 2})), Tensor::from({1, 3}, {11, 22, 38}));
}

TEST_CASE("Linear: without bias has one parameter", "[nn][linear]") {
  Rng rng(73);
  const Linear layer(2, 3, Bias::off, rng);
  CHECK(names(layer.parameters()) == std::vector<std::string>{"weight"});
  check_values("Linear of zeros", layer(Tensor::zeros({4, 5, 2})), Tensor::zeros({4, 5, 3}));
}

TEST_CASE("Linear: every parameter gets a gradient", "[nn][linear]") {
  Rng rng(74);
  const Linear layer(2, 3, Bias::on, rng);
  sum(layer(Tensor::from({2, 2}, {1, 2, 3, 4}))).backward();
  const Parameters p = layer.parameters();
  check_values("weight", Tensor::from({2, 3}, p[0].tensor.grad()), Tensor::from({2, 3}, {4, 4, 4, 6, 6, 6}));
  check_values("bias", Tensor::from({3}, p[1].tensor.grad()), Tensor::full({3}, 2));
}

TEST_CASE("Linear: weights start within 1 over the root of the inputs, spread evenly", "[nn][linear]") {
  Rng rng(75);
  const std::size_t in = 100, out = 200;
  const float bound = 1 / std::sqrt(static_cast<float>(in));
  for (const Parameter& p : Linear(in, out, Bias::on, rng).parameters()) {
    double squares = 0;
    bool inside = true;
    for (const float w : p.tensor.values()) {
      inside = inside && std::abs(w) <= bound;
      squares += static_cast<double>(w) * w;
    }
    INFO(p.name);
    CHECK(inside);
    // The variance of a uniform distribution over [-bound, bound] is bound^2 / 3.
    CHECK_THAT(squares / static_cast<double>(p.tensor.size()) * 3 * in,
               Catch::Matchers::WithinAbs(1.0, 0.25));
  }
}

TEST_CASE("Linear: refuses sizes of 0, and inputs of another width", "[nn][linear]") {
  Rng rng(76);
  CHECK(message_of<std::invalid_argument>([&] { Linear(0, 3, Bias::on, rng); }) ==
        "Linear: in must be positive, got 0");
  CHECK(message_of<std::invalid_argument>([&] { Linear(3, 0, Bias::on, rng); }) ==
        "Linear: out must be positive, got 0");
  const Linear layer(2, 3, Bias::off, rng);
  CHECK(message_of<std::invalid_argument>([&] {
          layer(Tensor::zeros({4, 3}));
        }) == "linear: x must be (..., 2) for weight (2, 3), got (4, 3)");
}

TEST_CASE("Embedding: looks rows up, and starts from normal draws", "[nn][embedding]") {
  Rng rng(77), same(77);
  const Embedding table(4, 2, rng);
  const Tensor weight = table.weight();
  for (const float v : weight.values()) CHECK(v == same.normal());
  CHECK(names(table.parameters()) == std::vector<std::string>{"weight"});
  const Tensor y = table(Tokens{1, 2, {3, 0}});
  CHECK(y.shape() == Shape{1, 2, 2});
  CHECK(y.at({0, 0, 1}) == table.weight().at({3, 1}));
  CHECK(y.at({0, 1, 0}) == table.weight().at({0, 0}));
  sum(y).backward();
  check_values("gradient", Tensor::from({4, 2}, table.weight().grad()),
               Tensor::from({4, 2}, {1, 1, 0, 0, 0, 0, 1, 1}));
}

TEST_CASE("Embedding: refuses sizes of 0 and ids outside the table", "[nn][embedding]") {
  Rng rng(78);
  CHECK(message_of<std::invalid_argument>([&] { Embedding(0, 2, rng); }) ==
        "Embedding: n must be positive, got 0");
  CHECK(message_of<std::invalid_argument>([&] { Embedding(2, 0, rng); }) ==
        "Embedding: C must be positive, got 0");
  const Embedding table(4, 2, rng);
  CHECK(message_of<std::invalid_argument>([&] {
          table(Tokens{1, 1, {4}});
        }) == "embedding: ids must be in [0, 4), got 4");
}

}  // namespace
}  // namespace gpt
