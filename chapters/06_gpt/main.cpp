/// @file main.cpp
/// Chapter 6's program: the GPT, in three sizes.
#include <map>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

Chapter chapter(const std::string& size, size_t B, size_t T, size_t steps, float lr, float published) {
  return {
      .number = 6,
      .title = "GPT, " + size,
      .adds =
          "All parts together, with dropout and GPT-2's initial weights: the model that the others led to.",
      .expect = "Names in capitals, lines of verse, mostly real words. Sense would take a much larger model.",
      .variant = size,
      .B = B,
      .T = T,
      .steps = steps,
      .lr = lr,
      .published_val_loss = published,
      .keep_best = true};
}

const std::vector<Chapter> chapters = [] {
  std::vector<Chapter> all{chapter("small", 16, 32, 5000, 1e-3f, 1.82f),
                           chapter("laptop", 12, 64, 2000, 1e-3f, 1.88f),
                           chapter("lecture", 64, 256, 5000, 3e-4f, 1.48f)};
  // The laptop size is trained as nanoGPT's README says: a schedule, stronger decay, clipped gradients.
  Chapter& laptop = all[1];
  laptop.optimizer = adamw({.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
  laptop.schedule = [](size_t step, size_t steps, float lr) { return cosine_schedule(step, steps, lr, 100); };
  return all;
}();

/// What the command line cannot change: V and block_size come from the text and the context.
const std::map<std::string, GPTSizes> sizes{
    {"small", {.V = 0, .block_size = 0, .C = 64, .H = 4, .L = 4, .dropout = 0.0f}},
    {"laptop", {.V = 0, .block_size = 0, .C = 128, .H = 4, .L = 4, .dropout = 0.0f}},
    {"lecture", {.V = 0, .block_size = 0, .C = 384, .H = 6, .L = 6, .dropout = 0.2f}}};

}  // namespace

int main(int argc, char** argv) {
  return run_chapter(argc, argv, "--size", "how large a GPT", chapters, "small",
                     [](Program& program, Rng& rng) {
                       GPTSizes size = sizes.at(program.variant());
                       size.V = program.V();
                       size.block_size = program.T();
                       const GPTLanguageModel model(size, rng);
                       program.run(model, rng);
                     });
}
