/// @file step_cost.hpp
/// Chapter 11. How long a step takes on P machines, before anybody has bought them.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"

namespace gpt {

/// What has to be measured: the model on one machine, and the wire between two.
struct Measured {
  double compute;  ///< seconds of one machine for the whole batch
  double
      fixed;  ///< seconds that do not shrink with the machine's part of it: the optimiser, and small products
  double bytes;      ///< of all gradients, 4 for each weight
  double latency;    ///< seconds from one rank's send to the next one's receive, of an empty message
  double bandwidth;  ///< bytes a second between two ranks
};

/// Seconds in which P ranks add up their gradients around a ring.
///
/// \f[ t = 2 (P - 1) \left( \mathrm{latency} + \frac{\mathrm{bytes}}{P \cdot \mathrm{bandwidth}} \right) \f]
/// @param P at least 1
inline double ring_seconds(const Measured& m, double P) {
  return 2 * (P - 1) * (m.latency + m.bytes / (P * m.bandwidth));
}

/// Seconds of one step on P ranks, each with a P-th of the batch.
/// @param hidden share of the computation behind which the sums can travel unseen, 0 to 1: 0 where they begin after
///               backward(), about 0.6 where they begin within it
inline double step_seconds(const Measured& m, double P, double hidden = 0) {
  const double work = m.compute / P;
  return m.fixed + work + std::max(0.0, ring_seconds(m, P) - hidden * work);
}

/// How much of P machines is made use of: 1 if P of them are P times as fast as one.
inline double efficiency(const Measured& m, double P, double hidden = 0) {
  return step_seconds(m, 1) / (P * step_seconds(m, P, hidden));
}

}  // namespace gpt
