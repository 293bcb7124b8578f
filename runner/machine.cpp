#include "runner/machine.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "common/kernels/parallel.hpp"
#include "runner/process.hpp"

#include "common/terminal/text.hpp"

namespace gpt {
namespace {

/// What follows "NAME :" in a file of such lines, as Linux has them in /proc; empty if it is not there.
std::string entry(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && trimmed(line.substr(0, colon)) == name)
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

/// Of /proc/meminfo, which counts in kB.
std::uint64_t bytes_entry(const std::string& name) {
  std::istringstream in(entry("/proc/meminfo", name));
  std::uint64_t kilobytes = 0;
  in >> kilobytes;
  return kilobytes * 1024;
}

}  // namespace

std::string processor_name() {
  for (const std::string& name :
       {entry("/proc/cpuinfo", "model name"), first_line_of({"sysctl", "-n", "machdep.cpu.brand_string"}),
        first_line_of({"uname", "-m"})}) {
    if (!name.empty()) return name;
  }
  return "unknown";
}

std::vector<std::string> vector_instructions() {
  std::istringstream in(" " + entry("/proc/cpuinfo", "flags") + " " + entry("/proc/cpuinfo", "Features") +
                        " ");
  std::vector<std::string> found;
  for (const std::string wanted :
       {"asimd", "sve", "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"}) {
    if (in.str().find(" " + wanted + " ") != std::string::npos) found.push_back(wanted);
  }
  return found;
}

Memory memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return {};
  return {static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page), bytes_entry("MemAvailable")};
}

unsigned cores() { return static_cast<unsigned>(usable_cores()); }

}  // namespace gpt
