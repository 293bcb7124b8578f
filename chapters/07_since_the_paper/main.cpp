/// @file main.cpp
/// Chapter 7's program: chapter 6's small GPT with the parts of today, or with any mixture of both.
#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string>

#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/cached_modern_gpt.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "common/files/checkpoint.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

enum Part { base, norm, place, feed_forward, positions, groups, tied, qk_norm, biases, training, parts };
using Choices = std::array<Choice, parts>;

Choices choices() {
  return {{{"--base", "The model whose parts hold unless named below", {"modern", "chapter-6"}, "modern"},
           {"--norm", "The norm", {"layer", "rms", "none"}, "rms"},
           {"--place", "Where it stands", {"pre", "post"}, "pre"},
           {"--feed-forward", "What follows attention", {"relu", "gelu", "relu2", "swiglu"}, "swiglu"},
           {"--positions", "How a position is known", {"table", "rotary", "none"}, "rotary"},
           {"--groups", "Heads of keys and values, for 4 of queries", {"1", "2", "4"}, "2"},
           {"--tied", "One table at both ends", {"yes", "no"}, "yes"},
           {"--qk-norm", "Norm queries and keys", {"yes", "no"}, "yes"},
           {"--biases", "Linear layers have biases", {"yes", "no"}, "no"},
           {"--training", "One learning rate, or a schedule", {"plain", "scheduled"}, "scheduled"}}};
}

const std::array<const char*, parts> chapter_6{"chapter-6", "layer", "pre", "relu", "table",
                                               "4",         "no",    "no",  "yes",  "plain"};

/// "rms pre swiglu ...": what a checkpoint says of its model, and what --load takes from it.
std::string in_words(const Choices& chosen) {
  std::string words;
  for (int part = norm; part < parts; ++part) words += (part == norm ? "" : " ") + chosen[part].value;
  return words;
}

/// What the command line leaves open comes from the saved run, if there is one, else from the base.
void complete(Choices& chosen, const RunOptions& options) {
  if (!options.load.empty()) {
    std::istringstream saved(load_checkpoint(options.load).metadata["variant"]);
    std::string word;
    for (int part = norm; part < parts && saved >> word; ++part) {
      const std::vector<std::string>& known = chosen[part].values;
      if (std::find(known.begin(), known.end(), word) == known.end())
        return;  // load_run() will say whose it is
      if (!chosen[part].given) chosen[part].value = word;
    }
  } else if (chosen[base].value == "chapter-6") {
    for (int part = norm; part < parts; ++part)
      if (!chosen[part].given) chosen[part].value = chapter_6[part];
  }
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
          .bias = is(biases, "yes") ? Bias::on : Bias::off};
}

/// Chapter 6's small size, and as wide in the middle as its number of weights allows, whatever the context is: so a saved
/// model can be read with a longer one.
ModernSizes sizes(const Program& program, const Design& design) {
  ModernSizes sizes{.V = program.V(), .block_size = 32, .C = 64, .H = 4, .L = 4, .hidden = 0};
  Rng thrown_away(0);
  const GPTLanguageModel small({sizes.V, sizes.block_size, sizes.C, sizes.H, sizes.L, /*dropout=*/0.0f},
                               thrown_away);
  sizes.hidden = hidden_for(sizes, design, count(small.parameters()));
  sizes.block_size = program.T();
  return sizes;
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
        .published_val_loss = 1.68f,
        .published_by = "three seeds' mean",
        .keep_best = true};
    const RunOptions options = parse_command_line(argc, argv, chapter.help(), chosen);
    complete(chosen, options);
    chapter.variant = in_words(chosen);
    if (chapter.variant != as_it_is) chapter.published_val_loss.reset();
    if (chosen[training].value == "scheduled") {
      chapter.optimizer = adamw({.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
      chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
        return cosine_schedule(step, steps, lr, /*warm_up=*/100);
      };
    } else {
      chapter.lr = 1e-3f;
    }
    Program program(chapter, options);
    Rng rng(program.seed());
    const ModernGPT model(sizes(program, design(chosen)), design(chosen), rng);
    program.run(model, rng);
  });
}
