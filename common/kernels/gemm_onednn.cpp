#include <dnnl.h>
#include <omp.h>

#include <stdexcept>

#include "common/kernels/product.hpp"

namespace gpt {

const char* const library_name = "oneDNN";

void multiply_by_library(const Product& p) {
  const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
  omp_set_num_threads(1);  // of this thread: it is one of several at work on the product
  const dnnl_status_t status =
      dnnl_sgemm(p.trans_a == Trans::no ? 'N' : 'T', p.trans_b == Trans::no ? 'N' : 'T', size(p.M), size(p.N),
                 size(p.K), p.alpha, p.A, size(p.lda), p.B, size(p.ldb), p.beta, p.C, size(p.ldc));
  if (status != dnnl_success)
    throw std::runtime_error("gemm: oneDNN failed with status " + std::to_string(status));
}

}  // namespace gpt
