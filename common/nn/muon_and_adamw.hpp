/// @file muon_and_adamw.hpp
/// Two optimisers for one model: each weight has the one that is made for it.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "common/nn/adamw.hpp"
#include "common/nn/muon.hpp"

namespace gpt {

/// Is this a matrix between two hidden layers? Not an embedding table ("token_embedding.weight", or another name with
/// "embedding" or "table" in it), not the last layer ("output.weight"), and nothing that is no matrix.
bool is_hidden_matrix(const Parameter& parameter);

/// Muon for the hidden matrices, AdamW for all else, with AdamW's own interface.
class MuonAndAdamW {
 public:
  /// @param muon_rate  Muon's learning rate where AdamW's is 1, > 0
  MuonAndAdamW(const Parameters& parameters, float muon_rate, MuonOptions muon = {}, AdamWOptions adamw = {});

  void zero_grad();  ///< forgets all gradients

  /// Calls f at the beginning of every step, before either has moved a weight.
  void before_step(std::function<void()> f) { adamw_.before_step(std::move(f)); }  // which steps first

  /// Moves every weight that has a gradient. @param lr AdamW's learning rate, >= 0
  /// @returns the norm of the gradients that are AdamW's, before clipping: Muon's steps don't depend on their size
  float step(float lr);

  std::size_t steps() const { return adamw_.steps(); }  ///< steps done so far
  void set_steps(std::size_t steps);                    ///< for a run that goes on from a checkpoint
  /// Both optimisers' running means: what a run needs to go on as if it had never stopped.
  Parameters state() const;

 private:
  float muon_rate_;
  Muon muon_;
  AdamW adamw_;
};

}  // namespace gpt
