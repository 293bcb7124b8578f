/// @file norm_place.hpp
/// Chapter 7. Where the norm stands: on the road, or beside it.
#pragma once

#include "common/gpt.hpp"

namespace gpt {

/// Does a norm stand before a part, or after its sum with the stream?
enum class Place { pre, post };

/// Half a block: part is attention or feed-forward. Shapes: x (B, T, C) -> (B, T, C).
///
/// Pre-norm is GPT-2's (Radford et al. 2019, section 2.3): the stream itself is never normed, and a gradient finds a way
/// down on which nothing stands. Post-norm is the paper's (Vaswani et al. 2017, section 3.1; compared by Xiong et al.
/// 2020, arXiv:2002.04745, section 3).
template <class Norm, class Part>
Tensor half_block(Place place, const Tensor& x, const Norm& norm, const Part& part) {
  //! [half]
  if (place == Place::pre) return x + part(norm(x));
  return norm(x + part(x));
  //! [half]
}

}  // namespace gpt
