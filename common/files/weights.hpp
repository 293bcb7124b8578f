/// @file weights.hpp
/// From a model's parameters to what a checkpoint holds, and back.
#pragma once

#include <vector>

#include "common/files/checkpoint.hpp"
#include "common/nn/nn.hpp"  // Parameters

namespace gpt {

/// Copies of the parameters, under their names and in their order.
/// @throws std::runtime_error that names the first parameter which holds NaN or an infinity: good weights must
/// not be lost to such
std::vector<StoredTensor> stored(const Parameters& parameters);

/// Writes a checkpoint's numbers into the parameters. The two must agree in every name and
/// every shape; only tensors whose names begin with "optimizer." may be there besides.
/// Nothing is written unless all of it fits.
/// @throws std::runtime_error that names the first tensor which is missing, has
/// another shape, holds NaN or an infinity, or has no place here
void restore(const Parameters& parameters, const Checkpoint& checkpoint);

}  // namespace gpt
