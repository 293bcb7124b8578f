/// @file together.hpp
/// Chapter 11. One training of several ranks, seen from one of them: what each does before, in and after its steps.
#pragma once

#include <algorithm>
#include <cstdio>
#include <optional>

#include "11_many_machines/averaging.hpp"
#include "11_many_machines/split_adamw.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// A rank's part of a training. Each of its calls, but for memory(), is made by all ranks, in the same order.
class Together {
 public:
  /// @param ranks   must outlive this
  /// @param weights of the model
  /// @param way     to average gradients: "one-by-one", "after" or "while"
  /// @param split   is the optimiser SplitAdamW?
  Together(Ranks& ranks, Parameters weights, std::string way, bool split)
      : ranks_(ranks), weights_(std::move(weights)), way_(std::move(way)), split_(split) {}

  /// Before the first step all get what rank 0 begins with. @param all the weights, then what the optimiser remembers
  void begin(const Parameters& all) {
    remembered_ = count(all) - count(weights_);
    share_weights(split_ ? weights_ : all, ranks_);
    averaging_.emplace(way_, weights_, ranks_);
  }
  /// Between the backward pass and the move.
  void before_step() { averaging_->before_step(); }
  /// After the last step.
  void end() {
    averaging_.reset();
    all_remember_ = ranks_.gather(remembered_);
  }

  /// Has any of them said yes?
  bool anybody(bool me) { return std::ranges::count(ranks_.gather(me ? 1 : 0), 1u) > 0; }
  /// What one optimiser of all weights would remember: on rank 0. @param own what this rank's does
  Parameters whole(const Parameters& own) { return split_ ? whole_state(weights_, own, ranks_) : own; }

  /// "The optimiser's running means, in megabytes: 0.84 on rank 0, 0.83 on rank 1.", or "" if nothing was learned.
  /// Asks nobody: each has said so at the end.
  std::string memory() const {
    if (all_remember_.empty()) return "";
    std::string text = "The optimiser's running means, in megabytes:";
    for (size_t r = 0; r < all_remember_.size(); ++r) {
      char megabytes[32];
      std::snprintf(megabytes, sizeof megabytes, " %.2f", 4e-6 * double(all_remember_[r]));
      text += megabytes + (" on rank " + std::to_string(r)) + (r + 1 < all_remember_.size() ? "," : ".");
    }
    return text;
  }

 private:
  Ranks& ranks_;
  Parameters weights_;
  std::string way_;
  bool split_;
  size_t remembered_ = 0;                    // numbers of the optimiser on this rank
  std::vector<std::uint64_t> all_remember_;  // the same of all
  std::optional<Averaging> averaging_;
};

}  // namespace gpt
