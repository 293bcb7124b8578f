/// @file memory.hpp
/// Where tensors' numbers live: freed blocks are kept and handed out again. Only for common/tensor.
///
/// A training step asks for the same sizes over and over. Fresh memory comes from the system as pages of
/// zeros, and clearing those costs more than the arithmetic on them at the sizes of this tutorial.
#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <utility>

namespace gpt {

/// A block of at least this many bytes on a 64-byte boundary (a cache line, and the widest vector register).
void* take_block(std::size_t bytes);
/// Gives a block back; bytes is what it was taken with.
void return_block(void* block, std::size_t bytes) noexcept;
/// From now on, blocks that come back are filled with NaN, so that who still reads them is found out: for tests.
void spoil_returned_blocks() noexcept;

/// The blocks above as a standard allocator, for xtensor's containers.
template <class T>
class BlockAllocator {
 public:
  using value_type = T;
  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}

  T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(take_block(n * sizeof(T)));
  }
  /// Elements are left as they are, not set to zero first: whoever asks for memory writes to it.
  template <class U>
  void construct(U* element) noexcept {
    ::new (static_cast<void*>(element)) U;
  }
  template <class U, class... Arguments>
  void construct(U* element, Arguments&&... arguments) {
    ::new (static_cast<void*>(element)) U(std::forward<Arguments>(arguments)...);
  }
  void deallocate(T* block, std::size_t n) noexcept { return_block(block, n * sizeof(T)); }

  template <class U>
  bool operator==(const BlockAllocator<U>&) const noexcept {
    return true;
  }
};

}  // namespace gpt
