/// @file main.cpp
/// Chapter 3's program: chapter 2's model with four heads of size 8 where there was one of size 32.
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  return run_program([&] {
    const Chapter chapter{
        .number = 3,
        .title = "multi-head attention",
        .adds = "Four small heads instead of a large one: each can look for something else.",
        .expect = "Not a parameter more, and yet the loss falls well below that of a single head.",
        .variant = "",
        .B = 32,
        .T = 8,
        .steps = 5000,
        .lr = 1e-3f,
        .published_val_loss = 2.28f};
    Program program(chapter, parse_command_line(argc, argv, chapter.help()));
    Rng rng(program.seed());
    //! [model]
    const std::size_t C = 32;
    const TransformerLanguageModel model(program.V(), program.T(), C, MultiHeadAttention(C, /*H=*/4, rng),
                                         rng);
    //! [model]
    program.run(model, rng);
  });
}
