/// @file pairs.hpp
/// Chapter 1. What follows what, by counting alone: the best table of pairs that there is, without any training.
#pragma once

#include <cmath>  // std::log
#include <cstddef>
#include <span>
#include <stdexcept>  // std::invalid_argument
#include <string>
#include <vector>

#include "common/nn/todo.hpp"
#include "common/tensor/array.hpp"  // xt
#include "common/tensor/rng.hpp"    // Rng

namespace gpt {

/// How often each character of a text has each other one behind it. Shape (V, V): a row for the character, a
/// column for the one that follows.
/// @param text ids in [0, V)
/// @throws std::invalid_argument if an id is not
inline xt::xarray<float> count_pairs(std::span<const int> text, std::size_t V) { todo("pairs"); }

/// How likely each character is to follow, which is its share of its row. Shape (V, V), rows sum to 1.
/// @param counts (V, V), a number greater than 0 in each row
inline xt::xarray<float> pair_shares(const xt::xarray<float>& counts) { todo("pairs"); }

/// How surprising a text is to one who knows these shares: the mean of -log(share) over all its pairs.
/// @param shares (V, V), with rows that sum to 1
/// @param text   at least two ids in [0, V)
inline float pair_loss(const xt::xarray<float>& shares, std::span<const int> text) { todo("pairs"); }

/// Writes n characters: each is drawn by the shares of the one before it.
/// @param shares (V, V), with rows that sum to 1
/// @param first  the id to begin behind, which is not in the result
inline std::vector<int> sample_pairs(const xt::xarray<float>& shares, int first, std::size_t n, Rng& rng) {
  todo("pairs");
}

}  // namespace gpt
