/// @file gradient_check.hpp
/// Tests any operation in one line: its numbers against expected ones, its gradients
/// against central differences.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/tensor/tensor.hpp"
#include "tests/support/catch.hpp"

namespace gpt {

using Inputs = std::vector<Tensor>;

/// An operation as a function of all its inputs: `[](const Inputs& in) { return in[0] * in[1]; }`. It must
/// give the same numbers at every call, so one that draws makes its own Rng.
using Operation = std::function<Tensor(const Inputs&)>;

struct GradientCheck {
  double step = 4e-3;         ///< every input element is moved by this much to both sides
  double tolerance = 2e-3;    ///< largest difference; relative for gradients beyond 1
  std::uint64_t seed = 1337;  ///< draws the weights of the outputs
};

/// What differs first between two tensors, in a sentence; empty if nothing does.
/// Infinities and NaN must be the same.
/// @param tolerance largest difference; relative for numbers beyond 1
std::string value_mismatch(const std::string& name, const Tensor& actual, const Tensor& expected,
                           double tolerance = 1e-6);

/// Compares backward() with central differences of the sum of all outputs times random weights:
/// a plain sum would not see gradients that are wrong but add up. Goes on to ask each input
/// alone for its gradient, and twice for all of them, which must double what is there:
/// operations write a first gradient but add a later one.
/// @returns what differs first, in a sentence; empty if nothing does
std::string gradient_mismatch(const std::string& name, const Operation& operation, const Inputs& inputs,
                              const GradientCheck& options = {});

inline void check_values(const std::string& name, const Tensor& actual, const Tensor& expected,
                         double tolerance = 1e-6) {
  CHECK(value_mismatch(name, actual, expected, tolerance) == "");
}

inline void check_gradient(const std::string& name, const Operation& operation, const Inputs& inputs,
                           const GradientCheck& options = {}) {
  CHECK(gradient_mismatch(name, operation, inputs, options) == "");
}

/// Forward and backward in one line.
inline void check_operation(const std::string& name, const Operation& operation, const Inputs& inputs,
                            const Tensor& expected, const GradientCheck& options = {}) {
  check_values(name, operation(inputs), expected);
  check_gradient(name, operation, inputs, options);
}

/// Two ways to compute the same: equal numbers, and equal gradients for random weights of the outputs.
/// @returns what differs first, in a sentence; empty if nothing does
std::string difference(const std::string& name, const Operation& one, const Operation& other,
                       const Inputs& inputs, double tolerance = 1e-5);

inline void check_same(const std::string& name, const Operation& one, const Operation& other,
                       const Inputs& inputs, double tolerance = 1e-5) {
  CHECK(difference(name, one, other, inputs, tolerance) == "");
}

/// The message of the exception that f throws; "no exception" if it throws none.
template <class Exception, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.what();
  }
  return "no exception";
}

}  // namespace gpt
