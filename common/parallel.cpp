#include "common/parallel.hpp"

#include "common/check.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gpt {

#ifdef _OPENMP
std::size_t threads() { return static_cast<std::size_t>(omp_get_max_threads()); }
void set_threads(std::size_t n) {
  omp_set_num_threads(static_cast<int>(require_positive("set_threads: n", n)));
}
#else
std::size_t threads() { return 1; }
void set_threads(std::size_t n) { require_positive("set_threads: n", n); }
#endif

OneThread::OneThread() : before_(threads()) { set_threads(1); }
OneThread::~OneThread() { set_threads(before_); }

std::size_t pieces(std::size_t n, std::size_t grain) {
  return std::max<std::size_t>(1, std::min(threads(), n / std::max<std::size_t>(1, grain)));
}

void run_pieces(std::size_t count, void (*body)(std::size_t, void*), void* argument) {
#ifdef _OPENMP
#pragma omp parallel for schedule(static, 1) num_threads(static_cast <int>(count))
#endif
  for (std::size_t piece = 0; piece < count; ++piece) body(piece, argument);
}

}  // namespace gpt
