#include "common/nn/adamw.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "common/kernels/parallel.hpp"

namespace gpt {
namespace {

// float32 within a chunk, double across them
double sum_of_squares(std::span<const float> x) {
  constexpr std::size_t chunk = 4096;
  std::vector<float> parts((x.size() + chunk - 1) / chunk);
  parallel_for(parts.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::span<const float> part = x.subspan(i * chunk, std::min(chunk, x.size() - i * chunk));
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::size_t k = 0; k < part.size(); ++k) sum += part[k] * part[k];
      parts[i] = sum;
    }
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace

AdamW::AdamW(Parameters parameters, AdamWOptions options)
    : parameters_(std::move(parameters)), options_(options) {
  constexpr float huge = std::numeric_limits<float>::max();
  require_fraction("AdamW: beta1", options_.beta1);
  require_fraction("AdamW: beta2", options_.beta2);
  require_between("AdamW: epsilon", options_.epsilon, std::numeric_limits<float>::min(), huge);
  require_between("AdamW: weight_decay", options_.weight_decay, 0.0f, huge);
  require_between("AdamW: clip", options_.clip, 0.0f, huge);
  for (const Parameter& p : parameters_) {
    means_.push_back(Tensor::zeros(p.tensor.shape()));
    squares_.push_back(Tensor::zeros(p.tensor.shape()));
  }
}

void AdamW::zero_grad() {
  for (const Parameter& p : parameters_) p.tensor.zero_grad();
}

float AdamW::step(float lr) {
  require_between("AdamW::step: lr", lr, 0.0f, std::numeric_limits<float>::max());
  if (before_step_) before_step_();
  double squared = 0;
  for (const Parameter& p : parameters_) squared += sum_of_squares(p.tensor.grad());
  const float norm = static_cast<float>(std::sqrt(squared));
  const float clip = options_.clip > 0.0f && norm > options_.clip ? options_.clip / norm : 1.0f;

  ++steps_;
  const double t = static_cast<double>(steps_);
  const float step_size = static_cast<float>(lr / (1.0 - std::pow(options_.beta1, t)));
  const float unbias = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, t)));
  const float keep = 1.0f - lr * options_.weight_decay;
  const AdamWOptions o = options_;
  std::vector<float*> weights, means, squares;
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    weights.push_back(parameters_[k].tensor.mutable_values().data());
    means.push_back(means_[k].mutable_values().data());
    squares.push_back(squares_[k].mutable_values().data());
  }
  // The parameters' numbers as one long row, of which each thread takes a share.
  parallel_for(count(parameters_), plain_grain, [&](std::size_t begin, std::size_t end) {
    std::size_t offset = 0;  // of a parameter in that row
    for (std::size_t k = 0; k < parameters_.size(); offset += parameters_[k++].tensor.size()) {
      const std::span<const float> grad = parameters_[k].tensor.grad();
      const std::size_t first = std::max(begin, offset) - offset;
      const std::size_t last =
          std::min(std::max(end, offset) - offset, grad.size());  // 0 if it has no part in this loss
      const float* g = grad.data();
      float *w = weights[k], *mean = means[k], *square = squares[k];
#pragma omp simd
      for (std::size_t i = first; i < last; ++i) {
        const float gradient = g[i] * clip;
        mean[i] = o.beta1 * mean[i] + (1.0f - o.beta1) * gradient;
        square[i] = o.beta2 * square[i] + (1.0f - o.beta2) * gradient * gradient;
        w[i] = keep * w[i] - step_size * mean[i] / (std::sqrt(square[i]) * unbias + o.epsilon);
      }
    }
  });
  return norm;
}

Parameters AdamW::state() const {
  Parameters state;
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    state.push_back({"optimizer.mean." + parameters_[k].name, means_[k]});
    state.push_back({"optimizer.square." + parameters_[k].name, squares_[k]});
  }
  return state;
}

}  // namespace gpt
