#include "common/kernels/bfloat16.hpp"

#include "common/kernels/parallel.hpp"

namespace gpt {

void to_bfloat16(const float* from, std::size_t n, BFloat16* to) {
  parallel_for(n, 4 * plain_grain, [=](std::size_t begin, std::size_t end) {
#pragma omp simd
    for (std::size_t i = begin; i < end; ++i) to[i] = to_bfloat16(from[i]);
  });
}

}  // namespace gpt
