/// @file npy.hpp
/// Reads NumPy's array files, in which the reference values are kept.
#pragma once

#include <string>
#include <vector>

namespace gpt {

/// All numbers of a .npy file of float32 ('<f4', C order), in the order of the file.
/// @throws std::runtime_error if the file can't be opened or holds something else
std::vector<float> load_npy(const std::string& path);

}  // namespace gpt
