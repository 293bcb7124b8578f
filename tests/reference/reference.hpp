/// @file reference.hpp
/// The values that PyTorch computed (tests/reference/make_reference.py says how),
/// and what counts as equal to them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace gpt {

/// One group of reference tensors, NAME.safetensors. A tensor is found by its case and its name within the
/// case: in the file it is called CASE/TENSOR.
class Reference {
 public:
  /// @throws std::runtime_error if the file is missing, or anything in it is not as it should be
  explicit Reference(const std::string& group);

  std::vector<std::string> cases() const;  ///< in the order of the file, each once
  /// Of a case's tensors, in the order of the file.
  std::vector<std::string> names(const std::string& case_name) const;
  bool has(const std::string& case_name, const std::string& tensor_name) const;
  /// in.0, in.1 and so on: as many as there are.
  std::vector<Tensor> numbered(const std::string& case_name, const std::string& tensor_name) const;
  /// @throws std::runtime_error if there is no such tensor
  Tensor tensor(const std::string& case_name, const std::string& tensor_name) const;
  /// The same for ids: (B, T), or (batches, B, T) of which one is taken.
  Tokens tokens(const std::string& case_name, const std::string& tensor_name, std::size_t batch = 0) const;

 private:
  struct Entry {
    std::string case_name, tensor_name;
    Tensor tensor;
  };

  std::string group_;
  std::vector<Entry> entries_;
};

/// How far a result is from its reference b: the largest |a - b| / ((|b| + max|b|) / 2) of all elements.
///
/// Each element is measured against the mean of its own size and that of the largest.
/// Against its own size alone, no float32 sum could pass: where terms cancel, what is left
/// is rounding. Against the largest alone, a mistake among small elements would hide. Where
/// all of b is 0, 0.1 stands for max|b|: numbers near 1 that should cancel leave 1e-7.
/// Infinity if the numbers of elements differ, a value is NaN or only one is infinite.
double distance(std::span<const float> result, std::span<const float> reference);

}  // namespace gpt
