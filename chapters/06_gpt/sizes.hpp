/// @file sizes.hpp
/// Chapter 6. How large a GPT: the three sizes that have a name.
#pragma once

#include <map>

#include "06_gpt/gpt_language_model.hpp"

namespace gpt {

/// What the command line cannot change: V and block_size come from the text and the context.
inline const std::map<std::string, GPTSizes> gpt_sizes{
    {"small", {.V = 0, .block_size = 0, .C = 64, .H = 4, .L = 4, .dropout = 0.0f}},
    {"laptop", {.V = 0, .block_size = 0, .C = 128, .H = 4, .L = 4, .dropout = 0.0f}},
    {"lecture", {.V = 0, .block_size = 0, .C = 384, .H = 6, .L = 6, .dropout = 0.2f}}};

}  // namespace gpt
