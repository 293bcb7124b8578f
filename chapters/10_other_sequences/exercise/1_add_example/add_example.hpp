/// @file add_example.hpp
/// Chapter 10. New idea: what is given need not be predicted. A target that does not count leaves the model free of it.
#pragma once

#include "01_bigram/batch.hpp"
#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// Which predictions make the loss.
enum class Counts {
  all,    ///< the question's characters too
  answer  ///< the answer alone, its end included
};

/// An example as a new row of a batch: question, answer, and the end of a line behind it, from position 0 on. Position t
/// is to predict the character at t + 1. A row shorter than batch.inputs.T is filled up with ends of lines, whose
/// targets never count (no_target, which cross_entropy() leaves out of its mean).
/// @param question, answer their ids; together at most T of them
/// @param end              the id of the end of a line
inline void add_example(Batch& batch, std::span<const int> question, std::span<const int> answer, int end,
                        Counts counts) {
  todo("add_example");  // TODO: the row, its targets, and what of them does not count
}

}  // namespace gpt
