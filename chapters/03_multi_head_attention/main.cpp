/// @file main.cpp
/// Chapter 3's program: chapter 2's model with four heads of size 8 where there was one of size 32.
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  const Chapter chapter{
      .number = 3,
      .title = "multi-head attention",
      .adds = "Four small heads instead of a large one: each can look for something else.",
      .expect = "Not a parameter more, and yet the loss falls well below that of a single head.",
      .published_val_loss = 2.28f};
  return run_chapter(argc, argv, chapter, [](Program& program, Rng& rng) {
    //! [model]
    const size_t C = 32;
    const MultiHeadAttention heads(C, /*H=*/4, rng);
    const TransformerLanguageModel model(program.V(), program.T(), C, heads, rng);
    //! [model]
    program.run(model, rng);
  });
}
