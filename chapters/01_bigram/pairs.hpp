/// @file pairs.hpp
/// Chapter 1. What follows what, by counting alone: the best table of pairs that there is, without any training.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/tensor/array.hpp"  // xt
#include "common/tensor/rng.hpp"    // Rng

namespace gpt {

/// How often each character of a text has each other one behind it. Shape (V, V): a row for the character, a
/// column for the one that follows.
/// @param text ids in [0, V)
/// @throws std::invalid_argument if an id is not
inline xt::xarray<float> count_pairs(std::span<const int> text, std::size_t V) {
  for (const int id : text) {
    if (id < 0 || static_cast<std::size_t>(id) >= V) {
      throw std::invalid_argument("count_pairs: ids must be in [0, " + std::to_string(V) + "), got " +
                                  std::to_string(id));
    }
  }
  //! [count]
  xt::xarray<float> counts = xt::zeros<float>({V, V});
  for (std::size_t i = 1; i < text.size(); ++i) counts(text[i - 1], text[i]) += 1;
  return counts;
  //! [count]
}

/// How likely each character is to follow, which is its share of its row. Shape (V, V), rows sum to 1.
/// @param counts (V, V), a number greater than 0 in each row
inline xt::xarray<float> pair_shares(const xt::xarray<float>& counts) {
  //! [shares]
  // (V, 1)
  const xt::xarray<float> totals = xt::sum(counts, {1}, xt::keep_dims);
  return counts / totals;  // (V, V) / (V, 1) -> (V, V)
  //! [shares]
}

/// How surprising a text is to one who knows these shares: the mean of -log(share) over all its pairs.
/// @param shares (V, V), with rows that sum to 1
/// @param text   at least two ids in [0, V)
inline float pair_loss(const xt::xarray<float>& shares, std::span<const int> text) {
  //! [loss]
  double total = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const float share = shares(text[i - 1], text[i]);
    total -= std::log(share);
  }
  return static_cast<float>(total / static_cast<double>(text.size() - 1));
  //! [loss]
}

/// Writes n characters: each is drawn by the shares of the one before it.
/// @param shares (V, V), with rows that sum to 1
/// @param first  the id to begin behind, which is not in the result
inline std::vector<int> sample_pairs(const xt::xarray<float>& shares, int first, std::size_t n, Rng& rng) {
  //! [sample]
  std::vector<int> text;
  int last = first;
  while (text.size() < n) {
    const xt::xarray<float> row = xt::row(shares, last);  // (V)
    last = static_cast<int>(rng.choose({row.data(), row.size()}));
    text.push_back(last);
  }
  return text;
  //! [sample]
}

}  // namespace gpt
