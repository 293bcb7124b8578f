#include "common/nn/muon.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

#include "common/kernels/parallel.hpp"

namespace gpt {
namespace {

// The root of the sum of all squares, which is at least the largest singular value.
float norm_of(std::span<const float> x) {
  double squares = 0;
  for (const float v : x) squares += double(v) * v;
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace

Tensor orthogonalised(const Tensor& matrix, std::size_t iterations) {
  require_shape("orthogonalised: matrix", matrix, {any, any});
  const NoGrad no_grad;
  const bool tall = matrix.size(0) > matrix.size(1);
  Tensor x = tall ? transpose(matrix)
                  : matrix;  // (m, n) with m <= n, so that the products below are the smaller ones
  x = x * (1.0f / (norm_of(matrix.values()) + 1e-7f));
  for (std::size_t i = 0; i < iterations; ++i) {
    const Tensor squared = matmul(x, transpose(x));                            // (m, m)
    const Tensor b = squared * -4.7750f + matmul(squared, squared) * 2.0315f;  // (m, m)
    x = x * 3.4445f + matmul(b, x);                                            // (m, n)
  }
  return tall ? transpose(x) : x;
}

Muon::Muon(Parameters parameters, MuonOptions options)
    : parameters_(std::move(parameters)), options_(options) {
  require_fraction("Muon: momentum", options_.momentum);
  require_between("Muon: weight_decay", options_.weight_decay, 0.0f, std::numeric_limits<float>::max());
  for (const Parameter& p : parameters_) {
    require_shape(("Muon: " + p.name).c_str(), p.tensor, {any, any});
    means_.push_back(Tensor::zeros(p.tensor.shape()));
  }
}

void Muon::zero_grad() {
  for (const Parameter& p : parameters_) p.tensor.zero_grad();
}

void Muon::step(float lr) {
  require_between("Muon::step: lr", lr, 0.0f, std::numeric_limits<float>::max());
  ++steps_;
  const float mu = options_.momentum, keep = 1.0f - lr * options_.weight_decay;
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const Tensor& w = parameters_[k].tensor;
    const std::span<const float> g = w.grad();
    if (g.empty()) continue;  // it has no part in this loss
    const std::span<float> mean = means_[k].mutable_values();
    const Tensor ahead = Tensor::zeros(w.shape());  // Nesterov's: where the mean is going
    const std::span<float> u = ahead.mutable_values();
    parallel_for(g.size(), plain_grain, [=](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        mean[i] = mu * mean[i] + (1.0f - mu) * g[i];
        u[i] = mu * mean[i] + (1.0f - mu) * g[i];
      }
    });
    const Tensor step = orthogonalised(ahead);
    const std::span<const float> d = step.values();
    const std::span<float> values = w.mutable_values();
    const float in = static_cast<float>(w.size(0)), out = static_cast<float>(w.size(1));
    const float length = lr * std::sqrt(std::max(1.0f, out / in));
    parallel_for(g.size(), plain_grain, [=](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) values[i] = keep * values[i] - length * d[i];
    });
  }
}

Parameters Muon::state() const {
  Parameters state;
  for (std::size_t k = 0; k < parameters_.size(); ++k)
    state.push_back({"optimizer.momentum." + parameters_[k].name, means_[k]});
  return state;
}

}  // namespace gpt
