#include <stdexcept>
#include <string>

#include "common/kernels/parallel.hpp"

// For machines without threads, such as a web page: the only thread does all there is.
namespace gpt {

std::size_t threads() { return 1; }

void set_threads(std::size_t n) {
  if (n != 1) throw std::invalid_argument("set_threads: there is 1 thread here, got " + std::to_string(n));
}

std::size_t pieces(std::size_t, std::size_t) { return 1; }

void run_pieces(std::size_t count, void (*body)(std::size_t, void*), void* argument) {
  for (std::size_t piece = 0; piece < count; ++piece) body(piece, argument);
}

}  // namespace gpt
