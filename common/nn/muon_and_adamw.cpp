#include "common/nn/muon_and_adamw.hpp"

#include <limits>
#include <string>

namespace gpt {
namespace {

Parameters chosen(const Parameters& all, bool hidden) {
  Parameters some;
  for (const Parameter& p : all) {
    if (is_hidden_matrix(p) == hidden) some.push_back(p);
  }
  return some;
}

}  // namespace

bool is_hidden_matrix(const Parameter& parameter) {
  const auto has = [&](const char* word) { return parameter.name.find(word) != std::string::npos; };
  return parameter.tensor.dim() == 2 && !has("embedding") && !has("table") && !has("output");
}

MuonAndAdamW::MuonAndAdamW(const Parameters& parameters, float muon_rate, MuonOptions muon,
                           AdamWOptions adamw)
    : muon_rate_(require_between("MuonAndAdamW: muon_rate", muon_rate, std::numeric_limits<float>::min(),
                                 std::numeric_limits<float>::max())),
      muon_(chosen(parameters, /*hidden=*/true), muon),
      adamw_(chosen(parameters, /*hidden=*/false), adamw) {}

void MuonAndAdamW::zero_grad() {
  muon_.zero_grad();
  adamw_.zero_grad();
}

float MuonAndAdamW::step(float lr) {
  const float norm = adamw_.step(lr);
  muon_.step(lr * muon_rate_);
  return norm;
}

void MuonAndAdamW::set_steps(std::size_t steps) {
  muon_.set_steps(steps);
  adamw_.set_steps(steps);
}

Parameters MuonAndAdamW::state() const {
  Parameters state = adamw_.state();
  const Parameters muon = muon_.state();
  state.insert(state.end(), muon.begin(), muon.end());
  return state;
}

}  // namespace gpt
