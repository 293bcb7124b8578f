#include "tests/support/expect.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "common/nn/todo.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

std::string text(double number) {
  if (std::isnan(number)) return "nan";  // and never "-nan", as some machines say
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.5g", number);
  return buffer;
}

std::string text(const std::vector<int>& list) {
  std::string all = "{";
  for (std::size_t i = 0; i < list.size(); ++i) all += (i > 0 ? ", " : "") + std::to_string(list[i]);
  return all + "}";
}

/// Where the i-th number of a tensor of this shape is: " at (1, 2)"; nothing for a scalar.
std::string at(std::size_t i, const Shape& shape) {
  if (shape.empty()) return {};
  Shape index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) index[axis] = i % shape[axis];
  return " at " + to_string(index);
}

bool close(float got, float expected, float tolerance) {
  if (got == expected) return true;            // infinities
  if (!std::isfinite(expected)) return false;  // or the tolerance below would be infinite, too
  return std::abs(got - expected) <= tolerance * std::max(1.0f, std::abs(expected));
}

/// One number from many, each with a weight of its own: a plain sum would hide the
/// gradients of whatever sums to 1.
Tensor weighted_sum(const Tensor& y) {
  std::vector<float> weights(y.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::cos(1.0f + 2.0f * static_cast<float>(i));
  return sum(y * Tensor::from(y.shape(), weights));
}

/// In double, or the difference of two large sums would lose its digits.
double weighted_sum_of_values(const Tensor& y) {
  double total = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    total += std::cos(1.0 + 2.0 * static_cast<double>(i)) * y.values()[i];
  return total;
}

double central_difference(const std::function<Tensor()>& f, float& x) {
  const float step = 1e-3f * std::max(1.0f, std::abs(x)), middle = x;
  const float high = middle + step, low = middle - step;
  x = high;
  const double above = weighted_sum_of_values(f());
  x = low;
  const double below = weighted_sum_of_values(f());
  x = middle;
  return (above - below) / (static_cast<double>(high) - static_cast<double>(low));
}

}  // namespace

void expect(bool holds, const std::string& message) {
  if (!holds) throw Unmet(message);
}

void expect_shape(const std::string& what, const Tensor& got, const Shape& expected) {
  expect(got.shape() == expected,
         what + ": expected shape " + to_string(expected) + ", got " + to_string(got.shape()));
}

void expect_close(const std::string& what, const Tensor& got, const std::vector<float>& expected,
                  float tolerance) {
  expect(got.size() == expected.size(), what + ": expected " + std::to_string(expected.size()) +
                                            " numbers, got " + std::to_string(got.size()) + ", of shape " +
                                            to_string(got.shape()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const float value = got.values()[i];
    expect(close(value, expected[i], tolerance),
           what + ": expected " + text(expected[i]) + at(i, got.shape()) + ", got " + text(value));
  }
}

void expect_close(const std::string& what, const Tensor& got, const Tensor& expected, float tolerance) {
  expect_shape(what, got, expected.shape());
  expect_close(what, got, std::vector<float>(expected.values().begin(), expected.values().end()), tolerance);
}

void expect_close(const std::string& what, const Tensor& got, const std::vector<float>& expected,
                  const std::vector<Mistake>& mistakes, float tolerance) {
  std::string hint;
  for (const Mistake& mistake : mistakes) {
    bool same = got.size() == mistake.gives.size() && hint.empty();
    for (std::size_t i = 0; same && i < got.size(); ++i)
      same = close(got.values()[i], mistake.gives[i], tolerance);
    if (same) hint = mistake.what;
  }
  try {
    expect_close(what, got, expected, tolerance);
  } catch (const Unmet& unmet) {
    throw Unmet(hint.empty() ? unmet.what() : std::string(unmet.what()) + ": " + hint);
  }
}

void expect_close(const std::string& what, float got, float expected, float tolerance) {
  expect(close(got, expected, tolerance), what + ": expected " + text(expected) + ", got " + text(got));
}

void expect_equal(const std::string& what, long long got, long long expected) {
  expect(got == expected, what + ": expected " + std::to_string(expected) + ", got " + std::to_string(got));
}

void expect_equal(const std::string& what, const std::string& got, const std::string& expected) {
  expect(got == expected, what + ": expected \"" + expected + "\", got \"" + got + "\"");
}

void expect_equal(const std::string& what, const std::vector<int>& got, const std::vector<int>& expected) {
  expect(got.size() == expected.size(), what + ": expected " + text(expected) + ", got " + text(got));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expect(got[i] == expected[i], what + ": expected " + std::to_string(expected[i]) + " at index " +
                                      std::to_string(i) + ", got " + std::to_string(got[i]));
  }
}

