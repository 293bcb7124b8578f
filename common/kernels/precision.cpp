#include "common/kernels/precision.hpp"

#include <atomic>

namespace gpt {
namespace {

std::atomic<Precision> wanted{Precision::float32};
constexpr std::size_t worth_rounding = 50'000;

}  // namespace

void set_precision(Precision precision) { wanted.store(precision, std::memory_order_relaxed); }
Precision precision() { return wanted.load(std::memory_order_relaxed); }

bool in_bfloat16(std::size_t M, std::size_t N, std::size_t K) {
  return precision() == Precision::bfloat16 && M * N * K >= worth_rounding;
}

}  // namespace gpt
