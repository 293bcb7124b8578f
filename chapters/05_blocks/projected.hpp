/// @file projected.hpp
/// Chapter 5. What a part has worked out is translated back before it is added to
/// the stream that runs past all.
#pragma once

#include "05_blocks/dropout.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// A part, a linear layer from its channels back to those of the residual stream, and dropout.
///
/// Shapes: x (B, T, C) -> (B, T, C). Parameters, in order: the part's, projection.weight (inner, C),
/// projection.bias (C).
template <Module Part>
class Projected {
 public:
  /// @param part    takes (B, T, C) to (B, T, inner)
  /// @param inner   its output's channels, > 0
  /// @param C       channels of the stream, > 0
  /// @param dropout share of the result that is dropped in training, in [0, 1)
  /// @param rng     draws the initial weights and what is dropped; it must outlive this object
  Projected(Part part, size_t inner, size_t C, float dropout, Rng& rng)
      : part_(std::move(part)), projection_(inner, C, Bias::on, rng), dropout_(dropout, rng) {}

  /// What the part makes of x, back in the stream's channels: (B, T, C) -> (B, T, C).
  //! [forward]
  Tensor operator()(const Tensor& x) const {
    return dropout_(projection_(part_(x)));  // (B, T, inner) -> (B, T, C)
  }
  //! [forward]

  /// Its weights.
  Parameters parameters() const {
    Parameters all = part_.parameters();
    append(all, "projection", projection_);
    return all;
  }

 private:
  Part part_;
  Linear projection_;
  Dropout dropout_;
};

}  // namespace gpt
