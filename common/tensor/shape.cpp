#include "common/tensor/shape.hpp"

#include <algorithm>
#include <stdexcept>

namespace gpt {

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + (shape[i] == any ? std::string("*") : std::to_string(shape[i]));
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t element_count(const Shape& shape) {
  constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::size_t n = 1;
  for (const std::size_t size : shape) {
    if (size > most / n) {
      throw std::invalid_argument("shape " + to_string(shape) + " has more numbers than any memory can hold");
    }
    n *= size;
  }
  return n;
}

const Shape& require_countable(const Shape& shape) {
  element_count(shape);
  return shape;
}

}  // namespace gpt
