#include "tests/reference/reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "common/files/checkpoint.hpp"

namespace gpt {

Reference::Reference(const std::string& group) : group_(group) {
  const std::string file = std::string(REFERENCE_FOLDER) + "/" + group + ".safetensors";
  for (const StoredTensor& stored : load_checkpoint(file).tensors) {
    const std::size_t slash = stored.name.find('/');  // CASE/TENSOR
    if (slash == std::string::npos) {
      throw std::runtime_error("Reference: " + stored.name + " names no case in " + file +
                               " - make it again with tests/reference/make_reference.py");
    }
    entries_.push_back({stored.name.substr(0, slash), stored.name.substr(slash + 1),
                        Tensor::from(stored.shape, stored.values)});
  }
}

std::vector<std::string> Reference::cases() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (names.empty() || names.back() != entry.case_name) names.push_back(entry.case_name);
  }
  return names;
}

std::vector<std::string> Reference::names(const std::string& case_name) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.case_name == case_name) names.push_back(entry.tensor_name);
  }
  return names;
}

bool Reference::has(const std::string& case_name, const std::string& tensor_name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.case_name == case_name && entry.tensor_name == tensor_name;
  });
}

std::vector<Tensor> Reference::numbered(const std::string& case_name, const std::string& tensor_name) const {
  std::vector<Tensor> all;
  const auto name = [&] { return tensor_name + "." + std::to_string(all.size()); };
  while (has(case_name, name())) all.push_back(tensor(case_name, name()));
  return all;
}

Tensor Reference::tensor(const std::string& case_name, const std::string& tensor_name) const {
  for (const Entry& entry : entries_) {
    // A copy: the tests put inputs on the tape and let optimisers write to weights.
    if (entry.case_name == case_name && entry.tensor_name == tensor_name)
      return Tensor::from(entry.tensor.shape(), entry.tensor.values());
  }
  throw std::runtime_error("Reference: " + group_ + " has no " + tensor_name + " in " + case_name);
}

Tokens Reference::tokens(const std::string& case_name, const std::string& tensor_name,
                         std::size_t batch) const {
  const Tensor all = tensor(case_name, tensor_name);
  const auto B = all.size(-2), T = all.size(-1);
  const std::span<const float> ids = all.values().subspan(batch * B * T, B * T);
  return {B, T, std::vector<int>(ids.begin(), ids.end())};
}

double distance(std::span<const float> result, std::span<const float> reference) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (result.size() != reference.size()) return infinity;
  double largest = 0;
  for (const double b : reference) {
    if (std::isfinite(b)) largest = std::max(largest, std::abs(b));
  }
  if (largest == 0) largest = 0.1;
  double worst = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double a = result[i], b = reference[i];
    if (a == b) continue;  // also where both are the same infinity
    if (!std::isfinite(a) || !std::isfinite(b)) return infinity;
    worst = std::max(worst, std::abs(a - b) / ((std::abs(b) + largest) / 2));
  }
  return worst;
}

}  // namespace gpt
