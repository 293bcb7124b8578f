/// @file muon.hpp
/// An optimiser for matrices alone: it turns a gradient into a step that is as long in every direction.
#pragma once

#include <cstddef>
#include <vector>

#include "common/nn/nn.hpp"

namespace gpt {

/// Brings the singular values of a matrix near to 1 and leaves its singular vectors: U S V^T becomes about U V^T.
///
/// Each iteration makes s to 3.4445 s - 4.7750 s^3 + 2.0315 s^5, for all singular values at once and by products alone
/// (Newton and Schulz's method; these coefficients raise small values fastest, and end between 0.68 and 1.14).
/// @throws std::invalid_argument unless the matrix is (m, n)
Tensor orthogonalised(const Tensor& matrix, std::size_t iterations = 5);

/// The numbers of Muon; the defaults are its author's.
struct MuonOptions {
  float momentum = 0.95f;      ///< how slowly the mean gradient forgets, in [0, 1)
  float weight_decay = 0.01f;  ///< share of each weight taken off a step, times the learning rate, >= 0
};

/// Momentum, orthogonalised by Newton and Schulz (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon):
///
/// \f[ M \leftarrow \mu M + (1 - \mu) G, \qquad
///     W \leftarrow (1 - \eta \lambda) W
///       - \eta \sqrt{\max(1, \mathrm{out} / \mathrm{in})}\, \mathrm{orthogonalised}((1 - \mu) G + \mu M) \f]
///
/// A gradient's matrix is mostly a few large directions. Adam's steps are too; here the rare ones count as much. Only
/// for matrices between hidden layers: embeddings, the output layer, biases and norms are AdamW's.
class Muon {
 public:
  /// @throws std::invalid_argument if an option is out of its range, or a parameter is no matrix
  explicit Muon(Parameters parameters, MuonOptions options = {});

  /// Forgets all gradients.
  void zero_grad();

  /// Moves every weight that has a gradient. @param lr learning rate, >= 0; about 0.02 where AdamW's would be 0.001
  void step(float lr);

  std::size_t steps() const { return steps_; }           ///< steps done so far
  void set_steps(std::size_t steps) { steps_ = steps; }  ///< for a run that goes on from a checkpoint
  /// The running means, named "optimizer.momentum.NAME": what a run needs to go on as if it had never stopped.
  Parameters state() const;

 private:
  Parameters parameters_;
  MuonOptions options_;
  std::vector<Tensor> means_;  // running means of the gradients
  std::size_t steps_ = 0;
};

}  // namespace gpt
