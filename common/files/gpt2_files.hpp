/// @file gpt2_files.hpp
/// GPT-2 as it is published: a folder with config.json, which says how large it is, and model.safetensors, its weights.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/tensor/stored_matrix.hpp"  // StoredWeights

namespace gpt {

/// How large a GPT-2 is; in config.json: vocab_size, n_positions, n_embd, n_head, n_layer.
struct GPT2Config {
  std::size_t V = 0;           ///< tokens
  std::size_t block_size = 0;  ///< largest T
  std::size_t C = 0;           ///< channels, a multiple of H
  std::size_t H = 0;           ///< heads
  std::size_t L = 0;           ///< blocks
};

/// Reads config.json.
/// @throws std::runtime_error if it is not there, says nothing of a size, or describes another model than GPT-2
GPT2Config read_gpt2_config(const std::filesystem::path& file);

/// In which format weights are kept.
enum class KeepAs {
  stored,    ///< as in the file: F32, F16 or BF16
  bfloat16,  ///< rounded to 16 bits
  int8  ///< rounded to 8 bits, with a scale for each output; the tables of positions, biases and gains stay
};

/// GPT-2's weights, under the names of the published files ("h.0.attn.c_attn.weight"), all of them in one block of memory.
/// In int8, matrices are (out, in): a row for each output.
class GPT2Weights {
 public:
  /// @throws std::runtime_error if a file is missing or cut short, a tensor is missing, has a shape that config.json
  /// contradicts, or is of a type that is not read here
  GPT2Weights(const std::filesystem::path& folder, KeepAs keep);

  const GPT2Config& config() const { return config_; }       ///< its sizes
  const StoredWeights& weights() const { return weights_; }  ///< as long as this object lives
  std::size_t bytes() const { return bytes_; }               ///< of all weights in memory
  std::size_t parameters() const { return parameters_; }     ///< how many numbers that are

 private:
  struct Free {
    void operator()(void* block) const;
  };
  using Block = std::unique_ptr<void, Free>;
  /// Reads n rows of a tensor, from the row `first` on, to where they are wanted.
  using ReadRows = std::function<void(std::size_t first, std::size_t n, void* to)>;
  static Block reserve(std::uint64_t asked);
  static std::uint64_t room(std::uint64_t bytes);  // what take() needs for them
  void* take(std::size_t bytes);                   // the next of what is reserved
  void keep_bfloat16(StoredMatrix& matrix, const ReadRows& read);
  void keep_int8(StoredMatrix& matrix, bool turn, const ReadRows& read);

  GPT2Config config_;
  StoredWeights weights_;
  Block memory_;
  std::size_t taken_ = 0, bytes_ = 0, parameters_ = 0;
};

/// Writes config.json and model.safetensors as they are published, in float32.
/// @param weights all that GPT2Weights would read, in float32
/// @throws std::runtime_error if they cannot be written
void save_gpt2(const std::filesystem::path& folder, const GPT2Config& config, const StoredWeights& weights);

}  // namespace gpt
