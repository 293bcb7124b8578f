/// @file test_memory.cpp
/// Blocks of memory that are kept and handed out again.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <set>
#include <thread>
#include <vector>

#include "common/kernels/memory.hpp"
#include "common/kernels/sanitized.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("memory: blocks of every size start at a multiple of 64 and can be written to their end",
          "[memory]") {
  std::vector<std::pair<void*, std::size_t>> taken;
  for (std::size_t bytes = 1; bytes < 200000; bytes += 1 + bytes / 7) {
    for (const std::size_t size : {bytes - 1, bytes, bytes + 1}) {
      void* block = take_block(size);
      REQUIRE(block != nullptr);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
      std::memset(block, static_cast<int>(taken.size() % 251), size);
      taken.emplace_back(block, size);
    }
  }
  // Nobody wrote into a block of somebody else's.
  bool intact = true;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto* bytes = static_cast<const unsigned char*>(taken[i].first);
    intact =
        intact && std::all_of(bytes, bytes + taken[i].second, [i](unsigned char b) { return b == i % 251; });
  }
  CHECK(intact);
  for (const auto& block : taken) return_block(block.first, block.second);
}

TEST_CASE("memory: a block that came back is the next to go out, also for nearly the same size", "[memory]") {
  if (address_sanitizer) return;  // none is kept
  void* block = take_block(1000);
  return_block(block, 1000);
  void* again = take_block(1010);
  CHECK(again == block);
  return_block(again, 1010);
  void* larger = take_block(2000);
  CHECK(larger != block);
  return_block(larger, 2000);
}

TEST_CASE("memory: nothing is given back without harm", "[memory]") { return_block(nullptr, 100); }

TEST_CASE("memory: refuses what no machine has", "[memory]") {
  CHECK_THROWS_AS(take_block(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  CHECK_THROWS_AS(BlockAllocator<float>().allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  CHECK_THROWS_AS(BlockAllocator<float>().allocate(std::numeric_limits<std::size_t>::max() / sizeof(float)),
                  std::bad_alloc);
}

TEST_CASE("memory: serves standard containers", "[memory]") {
  std::vector<float, BlockAllocator<float>> values;
  for (int i = 0; i < 10000; ++i) values.push_back(static_cast<float>(i));
  bool right = true;
  for (int i = 0; i < 10000; ++i)
    right = right && values[static_cast<std::size_t>(i)] == static_cast<float>(i);
  CHECK(right);
  CHECK(BlockAllocator<float>() == BlockAllocator<double>());
}

TEST_CASE("memory: tensors may be made in one thread and freed in another", "[memory]") {
  std::vector<Tensor> tensors;
  std::thread maker([&] {
    for (int i = 0; i < 100; ++i) tensors.push_back(Tensor::full({1000}, 1));
  });
  maker.join();  // its free blocks are gone now, these tensors are not
  check_values("the last", tensors.back(), Tensor::full({1000}, 1));
  std::thread breaker([&] { tensors.clear(); });
  breaker.join();
  CHECK(tensors.empty());
}

TEST_CASE("memory: steps of a training loop use the same blocks again and again", "[memory]") {
  if (address_sanitizer) return;  // none is kept
  const Tensor x = Tensor::full({1000}, 0.5f).require_grad();
  const auto step = [&x] {
    const Tensor y = exp(x * x);
    sum(y).backward();
    return static_cast<const void*>(y.values().data());
  };
  std::set<const void*> seen;
  for (int i = 0; i < 100; ++i) seen.insert(step());
  CHECK(seen.size() < 10);
}

TEST_CASE("memory: in tests, who reads a tensor that is gone reads NaN", "[memory]") {
  if (address_sanitizer) return;  // none is kept
  std::span<const float> row;
  {
    const Tensor x = Tensor::full({3, 5}, 0.5f);
    row = last_row(x);
  }
  for (const float number : row) CHECK(std::isnan(number));
}

}  // namespace
}  // namespace gpt
