// expect: expected 1 at (0, 0, 0)
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "05_blocks/block.hpp"
#include "05_blocks/dropout.hpp"
#include "05_blocks/layer_norm.hpp"
#include "06_gpt/initialise.hpp"
#include "common/check.hpp"
#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"

namespace gpt {

struct GPTSizes {
  std::size_t V;
  std::size_t block_size;
  std::size_t C;
  std::size_t H;
  std::size_t L;
  float dropout;
};

class GPTLanguageModel {
 public:
  GPTLanguageModel(const GPTSizes& sizes, Rng& rng)
      : sizes_(sizes),
        token_embedding_(sizes.V, sizes.C, rng),
        position_embedding_(require_positive("GPTLanguageModel: block_size", sizes.block_size), sizes.C, rng),
        dropout_(sizes.dropout, rng),
        norm_(sizes.C),
        output_(sizes.C, sizes.V, Bias::on, rng) {
    require_positive("GPTLanguageModel: L", sizes.L);
    for (std::size_t l = 0; l < sizes.L; ++l) blocks_.emplace_back(sizes.C, sizes.H, rng, sizes.dropout);
    initialise(parameters(), sizes.L, rng);
  }

  Tensor operator()(const Tokens& tokens) const {
    if (tokens.T > sizes_.block_size) {
      throw std::invalid_argument("GPTLanguageModel: T must be at most block_size = " +
                                  std::to_string(sizes_.block_size) + ", got " + std::to_string(tokens.T));
    }
    const Tensor what = token_embedding_(tokens);
    const Tensor where = slice(position_embedding_.weight(), 0, 0, tokens.T);
    Tensor x = dropout_(what + where);
    for (const Block& block : blocks_) x = block(x);
    return softmax(output_(norm_(x)));
  }

  std::size_t block_size() const { return sizes_.block_size; }
  const GPTSizes& sizes() const { return sizes_; }

  Parameters parameters() const {
    return collect("token_embedding", token_embedding_, "position_embedding", position_embedding_, "blocks",
                   blocks_, "norm", norm_, "output", output_);
  }

 private:
  GPTSizes sizes_;
  Embedding token_embedding_;
  Embedding position_embedding_;
  Dropout dropout_;
  std::vector<Block> blocks_;
  LayerNorm norm_;
  Linear output_;
};

}  // namespace gpt
