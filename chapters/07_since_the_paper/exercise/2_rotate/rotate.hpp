/// @file rotate.hpp
/// Chapter 7. New idea: a place is an angle. Turn queries and keys by it, and their product knows how far apart they are.
#pragma once

#include <stdexcept>

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Turns each pair of channels (i, i + hs / 2) of position t, as a point in a plane, by the angle t theta_i:
///
/// \f[ a' = a \cos t\theta_i - b \sin t\theta_i, \qquad b' = a \sin t\theta_i + b \cos t\theta_i \f]
/// (Su et al. 2021, arXiv:2104.09864, section 3.2.2; which channels make a pair is a matter of numbering).
/// Shapes: x (..., T, hs), cosines and sines (T, hs / 2) -> (..., T, hs).
inline Tensor rotate_by_hand(const Tensor& x, const Tensor& cosines, const Tensor& sines) {
  todo("rotate");  // TODO: the halves a and b, turned, one after the other again
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
    todo("rotate");  // TODO: cosine and sine of t theta_i, for each place t and pair i
  }

  /// For positions first, first + 1, ... Shapes: x (..., T, hs) -> (..., T, hs).
  /// @throws std::invalid_argument unless first + T is at most the number of places
  Tensor operator()(const Tensor& x, size_t first = 0) const {
    const size_t end = first + x.size(-2);
    if (end > cosines_.size(0)) {
      throw std::invalid_argument("Rotation: has angles for " + std::to_string(cosines_.size(0)) +
                                  " places, got positions up to " + std::to_string(end));
    }
    return rotate_by_hand(x, slice(cosines_, 0, first, end), slice(sines_, 0, first, end));
  }

 private:
  Tensor cosines_, sines_;  // (places, hs / 2)
};

}  // namespace gpt
