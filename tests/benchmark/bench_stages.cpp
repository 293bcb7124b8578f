/// @file bench_stages.cpp
/// Where the time goes: the same numbers, made faster one step after the other. Prints the tables of
/// docs/where_the_time_goes.md: one matrix product, a training step of the laptop-sized GPT, and its speech. stages.py puts
/// them there.
///
///     bench_stages [--seconds S] [--rounds R]
///
/// Each way is timed in a process of its own, all of them in turn, R times; the tables hold the medians.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/generate.hpp"
#include "01_bigram/loss.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/batched_attention.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "05_blocks/layer_norm.hpp"
#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/kernels/precision.hpp"
#include "common/nn/adamw.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/run_program.hpp"

namespace {

using namespace gpt;
using Clock = std::chrono::steady_clock;

constexpr std::size_t V = 65, B = 12, T = 64, C = 128, H = 4, L = 4;

enum class Heads { list, split, fused };

enum class Products { by_definition, by_hand, by_library };

/// What a stage has already made faster.
struct Stage {
  const char* name;
  Products products;
  Heads heads;      // one product for each head, one for all, or the attention in one pass
  bool fused_rest;  // layer norm and cross-entropy in one pass each
  bool all_threads;
  Precision precision = Precision::float32;
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

double seconds_of(const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Median seconds of the work, repeated for a while.
double median_seconds(double seconds, const std::function<void()>& work) {
  work();  // warms up caches and kernels
  std::vector<double> each;
  const Clock::time_point start = Clock::now();
  while (each.size() < 3 || std::chrono::duration<double>(Clock::now() - start).count() < seconds)
    each.push_back(seconds_of(work));
  return median(each);
}

/// Seconds of the median training step.
double training_step(const Stage& stage, double seconds) {
  use_portable_gemm(stage.products != Products::by_library);
  use_gemm_by_definition(stage.products == Products::by_definition);
  set_precision(stage.precision);
  if (!stage.all_threads) set_threads(1);
  Rng rng(1337);
  const TransformerLanguageModel model(V, T, C, StagedBody(stage, rng), rng);
  std::vector<int> text(100000);
  for (int& id : text) id = static_cast<int>(rng.below(V));
  AdamW optimizer(model.parameters());
  return median_seconds(seconds, [&] {
    const Batch batch = sample_batch(text, B, T, rng);
    const Tensor logits = model(batch.inputs);
    const Tensor loss = stage.fused_rest ? next_token_loss(logits, batch.targets)
                                         : cross_entropy_by_hand(logits, batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(1e-3f);
  });
}

// The product of the hidden layer, (B T, C) @ (C, 4 C), with one thread unless it says otherwise.
constexpr std::size_t M = B * T, N = 4 * C, K = C;

/// for i, j, k: as the definition has it. Each step of k jumps a whole row ahead in b.
void multiply_by_definition(const float* a, const float* b, float* c) {
  for (std::size_t i = 0; i < M; ++i) {
    for (std::size_t j = 0; j < N; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < K; ++k) sum += a[i * K + k] * b[k * N + j];
      c[i * N + j] = sum;
    }
  }
}

/// for i, k, j: the same sums, but b is read the way it lies in memory.
void multiply_row_by_row(const float* a, const float* b, float* c) {
  std::fill_n(c, M * N, 0.0f);
  for (std::size_t i = 0; i < M; ++i) {
    for (std::size_t k = 0; k < K; ++k) {
      const float factor = a[i * K + k];
      for (std::size_t j = 0; j < N; ++j) c[i * N + j] += factor * b[k * N + j];
    }
  }
}

/// Seconds of a product.
double product(const std::function<void(const float*, const float*, float*)>& multiply, double seconds) {
  Rng rng(1337);
  const Tensor a = Tensor::normal({M, K}, 1, rng), b = Tensor::normal({K, N}, 1, rng);
  const Tensor c = Tensor::zeros({M, N});
  return median_seconds(seconds,
                        [&] { multiply(a.values().data(), b.values().data(), c.mutable_values().data()); });
}

void multiply_by_gemm(const float* a, const float* b, float* c) {
  gemm(Trans::no, Trans::no, M, N, K, 1.0f, a, K, b, N, 0.0f, c, N);
}

/// Seconds of a token of chapter 6's laptop size.
double token(bool cached, double seconds) {
  Rng rng(1337);
  const GPTLanguageModel model({V, T, C, H, L, /*dropout=*/0.0f}, rng);
  const std::vector<int> text(T, 0);
  constexpr std::size_t n = 64;
  return median_seconds(seconds,
                        [&] {
                          if (cached) {
                            generate(model, text, n, Sampling{}, rng);
                          } else {
                            generate<GPTLanguageModel>(model, text, n, Sampling{}, rng);
                          }
                        }) /
         static_cast<double>(n);
}

/// One way to do the work, and what came of it.
struct Way {
  std::string name;
  std::function<double()> seconds;
  std::size_t cores = 1;
  std::vector<double> timed = {};
  double memory = 0;  // MB at most
};

/// Times a way once, in a process of its own, so that none finds what another has left behind.
void time_once(Way& way) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("bench_stages: no pipe could be made");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("bench_stages: no process could be made");
  if (child == 0) {
    const double seconds = way.seconds();
    _exit(write(ends[1], &seconds, sizeof seconds) == sizeof seconds ? 0 : 1);
  }
  close(ends[1]);
  double seconds = 0;
  const bool told = read(ends[0], &seconds, sizeof seconds) == sizeof seconds;
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (!told || status != 0)
    throw std::runtime_error("bench_stages: \"" + way.name + "\" did not come to its end");
  way.timed.push_back(seconds);
  way.memory = std::max(way.memory, static_cast<double>(usage.ru_maxrss) / 1000);  // from kB
}

/// Times all ways in turn. @returns the medians
std::vector<double> compare(std::vector<Way>& ways, std::size_t rounds) {
  for (std::size_t round = 0; round < rounds; ++round) {
    for (Way& way : ways) time_once(way);
  }
  std::vector<double> medians;
  for (const Way& way : ways) medians.push_back(median(way.timed));
  return medians;
}

void compare_products(double seconds, std::size_t rounds) {
  const auto by_gemm = [seconds](bool portable, bool alone) {
    return [=] {
      use_portable_gemm(portable);
      if (alone) set_threads(1);
      return product(multiply_by_gemm, seconds);
    };
  };
  std::vector<Way> ways{
      {"three loops, as the definition has it", [=] { return product(multiply_by_definition, seconds); }},
      {"the two inner loops exchanged", [=] { return product(multiply_row_by_row, seconds); }},
      {"our own kernel, `gemm_portable()`", by_gemm(true, true)},
      {"oneDNN", by_gemm(false, true)},
      {"oneDNN on all cores", by_gemm(false, false), threads()}};
  const std::vector<double> medians = compare(ways, rounds);
  std::printf(
      "| (%zu, %zu) @ (%zu, %zu) | cores | µs | GFLOP/s | from the start |\n| --- | ---: | ---: | ---: | "
      "---: |\n",
      M, K, K, N);
  for (std::size_t i = 0; i < ways.size(); ++i) {
    std::printf("| %s | %zu | %.0f | %.1f | %.1f x |\n", ways[i].name.c_str(), ways[i].cores,
                1e6 * medians[i], 2e-9 * static_cast<double>(M * N * K) / medians[i],
                medians[0] / medians[i]);
  }
}

void compare_steps(double seconds, std::size_t rounds) {
  const std::vector<Stage> stages{
      {"as the chapters write it out, three loops for a product", Products::by_definition, Heads::list, false,
       false},
      {"matrix products by our own kernel", Products::by_hand, Heads::list, false, false},
      {"matrix products by oneDNN", Products::by_library, Heads::list, false, false},
      {"all heads in one product", Products::by_library, Heads::split, false, false},
      {"attention in one pass", Products::by_library, Heads::fused, false, false},
      {"layer norm and cross-entropy in one pass each", Products::by_library, Heads::fused, true, false},
      {"all cores", Products::by_library, Heads::fused, true, true},
      {"products made from bfloat16", Products::by_library, Heads::fused, true, true, Precision::bfloat16}};
  std::vector<Way> ways;
  for (const Stage& stage : stages)
    ways.push_back(
        {stage.name, [=] { return training_step(stage, seconds); }, stage.all_threads ? threads() : 1});
  const std::vector<double> medians = compare(ways, rounds);
  std::printf("\n| a training step | cores | ms | gain of this | from the start | peak memory |\n");
  std::printf("| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (std::size_t i = 0; i < ways.size(); ++i) {
    std::printf("| %s | %zu | %.1f | %.2f x | %.2f x | %.0f MB |\n", ways[i].name.c_str(), ways[i].cores,
                1e3 * medians[i], medians[i == 0 ? 0 : i - 1] / medians[i], medians[0] / medians[i],
                ways[i].memory);
  }
}

void compare_speech(double seconds, std::size_t rounds) {
  std::vector<Way> ways{{"the whole window again", [=] { return token(false, seconds); }, threads()},
                        {"keys and values kept", [=] { return token(true, seconds); }, threads()}};
  const std::vector<double> medians = compare(ways, rounds);
  std::printf("\n| for each token | cores | µs | tokens/s | gain |\n| --- | ---: | ---: | ---: | ---: |\n");
  for (std::size_t i = 0; i < ways.size(); ++i) {
    std::printf("| %s | %zu | %.0f | %.0f | %.1f x |\n", ways[i].name.c_str(), ways[i].cores,
                1e6 * medians[i], 1 / medians[i], medians[0] / medians[i]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times the same work done in one way after the other");
  double seconds = 1;
  std::size_t rounds = 5;
  app.add_option("--seconds", seconds, "for each way and round")->check(CLI::Range(0.0, 3600.0));
  app.add_option("--rounds", rounds, "the medians of these are shown")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  return run_program([&] {
    compare_products(seconds, rounds);
    compare_steps(seconds, rounds);
    compare_speech(seconds, rounds);
  });
}
