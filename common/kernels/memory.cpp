#include "common/kernels/memory.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <unordered_map>
#include <vector>

#include "common/kernels/sanitized.hpp"

namespace gpt {
namespace {

constexpr std::align_val_t alignment{64};

// Under the address sanitizer every block must come from it, or it cannot see who reads past an end.
constexpr bool keep_blocks = !address_sanitizer;

// Sizes are rounded up to one of eight steps between powers of two, so that at most an eighth is wasted and
// tensors of nearly the same size can take each other's place.
std::size_t rounded(std::size_t bytes) {
  if (bytes <= 512) return (bytes + 63) / 64 * 64;
  const std::size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

bool spoil = false;

// One for each thread, so that none has to wait for another.
class FreeBlocks {
 public:
  ~FreeBlocks() {
    closed_ = true;
    for (auto& [bytes, blocks] : blocks_) {
      for (void* block : blocks) ::operator delete(block, alignment);
    }
  }
  std::vector<void*>& of(std::size_t bytes) { return blocks_[bytes]; }
  static bool closed() { return closed_; }

 private:
  std::unordered_map<std::size_t, std::vector<void*>> blocks_;
  static inline thread_local bool closed_ = false;  // tensors that outlive the thread free theirs directly
};

thread_local FreeBlocks free_blocks;

}  // namespace

void* take_block(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();  // rounding up would wrap
  bytes = rounded(bytes);
  if (keep_blocks && !FreeBlocks::closed()) {
    std::vector<void*>& blocks = free_blocks.of(bytes);
    if (!blocks.empty()) {
      void* block = blocks.back();
      blocks.pop_back();
      return block;
    }
  }
  return ::operator new(bytes, alignment);
}

void spoil_returned_blocks() noexcept { spoil = true; }

void return_block(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  if (spoil) std::memset(block, 0xFF, bytes);  // as a float, four such bytes are no number
  if (keep_blocks && !FreeBlocks::closed()) {
    try {
      free_blocks.of(rounded(bytes)).push_back(block);
      return;
    } catch (const std::bad_alloc&) {
    }  // no memory to remember it by: let it go
  }
  ::operator delete(block, alignment);
}

}  // namespace gpt
