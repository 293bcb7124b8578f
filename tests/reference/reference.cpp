#include "tests/reference/reference.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "tests/reference/npy.hpp"

namespace gpt {

Reference::Reference(const std::string& group)
    : group_(group), numbers_(load_npy(std::string(REFERENCE_FOLDER) + "/" + group + ".npy")) {
  std::ifstream file(std::string(REFERENCE_FOLDER) + "/" + group + ".txt");
  std::size_t begin = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Entry entry;
    entry.begin = begin;
    words >> entry.case_name >> entry.tensor_name;
    for (std::size_t size = 0; words >> size;) entry.shape.push_back(size);
    begin += element_count(entry.shape);
    entries_.push_back(entry);
  }
  if (begin != numbers_.size()) {
    throw std::runtime_error("Reference: " + group + ".txt names " + std::to_string(begin) + " numbers, " +
                             group + ".npy holds " + std::to_string(numbers_.size()) +
                             " - make them again with tests/reference/make_reference.py");
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
    if (entry.case_name != case_name || entry.tensor_name != tensor_name) continue;
    return Tensor::from(entry.shape, std::span(numbers_).subspan(entry.begin, element_count(entry.shape)));
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
