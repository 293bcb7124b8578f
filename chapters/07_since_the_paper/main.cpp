/// @file main.cpp
/// Chapter 7's program: chapter 6's small GPT with the parts of today, or with any mixture of both.
#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string>

#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/cached_modern_gpt.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "07_since_the_paper/sprint.hpp"
#include "common/files/checkpoint.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

// After training come those of which a checkpoint says nothing as long as they are as usual.
enum Part {
  base,
  norm,
  place,
  feed_forward,
  positions,
  groups,
  tied,
  qk_norm,
  biases,
  training,
  size,
  optimizer,
  projections,
  windows,
  tuning,
  blocks,
  channels,
  initial,
  parts
};
using Choices = std::array<Choice, parts>;

Choices choices() {
  return {
      {{"--base",
        "The model whose parts hold unless named below",
        {"modern", "chapter-6", "sprint"},
        "modern"},
       {"--norm", "The norm", {"layer", "rms", "none"}, "rms"},
       {"--place", "Where it stands", {"pre", "post"}, "pre"},
       {"--feed-forward", "What follows attention", {"relu", "gelu", "relu2", "swiglu"}, "swiglu"},
       {"--positions", "How a position is known", {"table", "rotary", "none"}, "rotary"},
       {"--groups", "Heads of keys and values, for 4 of queries", {"1", "2", "4"}, "2"},
       {"--tied", "One table at both ends", {"yes", "no"}, "yes"},
       {"--qk-norm", "Norm queries and keys", {"yes", "no"}, "yes"},
       {"--biases", "Linear layers have biases", {"yes", "no"}, "no"},
       {"--training",
        "One learning rate, the same after a warm-up, or a schedule: a cosine, or a line down to 0",
        {"plain", "warm-up", "scheduled", "line"},
        "scheduled"},
       {"--size", "Chapter 6's small one, or the sprint's", {"small", "sprint"}, "small"},
       {"--optimizer", "What moves the hidden matrices", {"adamw", "muon"}, "adamw"},
       {"--projections", "How those into the stream begin", {"small", "zero"}, "small"},
       {"--windows", "Shorter ones for the first part of the training", {"whole", "short-first"}, "whole"},
       {"--tuning", "Leave the real validation part alone", {"no", "yes"}, "no"},
       {"--blocks", "How many, with --size small", {"3", "4", "12", "24"}, "4"},
       {"--channels", "How wide the stream is, with --size small", {"32", "64"}, "64"},
       {"--initial", "Whose initial weights", {"gpt-2", "pytorch"}, "gpt-2"}}};
}

using Defaults = std::array<const char*, tuning>;
const Defaults chapter_6{"chapter-6", "layer", "pre",   "relu",  "table", "4",     "no",
                         "no",        "yes",   "plain", "small", "adamw", "small", "whole"};
const Defaults sprint{"sprint", "rms", "pre",  "relu2",  "rotary", "4",    "no",
                      "yes",    "no",  "line", "sprint", "muon",   "zero", "short-first"};

/// "rms pre swiglu ...": what a checkpoint says of its model, and what --load takes from it.
std::string in_words(const Choices& chosen) {
  std::string words = chosen[norm].value;
  for (int part = place; part <= training; ++part) words += " " + chosen[part].value;
  const Choices usual = choices();
  for (int part = size; part < parts; ++part) {
    if (chosen[part].value != usual[part].value)
      words += " " + chosen[part].option.substr(2) + "=" + chosen[part].value;
  }
  return words;
}

/// What the command line leaves open comes from the saved run, if there is one, else from the base.
void complete(Choices& chosen, const RunOptions& options) {
  if (!options.load.empty()) {
    std::istringstream saved(load_checkpoint(options.load).metadata["variant"]);
    std::string word;
    for (int part = norm; saved >> word; ++part) {
      if (part >= size) {  // "optimizer=muon"
        const std::string option = "--" + word.substr(0, word.find('='));
        part = int(std::ranges::find(chosen, option, &Choice::option) - chosen.begin());
        word.erase(0, word.find('=') + 1);
      }
      if (part == parts) return;  // load_run() will say whose it is
      const std::vector<std::string>& known = chosen[part].values;
      if (std::find(known.begin(), known.end(), word) == known.end())
        return;  // load_run() will say whose it is
      if (!chosen[part].given) chosen[part].value = word;
    }
    return;
  }
  if (chosen[size].value == "sprint" && !chosen[base].given) chosen[base].value = "sprint";
  if (chosen[base].value == "modern") return;
  const Defaults& defaults = chosen[base].value == "sprint" ? sprint : chapter_6;
  for (int part = norm; part < tuning; ++part)
    if (!chosen[part].given) chosen[part].value = defaults[part];
}

