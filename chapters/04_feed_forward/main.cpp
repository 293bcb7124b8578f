/// @file main.cpp
/// Chapter 4's program: chapter 3's model with a feed-forward layer after the heads.
#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  return run_program([&] {
    const Chapter chapter{
        .number = 4,
        .title = "feed-forward",
        .adds = "A layer of neurons after the heads: each position thinks about what it has read.",
        .expect = "A small step down in loss for a thousand parameters more.",
        .variant = "",
        .B = 32,
        .T = 8,
        .steps = 5000,
        .lr = 1e-3f,
        .published_val_loss = 2.24f};
    Program program(chapter, parse_command_line(argc, argv, chapter.help()));
    Rng rng(program.seed());
    //! [model]
    const std::size_t C = 32;
    const TransformerLanguageModel model(program.V(), program.T(), C, PlainBlock(C, /*H=*/4, rng), rng);
    //! [model]
    program.run(model, rng);
  });
}
