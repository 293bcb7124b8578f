/// @file bench_models.cpp
/// Times the chapters' models: a training step (batch, forward, backward, AdamW) and the generation of text.
///
///     bench_models [CONFIG ...] [--threads N] [--seconds S] [--steps-only] [--bfloat16]
///
/// --bfloat16 makes matrix products from it.
/// --steps-only leaves out generation, for a profile of the steps alone (parts.sh).
/// Prints one JSON object a line, with the fields of bench_torch.py, which times the same models in PyTorch.
/// `./learn bench` runs both and compares.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/generate.hpp"
#include "01_bigram/loss.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/stack.hpp"
#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "08_recurrent/recurrent_speaker.hpp"
#include "common/kernels/denormals.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/kernels/precision.hpp"
#include "common/nn/adamw.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/run_program.hpp"

namespace {

using namespace gpt;
using Clock = std::chrono::steady_clock;

constexpr std::size_t V = 65;  // Tiny Shakespeare's vocabulary

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A model's sizes, as far as they decide about the work.
struct Work {
  std::size_t B, T, C, L;

  /// Billions of floating-point operations in the matrix products of a step: 2 for each weight and position
  /// forward, 4 backward, and as much for each pair of positions in attention (the masked half counted too,
  /// as the papers do).
  double gflop(std::size_t weights) const {
    const double positions = static_cast<double>(B * T);
    return 1e-9 * positions * (6.0 * static_cast<double>(weights) + 12.0 * static_cast<double>(T * C * L));
  }
};

/// Weights that take part in matrix products: all but the embeddings, which are only looked up.
std::size_t multiplied_weights(const Parameters& parameters) {
  std::size_t n = 0;
  for (const Parameter& p : parameters) {
    if (p.tensor.dim() == 2 && p.name.find("embedding") == std::string::npos && p.name != "table.weight")
      n += p.tensor.size();
  }
  return n;
}

/// What is to be measured, and for how long.
struct Wish {
  double seconds = 3;
  bool generation = true;
};

/// @returns milliseconds of each training step
template <LanguageModel Model>
std::vector<double> time_steps(const Model& model, const Work& work, double seconds, Rng& rng) {
  std::vector<int> text(1000000);
  for (int& id : text) id = static_cast<int>(rng.below(V));
  AdamW optimizer(model.parameters());
  std::vector<double> ms;
  const Clock::time_point start = Clock::now();
  for (std::size_t step = 0; step < 3 || seconds_since(start) < seconds; ++step) {
    const Clock::time_point step_start = Clock::now();
    const Batch batch = sample_batch(text, work.B, work.T, rng);
    const Tensor loss = next_token_loss(model(batch.inputs), batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(1e-3f);
    if (step >= 2)
      ms.push_back(1e3 * seconds_since(step_start));  // the first also warms up caches and kernels
  }
  return ms;
}

/// @returns tokens a second
template <LanguageModel Model>
double generation_rate(const Model& model, std::size_t T, double seconds, Rng& rng) {
  std::vector<int> tokens(std::max<std::size_t>(1, T - 1), 0);
  const std::size_t n = 300;
  tokens = generate(model, tokens, 3, Sampling{}, rng);
  std::vector<double> rates;
  const Clock::time_point start = Clock::now();
  while (rates.empty() || seconds_since(start) < seconds) {
    const Clock::time_point round_start = Clock::now();
    generate(model, tokens, n, Sampling{}, rng);
    rates.push_back(static_cast<double>(n) / seconds_since(round_start));
  }
  return median(rates);
}

/// One model at one size.
template <LanguageModel Model>
void bench(const std::string& config, const Model& model, const Work& work, const Wish& wish, Rng& rng) {
  const std::vector<double> ms = time_steps(model, work, wish.seconds, rng);
  std::printf(
      "{\"peer\": \"Bardling\", \"config\": \"%s\", \"threads\": %zu, \"gemm\": \"%s\", \"parameters\": %zu, "
      "\"gflop\": %.4f, \"step_ms_median\": %.4f, \"step_ms_min\": %.4f",
      config.c_str(), threads(), (precision() == Precision::bfloat16 ? bfloat16_name() : gemm_name()).c_str(),
      count(model.parameters()), work.gflop(multiplied_weights(model.parameters())), median(ms),
      *std::min_element(ms.begin(), ms.end()));
  if (wish.generation)
    std::printf(", \"generate_tokens_per_s\": %.1f", generation_rate(model, work.T, wish.seconds / 2, rng));
  std::printf("}\n");
  std::fflush(stdout);
}

void run(const std::string& config, const Wish& wish) {
  Rng rng(1337);
  const auto gpt_of = [&](const GPTSizes& sizes, std::size_t B) {
    bench(config, GPTLanguageModel(sizes, rng), {B, sizes.block_size, sizes.C, sizes.L}, wish, rng);
  };
  if (config == "bigram") return bench(config, BigramLanguageModel(V, rng), {32, 8, 0, 0}, wish, rng);
  if (config == "blocks") {
    std::vector<Block> blocks;
    for (int l = 0; l < 3; ++l) blocks.emplace_back(32, 4, rng);
    return bench(config, TransformerLanguageModel(V, 8, 32, Stack(blocks, LayerNorm(32)), rng),
                 {32, 8, 32, 3}, wish, rng);
  }
  if (config == "gpt-small") return gpt_of({V, 32, 64, 4, 4, 0.0f}, 16);
  if (config == "gpt-laptop") return gpt_of({V, 64, 128, 4, 4, 0.0f}, 12);
  if (config == "gpt-lecture") return gpt_of({V, 256, 384, 6, 6, 0.2f}, 64);
  if (config == "lstm") {
    return bench(config, RecurrentLanguageModel<LSTM>({.V = V, .C = 128, .L = 1}, rng), {16, 64, 128, 0},
                 wish, rng);
  }
  throw CommandLineError("config must be bigram, blocks, lstm, gpt-small, gpt-laptop or gpt-lecture, got " +
                         config);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    flush_denormals(true);
    std::vector<std::string> configs;
    Wish wish;
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      const bool has_value = i + 1 < argc;
      if (word == "--threads" && has_value) {
        set_threads(std::stoul(argv[++i]));
      } else if (word == "--seconds" && has_value) {
        wish.seconds = std::stod(argv[++i]);
      } else if (word == "--bfloat16") {
        set_precision(Precision::bfloat16);
      } else if (word == "--steps-only") {
        wish.generation = false;
      } else {
        configs.push_back(word);
      }
    }
    if (configs.empty()) configs = {"bigram", "blocks", "gpt-small", "gpt-laptop"};
    for (const std::string& config : configs) run(config, wish);
  });
}
