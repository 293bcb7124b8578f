/// @file trace_file.hpp
/// What was noted in a forward pass, as a file that the figures of the texts are drawn from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/tensor/tensor.hpp"
#include "common/tensor/trace.hpp"

namespace gpt {

/// One axis of a figure's tensor.
struct Axis {
  std::string name;                 ///< "query"
  std::vector<std::string> labels;  ///< what stands at each index, "t", "o", " "; empty: the index itself
};

/// A tensor with all that a reader needs to know of it.
struct LabelledTensor {
  std::string name;        ///< "blocks.heads.weights"
  std::string title;       ///< "attention weights"
  std::vector<Axis> axes;  ///< one for each axis of the tensor
  Tensor tensor;           ///< NaN and infinities are null in the file
};

/// All figures of one run.
struct TraceFile {
  std::string title;                    ///< a sentence
  std::string run;                      ///< "chapter 3, 5000 steps, seed 1337, tinyshakespeare"
  std::vector<LabelledTensor> tensors;  ///< in the order of the forward pass
};

/// What was noted while a batch of one passed through a model: the batch's axis goes, and tensors that differ
/// in the numbers of their names alone become one: "heads.0.weights" to "heads.3.weights", (1, T, T) each,
/// are "heads.weights", (4, T, T), with the axes head, query and key.
/// @param text the T characters that went in
std::vector<LabelledTensor> labelled(const std::vector<TracedTensor>& noted,
                                     const std::vector<std::string>& text);

/// Writes it as JSON with four significant digits; the file is there whole or not at all.
/// @throws std::runtime_error if it cannot be written
void write_trace(const std::filesystem::path& file, const TraceFile& trace);

}  // namespace gpt
