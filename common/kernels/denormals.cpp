#include "common/kernels/denormals.hpp"

#include <cstdint>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace gpt {
namespace {

// The register with the rules of floating-point arithmetic: its bits that flush results and take inputs for zero.
#if defined(__SSE__)
constexpr std::uint64_t flush = 0x8040;
std::uint64_t rules() { return _mm_getcsr(); }
void set_rules(std::uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
#elif defined(__aarch64__)
constexpr std::uint64_t flush = 1u << 24;
std::uint64_t rules() {
  std::uint64_t bits;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void set_rules(std::uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
#else
constexpr std::uint64_t flush = 0;
std::uint64_t rules() { return 0; }
void set_rules(std::uint64_t) {}
#endif

}  // namespace

void flush_denormals(bool yes) { set_rules(yes ? rules() | flush : rules() & ~flush); }
bool flushes_denormals() { return flush != 0 && (rules() & flush) == flush; }

}  // namespace gpt
