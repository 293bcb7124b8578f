/// @file head_norm.hpp
/// Chapter 7. New idea: queries and keys on one scale, so that no score grows without end.
#pragma once

#include "07_since_the_paper/rms_norm.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Query-key norm: every head's hs numbers divided by their size, then times one gain for all heads.
///
/// A score q k / sqrt(hs) of normed vectors is at most sqrt(hs) times the gains, however large the weights become
/// (Henry et al. 2020, arXiv:2010.04245; with a norm as here, Dehghani et al. 2023, arXiv:2302.05442,
/// section 2). Shapes: x (B, T, H hs) -> (B, T, H hs). Parameters: gain (hs).
class HeadNorm {
 public:
  /// @param hs head size, > 0
  /// @throws std::invalid_argument if hs is 0
  explicit HeadNorm(size_t hs) : hs_(hs), norm_(hs) {}

  /// @throws std::invalid_argument unless the channels of x are whole heads
  Tensor operator()(const Tensor& x) const {
    const Tensor heads = reshape(x, {x.size(0), x.size(1), x.size(2) / hs_, hs_});  // (B, T, H, hs)
    return reshape(norm_(heads), x.shape());                                        // (B, T, H hs)
  }

  /// Its weights.
  Parameters parameters() const { return norm_.parameters(); }

 private:
  size_t hs_;
  RMSNorm norm_;
};

}  // namespace gpt
