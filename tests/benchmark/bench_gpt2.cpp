/// @file bench_gpt2.cpp
/// How fast GPT-2 speaks, how much memory it takes, and what rounding its weights costs.
///
///     bench_gpt2 make FOLDER [C H L V]         writes a GPT-2 of random weights, of the size of the smallest unless told
///     bench_gpt2 speak FOLDER KEEP [TOKENS]    tokens a second beside what memory allows; KEEP: stored, bfloat16 or int8
///     bench_gpt2 bits TEXT SEED STEPS          trains a small model in GPT-2's form on a text in 1,024 pieces, and says how
///                                              many bits it needs for a character with its weights in 32, 16 and 8 bits
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "01_bigram/batch.hpp"
#include "01_bigram/train.hpp"
#include "06_gpt/schedule.hpp"
#include "09_subwords/byte_pair_tokeniser.hpp"
#include "09_subwords/cached_gpt2.hpp"
#include "common/files/corpus.hpp"
#include "common/files/gpt2_files.hpp"
#include "common/kernels/parallel.hpp"
#include "common/nn/adamw.hpp"
#include "common/terminal/run_program.hpp"

namespace {

using namespace gpt;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return double(usage.ru_maxrss) / 1e6;
#else
  return double(usage.ru_maxrss) * 1024 / 1e6;
#endif
}

GPT2Sizes sizes_of(const GPT2Config& c) {
  return {.V = c.V, .block_size = c.block_size, .C = c.C, .H = c.H, .L = c.L};
}

void make(const std::filesystem::path& folder, const GPT2Config& config) {
  Rng rng(1);
  const GPT2 model(sizes_of(config), rng);
  std::filesystem::create_directories(folder);
  save_gpt2(folder, config, stored_weights(model));
}

KeepAs keep_as(const std::string& word) {
  if (word == "stored") return KeepAs::stored;
  if (word == "bfloat16") return KeepAs::bfloat16;
  if (word == "int8") return KeepAs::int8;
  throw CommandLineError("expected stored, bfloat16 or int8, got " + word);
}

