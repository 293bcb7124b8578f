/// @file rotate.hpp
/// Chapter 7. New idea: a place is an angle. Turn queries and keys by it, and their product knows how far apart they are.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"

namespace gpt {

/// Turns each pair of channels (i, i + hs / 2) of position t, as a point in a plane, by the angle t theta_i:
///
/// \f[ a' = a \cos t\theta_i - b \sin t\theta_i, \qquad b' = a \sin t\theta_i + b \cos t\theta_i \f]
/// (Su et al. 2021, arXiv:2104.09864, section 3.2.2; which channels make a pair is a matter of numbering).
/// Shapes: x (..., T, hs), cosines and sines (T, hs / 2) -> (..., T, hs).
inline Tensor rotate_by_hand(const Tensor& x, const Tensor& cosines, const Tensor& sines) {
  //! [by_hand]
  const size_t hs = x.size(-1);
  const Tensor a = slice(x, -1, 0, hs / 2);   // (..., T, hs / 2): across
  const Tensor b = slice(x, -1, hs / 2, hs);  // (..., T, hs / 2): up
  return concatenate({a * cosines - b * sines, a * sines + b * cosines}, -1);
  //! [by_hand]
}

/// The angles of all places up to a last one, whose cosines and sines are worked out once: theta_i = 10000^(-2i / hs),
/// from one radian a place for the first pair to nearly none for the last. No parameters.
class Rotation {
 public:
  /// @param places how many, > 0
  /// @param hs     head size, even and > 0
  /// @throws std::invalid_argument if places is 0 or hs is 0 or odd
  Rotation(size_t places, size_t hs)
      : cosines_(Tensor::zeros({require_positive("Rotation: places", places), hs / 2})),
        sines_(Tensor::zeros({places, hs / 2})) {
    if (hs == 0 || hs % 2 != 0) {
      throw std::invalid_argument(
          "Rotation: the head size must be even, since channels turn in pairs, got hs = " +
          std::to_string(hs));
    }
    //! [angles]
    const size_t half = hs / 2;
    for (size_t t = 0; t < places; ++t) {
      for (size_t i = 0; i < half; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(half);
        const double theta = std::pow(10000.0, -share);  // radians a place
        const double angle = static_cast<double>(t) * theta;
        cosines_.mutable_values()[t * half + i] = static_cast<float>(std::cos(angle));
        sines_.mutable_values()[t * half + i] = static_cast<float>(std::sin(angle));
      }
    }
    //! [angles]
  }

  /// rotate_by_hand() in one pass, for positions first, first + 1, ... Shapes: x (..., T, hs) -> (..., T, hs).
  /// @throws std::invalid_argument unless first + T is at most the number of places
  Tensor operator()(const Tensor& x, size_t first = 0) const {
    const size_t end = first + x.size(-2);
    if (end > cosines_.size(0)) {
      throw std::invalid_argument("Rotation: has angles for " + std::to_string(cosines_.size(0)) +
                                  " places, got positions up to " + std::to_string(end));
    }
    return rotate(x, slice(cosines_, 0, first, end), slice(sines_, 0, first, end));
  }

 private:
  Tensor cosines_, sines_;  // (places, hs / 2)
};

}  // namespace gpt
