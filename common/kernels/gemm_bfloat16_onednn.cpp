#include <omp.h>

#include <dnnl.hpp>
#include <map>
#include <tuple>
#include <unordered_map>

#include "common/kernels/product.hpp"

namespace gpt {
namespace {

using dnnl::matmul;
using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// (rows, columns) in place, as row-major or, with trans, column-major numbers.
memory::desc matrix(std::size_t rows, std::size_t columns, memory::data_type type, Trans trans,
                    std::size_t ld) {
  const auto size = [](std::size_t n) { return static_cast<memory::dim>(n); };
  return {{size(rows), size(columns)},
          type,
          trans == Trans::no ? memory::dims{size(ld), 1} : memory::dims{1, size(ld)}};
}

// What a kernel is written for. Making one takes oneDNN as long as many products, so each thread keeps its own.
using Kind = std::tuple<Trans, Trans, std::size_t, std::size_t, std::size_t, std::size_t, std::size_t,
                        std::size_t, bool>;

class Kernel {
 public:
  explicit Kernel(const ProductOf<BFloat16>& p)
      : Kernel(matrix(p.M, p.K, memory::data_type::bf16, p.trans_a, p.lda),
               matrix(p.K, p.N, memory::data_type::bf16, p.trans_b, p.ldb),
               matrix(p.M, p.N, memory::data_type::f32, Trans::no, p.ldc), p.beta != 0.0f) {}

  void operator()(const ProductOf<BFloat16>& p) {
    a_.set_data_handle(const_cast<BFloat16*>(p.A));
    b_.set_data_handle(const_cast<BFloat16*>(p.B));
    c_.set_data_handle(p.C);
    product_.execute(stream_, arguments_);
  }

 private:
  Kernel(const memory::desc& a, const memory::desc& b, const memory::desc& c, bool add)
      : description_(describe(a, b, c, add)),
        product_(description_),
        stream_(cpu()),
        a_(a, cpu(), DNNL_MEMORY_NONE),
        b_(b, cpu(), DNNL_MEMORY_NONE),
        c_(c, cpu(), DNNL_MEMORY_NONE),
        scratch_(description_.scratchpad_desc(), cpu()),
        arguments_{
            {DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}, {DNNL_ARG_SCRATCHPAD, scratch_}} {
  }

  static matmul::primitive_desc describe(const memory::desc& a, const memory::desc& b, const memory::desc& c,
                                         bool add) {
    dnnl::primitive_attr how;
    how.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (add) {
      dnnl::post_ops afterwards;
      afterwards.append_sum(1.0f);
      how.set_post_ops(afterwards);
    }
#if DNNL_VERSION_MAJOR >= 3
    return {cpu(), a, b, c, how};
#else
    return {matmul::desc(a, b, c), how, cpu()};
#endif
  }

  matmul::primitive_desc description_;
  matmul product_;
  dnnl::stream stream_;
  memory a_, b_, c_, scratch_;
  std::unordered_map<int, memory> arguments_;
};

}  // namespace

void multiply_by_library(const ProductOf<BFloat16>& p) {
  thread_local std::map<Kind, Kernel> kernels;
  omp_set_num_threads(1);  // of this thread: it is one of several at work on the product
  const Kind kind{p.trans_a, p.trans_b, p.M, p.N, p.K, p.lda, p.ldb, p.ldc, p.beta != 0.0f};
  auto kernel = kernels.find(kind);
  if (kernel == kernels.end()) {
    if (kernels.size() == 1000) kernels.clear();  // texts of every length were read
    kernel = kernels.emplace(kind, Kernel(p)).first;
  }
  kernel->second(p);
}

const char* bfloat16_instructions() {
  static const int has = static_cast<int>(dnnl::get_effective_cpu_isa());
  const auto all_of = [](dnnl::cpu_isa isa) {
    return (has & static_cast<int>(isa)) == static_cast<int>(isa);
  };
  if (all_of(dnnl::cpu_isa::avx512_core_amx)) return "AMX";
  return all_of(dnnl::cpu_isa::avx512_core_bf16) ? "AVX512_BF16" : nullptr;
}

}  // namespace gpt
