/// @file bench_stages.cpp
/// Where the time goes: the same GPT, the same numbers, made faster one step after the other.
///
///     bench_stages [--seconds S]
///
/// Trains the laptop-sized GPT, first from the operations as the chapters write them out, at last as chapter
/// 6 does. Prints the table of docs/where_the_time_goes.md.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "05_blocks/layer_norm.hpp"
#include "common/adamw.hpp"
#include "common/command_line.hpp"
#include "common/gemm.hpp"
#include "common/nn.hpp"
#include "common/ops.hpp"
#include "common/parallel.hpp"
#include "common/rng.hpp"

namespace {

using namespace gpt;
using Clock = std::chrono::steady_clock;

constexpr std::size_t V = 65, B = 12, T = 64, C = 128, H = 4, L = 4;

enum class Heads { list, split, fused };

/// What a stage has already made faster.
struct Stage {
  const char* name;
  bool onednn;      // else our own kernel multiplies
  Heads heads;      // one product for each head, one for all, or the attention in one pass
  bool fused_rest;  // layer norm and cross-entropy in one pass each
  bool all_threads;
};

/// Attention of chapter 3 in the form that a stage asks for; the weights are the same in all.
class StagedAttention {
 public:
  StagedAttention(Heads heads, Rng& rng)
      : heads_(heads),
        list_(C, H, rng),
        query_(C, C, Bias::off, rng),
        key_(C, C, Bias::off, rng),
        value_(C, C, Bias::off, rng) {}

  Tensor operator()(const Tensor& x) const {
    if (heads_ == Heads::list) return list_(x);
    const Tensor q = split_heads(query_(x), H), k = split_heads(key_(x), H), v = split_heads(value_(x), H);
    if (heads_ == Heads::fused) return merge_heads(causal_attention(q, k, v));
    const float scale = 1.0f / std::sqrt(static_cast<float>(C / H));
    return merge_heads(matmul(softmax(causal_mask(matmul(q, transpose(k)) * scale)), v));
  }

  Parameters parameters() const {
    if (heads_ == Heads::list) return list_.parameters();
    return collect("query", query_, "key", key_, "value", value_);
  }

 private:
  Heads heads_;
  MultiHeadAttention list_;
  Linear query_, key_, value_;
};

/// Chapter 5's block, and the last norm where it is the last block.
class StagedBlock {
 public:
  StagedBlock(const Stage& stage, bool last, Rng& rng)
      : fused_(stage.fused_rest),
        last_(last),
        attention_(stage.heads, rng),
        projection_(C, C, Bias::on, rng),
        hidden_(C, 4 * C, Bias::on, rng),
        back_(4 * C, C, Bias::on, rng) {
    for (int i = 0; i < 3; ++i) {
      gains_.push_back(Tensor::full({C}, 1.0f).require_grad());
      biases_.push_back(Tensor::zeros({C}).require_grad());
    }
  }

  Tensor operator()(const Tensor& x) const {
    const Tensor read = x + projection_(attention_(norm(0, x)));
    const Tensor thought = read + back_(relu(hidden_(norm(1, read))));
    return last_ ? norm(2, thought) : thought;
  }

  Parameters parameters() const {
    Parameters all =
        collect("attention", attention_, "projection", projection_, "hidden", hidden_, "back", back_);
    for (std::size_t i = 0; i < (last_ ? 3u : 2u); ++i) {
      append(all, "gain." + std::to_string(i), gains_[i]);
      append(all, "bias." + std::to_string(i), biases_[i]);
    }
    return all;
  }

 private:
  Tensor norm(std::size_t i, const Tensor& x) const {
    return fused_ ? layer_norm(x, gains_[i], biases_[i]) : layer_norm_by_hand(x, gains_[i], biases_[i]);
  }

  bool fused_, last_;
  StagedAttention attention_;
  Linear projection_, hidden_, back_;
  std::vector<Tensor> gains_, biases_;
};

class StagedBody {
 public:
  StagedBody(const Stage& stage, Rng& rng) {
    for (std::size_t l = 0; l < L; ++l) blocks_.emplace_back(stage, l + 1 == L, rng);
  }
  Tensor operator()(Tensor x) const {
    for (const StagedBlock& block : blocks_) x = block(x);
    return x;
  }
  Parameters parameters() const { return collect("blocks", blocks_); }

 private:
  std::vector<StagedBlock> blocks_;
};

/// Milliseconds of the median training step.
double median_step(const Stage& stage, double seconds) {
  Rng rng(1337);
  const TransformerLanguageModel model(V, T, C, StagedBody(stage, rng), rng);
  std::vector<int> text(100000);
  for (int& id : text) id = static_cast<int>(rng.below(V));
  AdamW optimizer(model.parameters());
  std::vector<double> ms;
  const Clock::time_point start = Clock::now();
  while (ms.size() < 4 || std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
    const Clock::time_point step = Clock::now();
    const Batch batch = sample_batch(text, B, T, rng);
    const Tensor logits = model(batch.inputs);
    const Tensor loss = stage.fused_rest ? next_token_loss(logits, batch.targets)
                                         : cross_entropy_by_hand(logits, batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(1e-3f);
    ms.push_back(1e3 * std::chrono::duration<double>(Clock::now() - step).count());
  }
  ms.erase(ms.begin());  // the first also warms up caches and kernels
  std::sort(ms.begin(), ms.end());
  return ms[ms.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    const double seconds = argc == 3 && std::string(argv[1]) == "--seconds" ? std::stod(argv[2]) : 3.0;
    const std::vector<Stage> stages{
        {"as the chapters write it out, own matrix kernel", false, Heads::list, false, false},
        {"matrix products by oneDNN", true, Heads::list, false, false},
        {"all heads in one product", true, Heads::split, false, false},
        {"attention in one pass", true, Heads::fused, false, false},
        {"layer norm and cross-entropy in one pass each", true, Heads::fused, true, false},
        {"all cores", true, Heads::fused, true, true}};
    const std::size_t cores = threads();
    std::printf("| step | ms | this step's gain | from the start |\n| --- | ---: | ---: | ---: |\n");
    double first = 0, before = 0;
    for (const Stage& stage : stages) {
      use_portable_gemm(!stage.onednn);
      set_threads(stage.all_threads ? cores : 1);
      const double ms = median_step(stage, seconds);
      if (first == 0) first = before = ms;
      std::printf("| %s | %.1f | %.2f x | %.2f x |\n", stage.name, ms, before / ms, first / ms);
      std::fflush(stdout);
      before = ms;
    }
  });
}
