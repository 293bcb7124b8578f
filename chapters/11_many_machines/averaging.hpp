/// @file averaging.hpp
/// Chapter 11. The three ways to average gradients, by their names.
#pragma once

#include <optional>

#include "11_many_machines/average_gradients.hpp"
#include "11_many_machines/average_while_backward.hpp"

namespace gpt {

/// Averages gradients in one of three ways for as long as it lives.
class Averaging {
 public:
  /// @param way     "one-by-one", "after" or "while"
  /// @param weights what is averaged; each must want a gradient
  /// @param ranks   must outlive this
  Averaging(const std::string& way, const Parameters& weights, Ranks& ranks)
      : way_(way), weights_(weights), ranks_(ranks) {
    if (way == "while") meanwhile_.emplace(weights, ranks, /*bucket=*/size_t{32'768});
  }

  /// To be called between backward() and the move.
  void before_step() {
    if (way_ == "while")
      meanwhile_->finish();
    else if (way_ == "after")
      average_gradients(weights_, ranks_);
    else
      average_one_by_one(weights_, ranks_);
  }

 private:
  std::string way_;
  Parameters weights_;
  Ranks& ranks_;
  std::optional<AverageWhileBackward> meanwhile_;
};

}  // namespace gpt
