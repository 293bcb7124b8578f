#include "common/tensor/trace.hpp"

#include <algorithm>
#include <stdexcept>

namespace gpt {

Trace::Trace() {
  if (alive()) throw std::logic_error("Trace: another one is alive, and only one can be");
  current_ = this;
}

Trace::~Trace() { current_ = nullptr; }

void Trace::keep(const char* name, const Tensor& tensor) {
  const auto taken = [this](const std::string& full) {
    return std::any_of(noted_.begin(), noted_.end(),
                       [&](const TracedTensor& other) { return other.name == full; });
  };
  const std::string full = place_ + name;
  std::string free = full;
  for (int n = 2; taken(free); ++n) free = full + " (" + std::to_string(n) + ")";
  noted_.push_back({free, tensor.detach()});
}

}  // namespace gpt
