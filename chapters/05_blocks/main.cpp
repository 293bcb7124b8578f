/// @file main.cpp
/// Chapter 5's program: three blocks, stacked in three ways; the first fails, and the other two show why.
#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/residual_block.hpp"
#include "05_blocks/stack.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

constexpr size_t C = 32, H = 4, L = 3;

const std::vector<Chapter> stages{
    {.number = 5,
     .title = "blocks, plain",
     .adds = "Three of chapter 4's blocks on top of each other.",
     .expect = "Three times the depth, and yet no better than one block: the gradient fades on its way down.",
     .variant = "plain",
     .published_val_loss = 2.33f},
    {.number = 5,
     .title = "blocks with residual paths",
     .adds = "Each part adds to its input rather than replacing it, and thinks four times as wide.",
     .expect = "Now depth pays: the loss falls far below that of a single block.",
     .variant = "residual",
     .published_val_loss = 2.08f},
    {.number = 5,
     .title = "blocks with residual paths and layer norm",
     .adds = "A norm before each part, which keeps its input on one scale.",
     .expect = "A little lower still here; in deeper models it decides whether they train at all.",
     .variant = "norm",
     .published_val_loss = 2.06f}};

template <class B>
std::vector<B> blocks(Rng& rng) {
  std::vector<B> all;
  for (size_t l = 0; l < L; ++l) all.emplace_back(C, H, rng);
  return all;
}

template <class B>
void run(Program& program, const Stack<B>& body, Rng& rng) {
  program.run(TransformerLanguageModel(program.V(), program.T(), C, body, rng), rng);
}

}  // namespace

int main(int argc, char** argv) {
  return run_chapter(argc, argv, "--stage", "which stack to train", stages, "norm",
                     [](Program& program, Rng& rng) {
                       if (program.variant() == "plain") run(program, Stack(blocks<PlainBlock>(rng)), rng);
                       if (program.variant() == "residual")
                         run(program, Stack(blocks<ResidualBlock>(rng)), rng);
                       if (program.variant() == "norm")
                         run(program, Stack(blocks<Block>(rng), LayerNorm(C)), rng);
                     });
}
