/// @file main.cpp
/// Chapter 5's program: three blocks, stacked in three ways; the first fails, and the other two show why.
#include <map>
#include <string>
#include <vector>

#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/residual_block.hpp"
#include "05_blocks/stack.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

constexpr std::size_t C = 32, H = 4, L = 3;

template <class B>
std::vector<B> blocks(Rng& rng) {
  std::vector<B> all;
  for (std::size_t l = 0; l < L; ++l) all.emplace_back(C, H, rng);
  return all;
}

template <class B>
void run(Program& program, Stack<B> body, Rng& rng) {
  program.run(TransformerLanguageModel(program.V(), program.T(), C, std::move(body), rng), rng);
}

struct Stage {
  const char* title;
  const char* adds;
  const char* expect;
  float published_val_loss;
};

const std::map<std::string, Stage> stages{
    {"plain",
     {"blocks, plain", "Three of chapter 4's blocks on top of each other.",
      "Three times the depth, and yet no better than one block: the gradient fades on its way down.", 2.33f}},
    {"residual",
     {"blocks with residual paths",
      "Each part adds to its input rather than replacing it, and thinks four times as wide.",
      "Now depth pays: the loss falls far below that of a single block.", 2.08f}},
    {"norm",
     {"blocks with residual paths and layer norm",
      "A norm before each part, which keeps its input on one scale.",
      "A little lower still here; in deeper models it decides whether they train at all.", 2.06f}}};

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    Choice choice{"--stage", "which stack to train", {"plain", "residual", "norm"}, "norm"};
    const RunOptions options = parse_command_line(
        argc, argv,
        "Chapter 5: blocks. Unless told otherwise: --batch 32 --context 8 --lr 0.001 --steps 5000", &choice);
    const Stage& stage = stages.at(choice.value);
    Program program({.number = 5,
                     .title = stage.title,
                     .adds = stage.adds,
                     .expect = stage.expect,
                     .variant = choice.value,
                     .B = 32,
                     .T = 8,
                     .steps = 5000,
                     .lr = 1e-3f,
                     .published_val_loss = stage.published_val_loss},
                    options);
    Rng rng(program.seed());
    if (choice.value == "plain") run(program, Stack(blocks<PlainBlock>(rng)), rng);
    if (choice.value == "residual") run(program, Stack(blocks<ResidualBlock>(rng)), rng);
    if (choice.value == "norm") run(program, Stack(blocks<Block>(rng), LayerNorm(C)), rng);
  });
}
