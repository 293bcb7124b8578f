/// @file set_weights.hpp
/// Weights for tests: written out, or one pattern everywhere, so that no test depends on the order of draws.
#pragma once

#include <algorithm>

#include "common/gpt.hpp"
#include "tests/support/expect.hpp"

namespace gpt {

/// The weight of this name. @throws Unmet if there is none
inline Tensor weight(const Parameters& parameters, const std::string& name) {
  std::string names;
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return parameter.tensor;
    names += (names.empty() ? "" : ", ") + parameter.name;
  }
  expect(false, "parameters() should list a weight " + name + ", got " + (names.empty() ? "none" : names));
  return Tensor::zeros({1});  // not reached
}

/// Writes a weight's numbers, row after row.
inline void set_weight(const Parameters& parameters, const std::string& name,
                       const std::vector<float>& values) {
  const Tensor tensor = weight(parameters, name);
  expect(tensor.size() == values.size(), name + " should hold " + std::to_string(values.size()) +
                                             " numbers, got shape " + to_string(tensor.shape()));
  std::copy(values.begin(), values.end(), tensor.mutable_values().begin());
}

/// The same number in all of a weight.
inline void fill_weight(const Parameters& parameters, const std::string& name, float value) {
  const Tensor tensor = weight(parameters, name);
  for (float& x : tensor.mutable_values()) x = value;
}

/// Numbers without a pattern that a mistake could share, in +-size: sines of far-apart angles.
inline std::vector<float> uneven(size_t count, float size = 1.0f, float shift = 0.0f) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = size * std::sin(shift + 1.7f + 2.3f * float(i));
  return values;
}

/// Every weight of a module to uneven() numbers, each weight to its own.
inline void set_uneven(const Parameters& parameters, float size = 0.5f) {
  float shift = 0.0f;
  for (const Parameter& parameter : parameters) {
    const std::vector<float> values = uneven(parameter.tensor.size(), size, shift += 0.9f);
    std::copy(values.begin(), values.end(), parameter.tensor.mutable_values().begin());
  }
}

/// The numbers of one module into another of the same shapes, in the order of parameters().
inline void copy_weights(const Parameters& from, const Parameters& to) {
  expect(from.size() == to.size(), "parameters() should list " + std::to_string(from.size()) +
                                       " weights, got " + std::to_string(to.size()));
  for (size_t i = 0; i < from.size(); ++i)
    std::copy(from[i].tensor.values().begin(), from[i].tensor.values().end(),
              to[i].tensor.mutable_values().begin());
}

}  // namespace gpt