void expect_pure(const std::string& what, const std::function<Tensor()>& f, const Parameters& inputs) {
  std::vector<std::vector<float>> before;
  for (const Parameter& input : inputs)
    before.emplace_back(input.tensor.values().begin(), input.tensor.values().end());
  const Tensor first = f(), second = f();
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    const Tensor& now = inputs[n].tensor;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const float is = now.values()[i], was = before[n][i];
      expect(is == was || (std::isnan(is) && std::isnan(was)),
             what + ": " + text(was) + at(i, now.shape()) + " of " + inputs[n].name + " became " + text(is) +
                 ": what is passed in is read, and never written to");
    }
  }
  expect_shape(what + ", called again", second, first.shape());
  for (std::size_t i = 0; i < first.size(); ++i) {
    expect(first.values()[i] == second.values()[i] || std::isnan(first.values()[i]),
           what + ": called again with the same, it gives " + text(second.values()[i]) +
               at(i, first.shape()) + ", where it gave " + text(first.values()[i]) +
               " before: something is kept from one call to the next");
  }
}

void expect_rows_sum_to_1(const std::string& what, const Tensor& weights) {
  expect(weights.dim() >= 1, what + ": expected rows of numbers, got a single number");
  const std::size_t columns = weights.size(-1);
  for (std::size_t row = 0; row < weights.size() / columns; ++row) {
    double total = 0;
    for (std::size_t i = 0; i < columns; ++i) total += weights.values()[row * columns + i];
    expect(std::abs(total - 1.0) < 1e-4,
           "row " + std::to_string(row) + " of " + what + " sums to " + text(total) + ", expected 1");
  }
}

void expect_causal(const std::string& what, const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  const std::size_t B = x.size(0), T = x.size(1);
  const Tensor before = f(x);
  expect(before.dim() >= 2 && before.size(0) == B && before.size(1) == T,
         what + ": expected shape (" + std::to_string(B) + ", " + std::to_string(T) + ", ...), got " +
             to_string(before.shape()));
  const std::size_t in = x.size() / (B * T), out = before.size() / (B * T);
  for (std::size_t changed = 1; changed < T; ++changed) {
    std::vector<float> values(x.values().begin(), x.values().end());
    for (std::size_t b = 0; b < B; ++b) {
      for (std::size_t c = 0; c < in; ++c) values[(b * T + changed) * in + c] += 1.0f + static_cast<float>(c);
    }
    const Tensor after = f(Tensor::from(x.shape(), values));
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::size_t position = i / out % T;
      expect(position >= changed || close(after.values()[i], before.values()[i], 1e-5f),
             what + ": position " + std::to_string(position) + " changed when token " +
                 std::to_string(changed) + " did: the mask lets the future through");
    }
  }
}

void expect_gradient(const std::string& what, const std::function<Tensor()>& f, const Parameters& inputs,
                     float tolerance) {
  for (const Parameter& input : inputs) input.tensor.zero_grad();
  const Tensor y = f();
  expect(y.requires_grad(), what + ": the result is off the tape, so that no gradient reaches its inputs");
  weighted_sum(y).backward();
  for (const Parameter& input : inputs) {
    const std::vector<float> gradient(input.tensor.grad().begin(), input.tensor.grad().end());
    expect(gradient.size() == input.tensor.size(),
           what + ": no gradient reached " + input.name + ", which the result depends on");
    const NoGrad off_the_tape;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const float expected = static_cast<float>(central_difference(f, input.tensor.mutable_values()[i]));
      expect(close(gradient[i], expected, tolerance), what + ": the gradient of " + input.name +
                                                          at(i, input.tensor.shape()) + " should be " +
                                                          text(expected) + ", got " + text(gradient[i]));
    }
  }
}

void expect_gradient(const std::string& what, const std::function<Tensor()>& f, const Tensor& input,
                     float tolerance) {
  expect_gradient(what, f, Parameters{{"its input", input}}, tolerance);
}

void expect_error(const std::string& what, const std::function<void()>& f, const std::string& text) {
  const std::string expected = what + ": expected an error that says \"" + text + "\", ";
  try {
    f();
  } catch (const NotWritten&) {
    throw;  // says best what is the matter
  } catch (const std::invalid_argument& error) {
    const std::string got = error.what();
    expect(got.find(text) != std::string::npos, expected + "got one that says \"" + got + "\"");
    return;
  } catch (const std::exception& error) {
    expect(false,
           expected + "of type std::invalid_argument; got another type, which says \"" + error.what() + "\"");
  } catch (...) {
    expect(false, expected + "of type std::invalid_argument; got something that is no std::exception");
  }
  expect(false, expected + "but there was none");
}

void expect_parameters(const std::string& what, const Parameters& got,
                       const std::vector<std::pair<std::string, Shape>>& expected) {
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    const auto& [name, shape] = expected[i];
    expect(got[i].name == name && got[i].tensor.shape() == shape,
           what + ": expected weight " + std::to_string(i + 1) + " to be " + name + " " + to_string(shape) +
               ", got " + got[i].name + " " + to_string(got[i].tensor.shape()));
  }
  expect(got.size() == expected.size(), what + ": expected " + std::to_string(expected.size()) +
                                            " weights in parameters(), got " + std::to_string(got.size()));
}

}  // namespace gpt