Design design(const Choices& chosen) {
  const auto is = [&](Part part, const char* value) { return chosen[part].value == value; };
  return {.norm = is(norm, "rms")     ? NormKind::rms
                  : is(norm, "layer") ? NormKind::layer
                                      : NormKind::none,
          .place = is(place, "pre") ? Place::pre : Place::post,
          .feed_forward = is(feed_forward, "swiglu") ? FeedForwardKind::swiglu
                          : is(feed_forward, "relu") ? FeedForwardKind::relu
                          : is(feed_forward, "gelu") ? FeedForwardKind::gelu
                                                     : FeedForwardKind::relu_squared,
          .positions = is(positions, "rotary")  ? Positions::rotary
                       : is(positions, "table") ? Positions::table
                                                : Positions::none,
          .G = std::stoul(chosen[groups].value),
          .tied = is(tied, "yes"),
          .qk_norm = is(qk_norm, "yes"),
          .bias = is(biases, "yes") ? Bias::on : Bias::off,
          .zero_projections = is(projections, "zero"),
          .initial = is(initial, "gpt-2") ? InitialWeights::gpt_2 : InitialWeights::pytorch};
}

/// Chapter 6's small size (or what it would be with these blocks and channels), and as wide in the middle as its number
/// of weights allows, whatever the context is: so a saved model can be read with a longer one.
ModernSizes small_sizes(const Program& program, const Choices& chosen) {
  ModernSizes sizes{.V = program.V(),
                    .block_size = 32,
                    .C = std::stoul(chosen[channels].value),
                    .H = 4,
                    .L = std::stoul(chosen[blocks].value),
                    .hidden = 0};
  sizes = as_large_as_chapter_6(sizes, design(chosen));
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
    Choices chosen = choices();
    const std::string as_it_is = in_words(chosen);
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
    const RunOptions options = parse_command_line(argc, argv, chapter.help(), chosen);
    complete(chosen, options);
    const auto is = [&](Part part, const char* value) { return chosen[part].value == value; };
    chapter.variant = in_words(chosen);
    if (chapter.variant != as_it_is) chapter.our_val_loss.reset();
    if (is(size, "sprint")) {
      if (chosen[blocks].given || chosen[channels].given)
        throw CommandLineError("--blocks and --channels are for --size small, got --size sprint");
      prepare_sprint(chapter);
    }
    AdamWOptions adamw_options;
    if (is(training, "plain") || is(training, "warm-up")) {
      chapter.lr = 1e-3f;
      if (is(training, "warm-up")) {
        chapter.schedule = [](std::size_t step, std::size_t, float lr) {
          return lr * std::min(1.0f, float(step + 1) / 101.0f);
        };
      }
    } else if (is(training, "scheduled")) {
      adamw_options = {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f};
      chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
        return cosine_schedule(step, steps, lr, /*warm_up=*/100);
      };
    } else {
      adamw_options = {.beta2 = 0.99f, .weight_decay = is(optimizer, "muon") ? 0.0f : 0.1f, .clip = 1.0f};
      chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
        return straight_to_zero(step, steps, lr, /*warm_up=*/steps / 32);
      };
    }
    chapter.optimizer = is(optimizer, "muon")
                            ? muon_and_adamw(/*rate=*/7.0f, {.weight_decay = 0.1f}, adamw_options)
                            : adamw(adamw_options);
    if (is(windows, "short-first")) chapter.short_first = ShortFirst{.T = 64, .share = 0.6};
    if (is(tuning, "yes")) chapter.task = tuning_task;
    Program program(chapter, options);
    Rng rng(program.seed());
    ModernSizes sizes = is(size, "sprint") ? sprint_sizes(program.V()) : small_sizes(program, chosen);
    sizes.block_size = program.T();
    const ModernGPT model(sizes, design(chosen), rng);
    program.run(model, rng);
  });
}
