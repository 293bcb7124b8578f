/// @file with_threads.hpp
/// Another number of threads for one scope, so that a test leaves the next one what it found.
#pragma once

#include <cstddef>

#include "common/kernels/parallel.hpp"

namespace gpt {

class WithThreads {
 public:
  explicit WithThreads(std::size_t n) : before_(threads()) { set_threads(n); }
  ~WithThreads() { set_threads(before_); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  std::size_t before_;
};

}  // namespace gpt
