/// @file test_reference_optimiser.cpp
/// AdamW takes PyTorch's steps.
#include <algorithm>
#include <string>
#include <vector>

#include "common/nn/adamw.hpp"
#include "tests/reference/reference.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

/// Five steps with given gradients; `lr` is used where the case brings no rates of its own.
void require_same_steps(const std::string& case_name, float lr, const AdamWOptions& options) {
  const Reference reference("optimiser");
  std::vector<Tensor> weights = reference.numbered(case_name, "before");
  Parameters parameters;
  for (Tensor& w : weights) parameters.push_back({std::to_string(parameters.size()), w.require_grad()});
  AdamW optimiser(parameters, options);

  std::vector<float> norms;
  for (int step = 0; step < 5; ++step) {
    INFO(case_name << ", step " << step);
    const std::string prefix = "step." + std::to_string(step) + ".";
    const std::vector<Tensor> gradients = reference.numbered(case_name, prefix + "gradient");
    optimiser.zero_grad();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      std::ranges::copy(gradients[i].values(), weights[i].mutable_grad().begin());
    }
    const bool scheduled = reference.has(case_name, prefix + "rate");
    norms.push_back(optimiser.step(scheduled ? reference.tensor(case_name, prefix + "rate").item() : lr));

    const std::vector<Tensor> after = reference.numbered(case_name, prefix + "after");
    REQUIRE(after.size() == weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      CHECK(distance(weights[i].values(), after[i].values()) <= 1e-5);
    }
  }
  if (options.clip > 0) {
    const Tensor expected = reference.tensor(case_name, "norms");
    CHECK(distance(norms, expected.values()) <= 1e-5);
  }
}

}  // namespace

TEST_CASE("reference: AdamW takes PyTorch's steps", "[reference][adamw]") {
  require_same_steps("adamw_defaults", 0.05f, AdamWOptions{});
}

TEST_CASE("reference: AdamW with stronger decay and a shorter memory takes PyTorch's steps",
          "[reference][adamw]") {
  AdamWOptions options;
  options.beta2 = 0.99f;
  options.weight_decay = 0.1f;
  require_same_steps("adamw_gpt", 0.1f, options);
}

TEST_CASE("reference: AdamW clips the norm of all gradients together as PyTorch does", "[reference][adamw]") {
  AdamWOptions options;
  options.beta2 = 0.99f;
  options.weight_decay = 0.1f;
  options.clip = 1.0f;  // some of the five steps' gradients are longer and some shorter
  require_same_steps("adamw_clipped", 0.1f, options);
  require_same_steps("adamw_scheduled", 0.0f, options);
}
