/// @file median.hpp
/// The middle one of several measured times: unlike their mean, one that was disturbed does not move it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gpt {

/// Half of the values are at most this; of an even number of them, the upper of the two in the middle. 0 if there are none.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace gpt
