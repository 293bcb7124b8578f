#include "common/files/weights.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>

namespace gpt {
namespace {

constexpr const char* optimizer_prefix = "optimizer.";

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error("restore: " + what + " - was the file saved by another chapter or size?");
}

/// Of such a weight, every prediction would be NaN too.
void require_numbers(const std::string& who, const std::string& name, std::span<const float> values) {
  const auto wrong = std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  if (wrong == values.end()) return;
  throw std::runtime_error(who + ": " + name + " holds " + (std::isnan(*wrong) ? "NaN" : "an infinity") +
                           " at index " + std::to_string(wrong - values.begin()) +
                           ", which is no number to go on with - was the learning rate too high?");
}

}  // namespace

std::vector<StoredTensor> stored(const Parameters& parameters) {
  std::vector<StoredTensor> copies;
  copies.reserve(parameters.size());
  for (const Parameter& p : parameters) {
    const std::span<const float> values = p.tensor.values();
    require_numbers("stored", p.name, values);
    copies.push_back({p.name, p.tensor.shape(), {values.begin(), values.end()}});
  }
  return copies;
}

void restore(const Parameters& parameters, const Checkpoint& checkpoint) {
  std::map<std::string, const StoredTensor*> found;
  for (const StoredTensor& tensor : checkpoint.tensors) found[tensor.name] = &tensor;

  std::set<std::string> known;
  for (const Parameter& p : parameters) {
    known.insert(p.name);
    const auto match = found.find(p.name);
    if (match == found.end()) {
      refuse("the model needs " + p.name + " " + to_string(p.tensor.shape()) +
             ", which the checkpoint does not have");
    }
    const StoredTensor& tensor = *match->second;
    if (tensor.shape != p.tensor.shape() || tensor.values.size() != p.tensor.size()) {
      refuse(p.name + " must be " + to_string(p.tensor.shape()) + ", and the checkpoint has " +
             to_string(tensor.shape));
    }
    require_numbers("restore", tensor.name, tensor.values);
  }
  for (const StoredTensor& tensor : checkpoint.tensors) {
    if (known.count(tensor.name) == 0 && tensor.name.rfind(optimizer_prefix, 0) != 0) {
      refuse("the checkpoint has " + tensor.name + " " + to_string(tensor.shape) +
             ", which the model does not have");
    }
  }

  for (const Parameter& p : parameters) {
    const std::vector<float>& values = found[p.name]->values;
    Tensor weights = p.tensor;  // a handle to the same numbers
    std::copy(values.begin(), values.end(), weights.mutable_values().begin());
  }
}

}  // namespace gpt
