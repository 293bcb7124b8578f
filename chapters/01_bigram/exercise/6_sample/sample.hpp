/// @file sample.hpp
/// Chapter 1. From logits to a choice: the dice that make a model speak.
#pragma once

#include <algorithm>  // std::max_element
#include <cmath>      // std::exp, std::isfinite
#include <limits>
#include <stdexcept>  // std::invalid_argument

#include "common/gpt.hpp"
#include "common/nn/todo.hpp"

namespace gpt {

/// softmax(logits / temperature): below 1 the likely get likelier, above 1 all become more alike.
/// @param logits      (V), at least one greater than -inf
/// @param temperature > 0
inline std::vector<float> probabilities(std::span<const float> logits, float temperature) { todo("sample"); }

/// Draws the next token. At temperature 0 it is the likeliest, the first of equals.
/// @throws std::invalid_argument if there are no logits or the temperature is negative or not finite
inline int sample(std::span<const float> logits, float temperature, Rng& rng) { todo("sample"); }

}  // namespace gpt
