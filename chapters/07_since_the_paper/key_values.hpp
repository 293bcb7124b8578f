/// @file key_values.hpp
/// Chapter 7. What a block remembers of the positions before: their keys and values.
#pragma once

#include <optional>

#include "common/gpt.hpp"

namespace gpt {

/// The keys and values of one block's heads, (B, G, T, hs) each: 2 T G hs numbers for each sequence.
class KeyValues {
 public:
  /// Positions that are remembered.
  size_t size() const { return keys_ ? keys_->size(2) : 0; }

  /// Adds those of the next positions, (B, G, n, hs).
  void append(const Tensor& keys, const Tensor& values) {
    keys_ = keys_ ? concatenate({*keys_, keys}, 2) : keys;
    values_ = values_ ? concatenate({*values_, values}, 2) : values;
  }

  const Tensor& keys() const { return *keys_; }      ///< (B, G, T, hs), once there are any
  const Tensor& values() const { return *values_; }  ///< (B, G, T, hs), once there are any

 private:
  std::optional<Tensor> keys_, values_;
};

}  // namespace gpt
