/// @file machine.hpp
/// Facts about this machine, read from wherever its system keeps them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpt {

/// "AMD EPYC 9B14", or "unknown"
std::string processor_name();

/// Those of the processor's vector instructions that matter for matrix products, the best last; may be empty.
std::vector<std::string> vector_instructions();

struct Memory {
  std::uint64_t total = 0, available = 0;  // bytes; 0 if unknown
};

Memory memory();

/// Processor cores that this process may use.
unsigned cores();

}  // namespace gpt
