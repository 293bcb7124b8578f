/// @file main.cpp
/// Chapter 7's program: chapter 6's small GPT with the parts of today, or with any mixture of both.
#include <algorithm>
#include <string>
#include <vector>

#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/cached_modern_gpt.hpp"
#include "07_since_the_paper/mixture.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "07_since_the_paper/sprint.hpp"
#include "common/files/checkpoint.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "common/terminal/run_program.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

/// Chapter 6's small size (or what it would be with these blocks and channels), and as wide in the middle as its number
/// of weights allows, whatever the context is: so a saved model can be read with a longer one.
ModernSizes small_sizes(const Program& program, const Mixture& mixture) {
  ModernSizes sizes{.V = program.V(),
                    .block_size = 32,
                    .C = mixture.number("--channels"),
                    .H = 4,
                    .L = mixture.number("--blocks"),
                    .hidden = 0};
  sizes = as_large_as_chapter_6(sizes, mixture.design());
  sizes.block_size = program.T();
  return sizes;
}

/// The sprint's settings in place of the small size's.
void prepare_sprint(Chapter& chapter) {
  chapter.title = "the sprint";
  chapter.adds = "The lecture's loss by a model in between, in minutes.";
  chapter.expect = "A validation loss like that of chapter 6's lecture size, 1.48.";
  chapter.B = 16;
  chapter.T = 256;
  chapter.steps = 1800;
  chapter.published_val_loss = 1.4873f;
  chapter.published_by = "the lecture's";
  chapter.keep_best = false;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::vector<Choice> choices;
    for (const PartOption& part : Mixture::options())
      choices.push_back({part.option, part.help, part.values, part.modern});
    Chapter chapter{
        .number = 7,
        .title = "since the paper",
        .adds = "The parts that were exchanged since 2017, at chapter 6's number of weights.",
        .expect = "A lower loss than chapter 6's 1.82, for as many weights, steps and characters.",
        .variant = "",
        .B = 16,
        .T = 32,
        .steps = 5000,
        .lr = 3e-3f,
        .our_val_loss = 1.68f,
        .keep_best = true};
    const RunOptions options = parse_command_line(argc, argv, chapter.help(), choices);
    Words given;
    for (const Choice& choice : choices) {
      if (choice.given) given[choice.option] = choice.value;
    }
    const Mixture mixture(given, options.load.empty() ? "" : read_metadata(options.load)["variant"]);
    chapter.variant = mixture.in_words();
    if (chapter.variant != Mixture().in_words()) chapter.our_val_loss.reset();
    if (mixture.is("--size", "sprint")) {
      if (mixture.given("--blocks") || mixture.given("--channels"))
        throw CommandLineError("--blocks and --channels are for --size small, got --size sprint");
      prepare_sprint(chapter);
    }
    AdamWOptions adamw_options;
    if (mixture.is("--training", "plain") || mixture.is("--training", "warm-up")) {
      chapter.lr = 1e-3f;
      if (mixture.is("--training", "warm-up")) {
        chapter.schedule = [](std::size_t step, std::size_t, float lr) {
          return lr * std::min(1.0f, float(step + 1) / 101.0f);
        };
      }
    } else if (mixture.is("--training", "scheduled")) {
      adamw_options = {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f};
      chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
        return cosine_schedule(step, steps, lr, /*warm_up=*/100);
      };
    } else {
      adamw_options = {
          .beta2 = 0.99f, .weight_decay = mixture.is("--optimizer", "muon") ? 0.0f : 0.1f, .clip = 1.0f};
      chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
        return straight_to_zero(step, steps, lr, /*warm_up=*/steps / 32);
      };
    }
    chapter.optimizer = mixture.is("--optimizer", "muon")
                            ? muon_and_adamw(/*rate=*/7.0f, {.weight_decay = 0.1f}, adamw_options)
                            : adamw(adamw_options);
    if (mixture.is("--windows", "short-first")) chapter.short_first = ShortFirst{.T = 64, .share = 0.6};
    if (mixture.is("--tuning", "yes")) chapter.task = tuning_task;
    Program program(chapter, options);
    Rng rng(program.seed());
    ModernSizes sizes =
        mixture.is("--size", "sprint") ? sprint_sizes(program.V()) : small_sizes(program, mixture);
    sizes.block_size = program.T();
    const ModernGPT model(sizes, mixture.design(), rng);
    program.run(model, rng);
  });
}
