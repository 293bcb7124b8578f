/// @file stored_matrix.hpp
/// Weights that are used where they lie, in whatever format: a way to common/kernels/stored.hpp for the files that hold them
/// and for the chapter that speaks with them.
#pragma once

#include <map>
#include <string>

#include "common/kernels/bfloat16.hpp"  // to_bfloat16
#include "common/kernels/gemm.hpp"      // gemm
#include "common/kernels/stored.hpp"    // StoredMatrix, row_times, times_column

namespace gpt {

/// A model's weights by their names. A vector is a matrix of one row.
using StoredWeights = std::map<std::string, StoredMatrix>;

}  // namespace gpt
