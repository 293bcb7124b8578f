#include "common/tensor/check.hpp"

#include <sstream>
#include <stdexcept>

#include "common/tensor/tensor.hpp"

namespace gpt {

std::size_t require_positive(const std::string& who, std::size_t value) {
  if (value == 0) throw std::invalid_argument(who + " must be positive, got 0");
  return value;
}

void require_multiple(const std::string& who, std::size_t C, std::size_t H) {
  if (C > 0 && H > 0 && C % H == 0) return;
  throw std::invalid_argument(who + ": C must be a positive multiple of H, got C = " + std::to_string(C) +
                              " and H = " + std::to_string(H));
}

void require_context(const std::string& who, std::size_t T, std::size_t block_size) {
  if (T <= block_size) return;
  throw std::invalid_argument(who + ": T must be at most block_size = " + std::to_string(block_size) +
                              ", got " + std::to_string(T));
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
