/// @file test_muon_and_adamw.cpp
/// Each weight is moved by its own optimiser, as it would be by that one alone.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/nn/muon_and_adamw.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

// A model's weights by their names, all of them with a gradient.
Parameters weights() {
  Rng rng(1);
  Parameters all;
  const auto add = [&](const char* name, Shape shape) {
    const Tensor w = Tensor::normal(shape, 1, rng).require_grad();
    for (float& g : w.mutable_grad()) g = rng.normal();
    all.push_back({name, w});
  };
  add("token_embedding.weight", {7, 4});
  add("blocks.0.attention.query.weight", {4, 4});
  add("blocks.0.feed_forward.hidden.weight", {4, 16});
  add("blocks.0.feed_forward.hidden.bias", {16});
  add("blocks.0.norm_1.gain", {4});
  add("output.weight", {4, 7});
  return all;
}

TEST_CASE("MuonAndAdamW: hidden matrices are Muon's, and all else is AdamW's", "[muon]") {
  const Parameters together = weights(), muon_alone = weights(), adamw_alone = weights();
  MuonAndAdamW optimizer(together, /*muon_rate=*/20);
  Muon muon({muon_alone[1], muon_alone[2]});
  AdamW adamw({adamw_alone[0], adamw_alone[3], adamw_alone[4], adamw_alone[5]});
  for (int step = 0; step < 3; ++step) {
    const float norm = optimizer.step(0.001f);
    muon.step(0.02f);
    CHECK(norm == adamw.step(0.001f));
  }
  for (const std::size_t i : {1, 2})
    check_values(together[i].name, together[i].tensor, muon_alone[i].tensor, 1e-6);
  for (const std::size_t i : {0, 3, 4, 5})
    check_values(together[i].name, together[i].tensor, adamw_alone[i].tensor, 0);
  optimizer.zero_grad();
  for (const Parameter& p : together) CHECK(p.tensor.grad().empty());
}

TEST_CASE("MuonAndAdamW: goes on from its state as if it had never stopped", "[muon]") {
  const Parameters unbroken = weights(), broken = weights();
  MuonAndAdamW whole(unbroken, 20), first(broken, 20), second(broken, 20);
  for (int step = 0; step < 6; ++step) whole.step(0.01f);
  for (int step = 0; step < 3; ++step) first.step(0.01f);
  const Parameters saved = first.state(), restored = second.state();
  REQUIRE(saved.size() == 2 * 4 + 2);
  for (std::size_t i = 0; i < saved.size(); ++i) {
    CHECK(saved[i].name == restored[i].name);
    const Tensor from = saved[i].tensor;
    std::copy(from.values().begin(), from.values().end(), restored[i].tensor.mutable_values().begin());
  }
  second.set_steps(first.steps());
  for (int step = 0; step < 3; ++step) second.step(0.01f);
  CHECK(second.steps() == 6);
  for (std::size_t i = 0; i < broken.size(); ++i)
    check_values(broken[i].name, broken[i].tensor, unbroken[i].tensor, 0);
}

TEST_CASE("MuonAndAdamW: refuses a rate that is not positive", "[muon]") {
  CHECK(message_of<std::invalid_argument>([] { MuonAndAdamW({}, 0); }) ==
        "MuonAndAdamW: muon_rate must be in [1.17549e-38, 3.40282e+38], got 0");
}

}  // namespace
}  // namespace gpt
