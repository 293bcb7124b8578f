#include "common/check.hpp"

#include <sstream>
#include <stdexcept>

#include "common/tensor.hpp"

namespace gpt {

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + (shape[i] == any ? std::string("*") : std::to_string(shape[i]));
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t element_count(const Shape& shape) {
  std::size_t n = 1;
  for (const std::size_t size : shape) n *= size;
  return n;
}

std::size_t require_positive(const std::string& who, std::size_t value) {
  if (value == 0) throw std::invalid_argument(who + " must be positive, got 0");
  return value;
}

float require_between(const std::string& who, float value, float low, float high) {
  if (value >= low && value <= high) return value;
  std::ostringstream text;
  text << who << " must be in [" << low << ", " << high << "], got " << value;
  throw std::invalid_argument(text.str());
}

float require_fraction(const std::string& who, float value) {
  if (value >= 0.0f && value < 1.0f) return value;
  std::ostringstream text;
  text << who << " must be in [0, 1), got " << value;
  throw std::invalid_argument(text.str());
}

void require_shape(const char* who, const Tensor& x, std::initializer_list<std::size_t> expected) {
  const Shape& shape = x.shape();
  bool fits = shape.size() == expected.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) {
    const std::size_t size = expected.begin()[i];
    fits = size == any ? shape[i] >= 1 : shape[i] == size;
  }
  if (!fits) {
    throw std::invalid_argument(std::string(who) + " must be " + to_string(Shape(expected)) + ", got " +
                                to_string(shape));
  }
}

}  // namespace gpt