/// Milliseconds of processor time that it takes to read all weights once and do nothing with them: the least that a token
/// could take. Unlike time on the clock, it is hardly longer on a machine that works for others too.
double reading_alone(const StoredWeights& weights) {
  std::vector<double> rounds;
  std::uint64_t all = 0;
  for (int round = 0; round < 9; ++round) {
    const std::clock_t start = std::clock();
    for (const auto& [name, W] : weights) {
      const auto* const words = static_cast<const std::uint64_t*>(W.numbers);
      const size_t n = W.rows * W.columns * bytes_of(W.type) / sizeof(std::uint64_t);
      std::uint64_t some[32] = {};
      for (size_t i = 0; i + 32 <= n; i += 32)
        for (size_t k = 0; k < 32; ++k) some[k] ^= words[i + k];
      for (const std::uint64_t one : some) all ^= one;
    }
    rounds.push_back(1e3 * double(std::clock() - start) / CLOCKS_PER_SEC + double(all & 1) * 1e-9);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

void speak(const std::filesystem::path& folder, const std::string& keep, size_t tokens) {
  const Clock::time_point start = Clock::now();
  const GPT2Weights file(folder, keep_as(keep));
  const double load = seconds_since(start);
  CachedGPT2 cache(sizes_of(file.config()), file.weights());
  Rng dice(1);
  int token = 0;
  std::vector<double> seconds, processor;
  for (size_t i = 0; i < tokens; ++i) {
    const Clock::time_point before = Clock::now();
    const std::clock_t worked = std::clock();
    const std::vector<float> logits = cache.read({token});
    seconds.push_back(seconds_since(before));
    processor.push_back(double(std::clock() - worked) / CLOCKS_PER_SEC);
    token = sample(logits, 1.0f, dice);
  }
  const double peak = peak_megabytes();
  std::sort(seconds.begin(), seconds.end());
  std::sort(processor.begin(), processor.end());
  const double median = seconds[seconds.size() / 2], a_second = double(file.bytes()) / median;
  const double reading = reading_alone(file.weights()), bandwidth = memory_bandwidth(256);
  std::printf(
      "%-9s %6.1f tokens/s  %6.1f MB of weights  read in %.2f s  peak memory %.0f MB, %.2f x the weights  "
      "%.1f GB/s of the %.1f that memory gives, %.0f %%  (%zu threads)  "
      "%.1f ms of processor time a token, of which reading alone takes %.1f: %.0f %%\n",
      keep.c_str(), 1 / median, double(file.bytes()) / 1e6, load, peak, peak * 1e6 / double(file.bytes()),
      a_second / 1e9, bandwidth / 1e9, 100 * a_second / bandwidth, threads(),
      1e3 * processor[processor.size() / 2], reading,
      100 * reading / (1e3 * processor[processor.size() / 2]));
}

/// Mean loss over windows of T tokens of a text, each read anew, a token at a time.
double loss_of(CachedGPT2& cache, std::span<const int> text, size_t T, size_t every) {
  double sum = 0;
  size_t n = 0;
  for (size_t window = 0; (window + 1) * T < text.size(); window += every) {
    cache.clear();
    for (size_t t = window * T; t < (window + 1) * T; ++t) {
      const std::vector<float> p = probabilities(cache.read({text[t]}), /*temperature=*/1);
      sum -= std::log(std::max(1e-30, double(p[size_t(text[t + 1])])));
      ++n;
    }
  }
  return sum / double(n);
}

void bits(const std::string& data, std::uint64_t seed, size_t steps) {
  const Corpus corpus = open_corpus(data);
  const size_t cut = corpus.text.size() * 9 / 10;
  const BytePairTokeniser tokeniser(
      train_byte_pairs(std::string_view(corpus.text).substr(0, cut), 1024, first_word));
  const std::vector<int> train_ids = tokeniser.encode(corpus.text.substr(0, cut));
  const std::vector<int> val_ids = tokeniser.encode(corpus.text.substr(cut));
  Rng rng(seed);
  const GPT2Config config{.V = 1024, .block_size = 32, .C = 64, .H = 4, .L = 4};
  const GPT2 model(sizes_of(config), rng);
  AdamW optimizer(model.parameters(), {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
  for (size_t step = 0; step < steps; ++step) {
    const Batch batch = sample_batch(train_ids, 16, config.block_size, rng);
    const Tensor loss = next_token_loss(model(batch.inputs), batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(cosine_schedule(step, steps, 3e-3f, /*warm_up=*/100));
  }
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("bench_gpt2_" + std::to_string(seed));
  std::filesystem::create_directories(folder);
  save_gpt2(folder, config, stored_weights(model));
  const double characters = double(corpus.text.size() - cut) / double(val_ids.size());
  double exact = 0;
  for (const char* const keep : {"stored", "bfloat16", "int8"}) {
    const GPT2Weights file(folder, keep_as(keep));
    CachedGPT2 cache(sizes_of(config), file.weights());
    const double in_bits =
        loss_of(cache, val_ids, config.block_size, /*every=*/4) / std::log(2.0) / characters;
    if (std::string(keep) == "stored") exact = in_bits;
    std::printf("seed %llu  %-9s %.5f bits a character, %+.5f\n", static_cast<unsigned long long>(seed), keep,
                in_bits, in_bits - exact);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto number = [&](size_t i, size_t otherwise) {
      return words.size() > i ? std::stoul(words[i]) : otherwise;
    };
    if (words.size() >= 2 && words[0] == "make") {
      make(words[1], {.V = number(5, 50257),
                      .block_size = 1024,
                      .C = number(2, 768),
                      .H = number(3, 12),
                      .L = number(4, 12)});
    } else if (words.size() >= 3 && words[0] == "speak") {
      speak(words[1], words[2], number(3, 64));
    } else if (words.size() == 4 && words[0] == "bits") {
      bits(words[1], number(2, 1), number(3, 1000));
    } else {
      throw CommandLineError("expected make FOLDER, speak FOLDER KEEP or bits TEXT SEED STEPS");
    }
  });
}
