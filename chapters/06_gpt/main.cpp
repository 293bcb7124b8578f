/// @file main.cpp
/// Chapter 6's program: the GPT, in three sizes.
#include <map>
#include <string>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

struct Size {
  Chapter chapter;
  std::size_t C, H, L;
  float dropout;
};

Chapter chapter(const std::string& size, std::size_t B, std::size_t T, std::size_t steps, float lr,
                float published) {
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

const std::map<std::string, Size> sizes = [] {
  std::map<std::string, Size> all{
      {"small", {chapter("small", 16, 32, 5000, 1e-3f, 1.82f), /*C=*/64, /*H=*/4, /*L=*/4, /*dropout=*/0.0f}},
      {"laptop",
       {chapter("laptop", 12, 64, 2000, 1e-3f, 1.88f), /*C=*/128, /*H=*/4, /*L=*/4, /*dropout=*/0.0f}},
      {"lecture",
       {chapter("lecture", 64, 256, 5000, 3e-4f, 1.48f), /*C=*/384, /*H=*/6, /*L=*/6, /*dropout=*/0.2f}}};
  // The laptop size is trained as nanoGPT's README says: a schedule, stronger decay, clipped gradients.
  Chapter& laptop = all.at("laptop").chapter;
  laptop.optimizer = {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f};
  laptop.schedule = [](std::size_t step, std::size_t steps, float lr) {
    return cosine_schedule(step, steps, lr, 100);
  };
  return all;
}();

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    Choice choice{"--size", "how large a GPT", {"small", "laptop", "lecture"}, "small"};
    std::string help = "Chapter 6: GPT. Unless told otherwise:";
    for (const auto& [name, size] : sizes) help += "\n  --size " + name + " has " + size.chapter.settings();
    const RunOptions options = parse_command_line(argc, argv, help, &choice);
    const Size& size = sizes.at(choice.value);
    Program program(size.chapter, options);
    Rng rng(program.seed());
    const GPTLanguageModel model({program.V(), program.T(), size.C, size.H, size.L, size.dropout}, rng);
    program.run(model, rng);
  });
}
