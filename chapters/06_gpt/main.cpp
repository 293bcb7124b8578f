/// @file main.cpp
/// Chapter 6's program: the GPT, in three sizes.
#include <algorithm>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "06_gpt/sizes.hpp"
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

const AdamWOptions nano_gpts{.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f};

const std::vector<Chapter> chapters = [] {
  std::vector<Chapter> all{chapter("small", 16, 32, 5000, 1e-3f, 1.82f),
                           chapter("laptop", 12, 64, 2000, 1e-3f, 1.88f),
                           chapter("lecture", 64, 256, 5000, 3e-4f, 1.48f)};
  // The laptop size is trained as nanoGPT's README says: a schedule, stronger decay, clipped gradients.
  Chapter& laptop = all[1];
  laptop.optimizer = adamw(nano_gpts);
  laptop.schedule = [](size_t step, size_t steps, float lr) {
    return cosine_schedule(step, steps, lr, /*warm_up=*/steps / 20);
  };
  return all;
}();

/// One of laptop's settings as small has it, or lecture's dropout: what is it worth? (Chapter 7's measure.sh asks.)
const std::vector<std::string> crafts{"all",        "no-schedule", "no-warm-up", "no-clipping",
                                      "weak-decay", "long-memory", "none",       "dropout"};

void change(const std::string& craft, Chapter& chapter, GPTSizes& size) {
  const auto without = [&](const char* what) { return craft == what || craft == "none"; };
  AdamWOptions optimizer = nano_gpts;
  if (without("no-clipping")) optimizer.clip = AdamWOptions{}.clip;
  if (without("weak-decay")) optimizer.weight_decay = AdamWOptions{}.weight_decay;
  if (without("long-memory")) optimizer.beta2 = AdamWOptions{}.beta2;
  chapter.optimizer = adamw(optimizer);
  if (without("no-schedule")) chapter.schedule = {};
  if (craft == "no-warm-up") {
    chapter.schedule = [](size_t step, size_t steps, float lr) {
      return cosine_schedule(step, steps, lr, 0);
    };
  }
  if (craft == "dropout") size.dropout = 0.2f;
  chapter.published_val_loss.reset();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::vector<Choice> chosen{
        {"--size", "How large a GPT", {}, "small"},
        {"--craft", "With laptop: all of its settings, or one of them changed", crafts, "all"}};
    std::string help = "Chapter 6. Unless told otherwise:";
    for (const Chapter& one : chapters) {
      chosen[0].values.push_back(one.variant);
      help += "\n  --size " + one.variant + " has " + one.settings();
    }
    const RunOptions options = parse_command_line(argc, argv, help, chosen);
    const std::string &name = chosen[0].value, &craft = chosen[1].value;
    if (craft != "all" && name != "laptop")
      throw CommandLineError("--craft changes settings of --size laptop, got --size " + name);
    Chapter chapter = *std::ranges::find(chapters, name, &Chapter::variant);
    GPTSizes size = gpt_sizes.at(name);
    if (craft != "all") change(craft, chapter, size);
    Program program(chapter, options);
    Rng rng(program.seed());
    size.V = program.V();
    size.block_size = program.T();
    const GPTLanguageModel model(size, rng);
    program.run(model, rng);
  });
}
