#include "tests/support/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "common/tensor/rng.hpp"

namespace gpt {
namespace {

using Gradients = std::vector<std::vector<double>>;  // one list of numbers for each input

// "(1, 2)" for the sixth element of shape (2, 3)
std::string place(const Shape& shape, std::size_t element) {
  Shape index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; element /= shape[axis])
    index[axis] = element % shape[axis];
  return to_string(index);
}

bool agree(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

Tensor copy_of(const Tensor& x) { return Tensor::from(x.shape(), x.values()); }

Inputs copies_of(const Inputs& inputs) {
  Inputs copies;
  for (const Tensor& input : inputs) copies.push_back(copy_of(input));
  return copies;
}

Tensor random_weights(const Operation& operation, const Inputs& inputs, std::uint64_t seed) {
  Rng rng(seed);
  return Tensor::uniform(operation(copies_of(inputs)).shape(), -1.0f, 1.0f, rng);
}

double weighted_sum(const Tensor& y, const Tensor& weights) {
  double total = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    total += static_cast<double>(y.values()[i]) * weights.values()[i];
  return total;
}

// backward() of the sum of y times weights. That sum is not made of the library's
// operations: they are under test.
void send_back(const Tensor& y, const Tensor& weights) {
  const Tensor loss = Tensor::with_backward({}, std::vector<float>{0.0f}, {y},
                                            [y = y, weights](std::span<const float> dloss) mutable {
                                              const std::span<float> dy = y.mutable_grad();
                                              for (std::size_t i = 0; i < dy.size(); ++i) {
                                                dy[i] += dloss[0] * weights.values()[i];
                                              }
                                            });
  loss.backward();
}

// What backward() leaves in the inputs that want a gradient, after so many passes over the same leaves.
Gradients from_backward(const Operation& operation, const Inputs& inputs, const Tensor& weights,
                        const std::vector<bool>& wants, int passes) {
  Inputs leaves = copies_of(inputs);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (wants[i]) leaves[i].require_grad();
  }
  for (int pass = 0; pass < passes; ++pass) send_back(operation(leaves), weights);
  Gradients gradients;
  for (const Tensor& leaf : leaves) {
    gradients.emplace_back(leaf.size(), 0.0);  // no gradient is a gradient of zeros
    std::copy(leaf.grad().begin(), leaf.grad().end(), gradients.back().begin());
  }
  return gradients;
}

Gradients from_differences(const Operation& operation, const Inputs& inputs, const Tensor& weights,
                           double step) {
  Inputs moved = copies_of(inputs);
  Gradients gradients;
  for (Tensor& input : moved) {
    gradients.emplace_back();
    for (float& value : input.mutable_values()) {
      const float middle = value;
      // The steps that float32 really makes, which are not quite the steps that were asked for.
      const float above = static_cast<float>(middle + step), below = static_cast<float>(middle - step);
      value = above;
      const double y_above = weighted_sum(operation(moved), weights);
      value = below;
      const double y_below = weighted_sum(operation(moved), weights);
      value = middle;
      gradients.back().push_back((y_above - y_below) / (static_cast<double>(above) - below));
    }
  }
  return gradients;
}

// The first gradient of a wanting input that is not `factor` times the expected one.
std::string first_mismatch(const std::string& name, const Inputs& inputs, const Gradients& got,
                           const Gradients& expected, const std::string& source,
                           const std::vector<bool>& wants, double factor, double tolerance) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t e = 0; wants[i] && e < got[i].size(); ++e) {
      if (agree(got[i][e], factor * expected[i][e], tolerance)) continue;
      std::ostringstream text;
      text << name << ": the gradient of input " << i << " " << to_string(inputs[i].shape()) << " at "
           << place(inputs[i].shape(), e) << " is " << got[i][e] << " by backward(), but "
           << factor * expected[i][e] << " by " << source;
      return text.str();
    }
  }
  return "";
}

}  // namespace

std::string value_mismatch(const std::string& name, const Tensor& actual, const Tensor& expected,
                           double tolerance) {
  std::ostringstream text;
  text.precision(9);
  if (actual.shape() != expected.shape()) {
    text << name << ": the shape is " << to_string(actual.shape()) << ", expected "
         << to_string(expected.shape());
    return text.str();
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (agree(actual.values()[i], expected.values()[i], tolerance)) continue;
    text << name << ": the value at " << place(actual.shape(), i) << " is " << actual.values()[i]
         << ", expected " << expected.values()[i];
    return text.str();
  }
  return "";
}

std::string gradient_mismatch(const std::string& name, const Operation& operation, const Inputs& inputs,
                              const GradientCheck& options) {
  const Tensor weights = random_weights(operation, inputs, options.seed);
  const Gradients expected = from_differences(operation, inputs, weights, options.step);
  const std::vector<bool> all(inputs.size(), true);
  const Gradients got = from_backward(operation, inputs, weights, all, 1);
  std::string mismatch =
      first_mismatch(name, inputs, got, expected, "central differences", all, 1.0, options.tolerance);
  constexpr double rounding = 1e-5;
  for (std::size_t i = 0; mismatch.empty() && inputs.size() > 1 && i < inputs.size(); ++i) {
    std::vector<bool> alone(inputs.size(), false);
    alone[i] = true;
    mismatch = first_mismatch(name + " with one input that wants a gradient", inputs,
                              from_backward(operation, inputs, weights, alone, 1), got,
                              "backward() for all inputs", alone, 1.0, rounding);
  }
  if (mismatch.empty()) {
    mismatch =
        first_mismatch(name + " after two passes", inputs, from_backward(operation, inputs, weights, all, 2),
                       got, "two times one pass", all, 2.0, rounding);
  }
  return mismatch;
}

std::string difference(const std::string& name, const Operation& one, const Operation& other,
                       const Inputs& inputs, double tolerance) {
  const std::string values =
      value_mismatch(name, one(copies_of(inputs)), other(copies_of(inputs)), tolerance);
  if (!values.empty()) return values;
  const Tensor weights = random_weights(one, inputs, GradientCheck{}.seed);
  const std::vector<bool> all(inputs.size(), true);
  return first_mismatch(name, inputs, from_backward(one, inputs, weights, all, 1),
                        from_backward(other, inputs, weights, all, 1), "the other way", all, 1.0, tolerance);
}

}  // namespace gpt
