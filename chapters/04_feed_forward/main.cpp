/// @file main.cpp
/// Chapter 4's program: chapter 3's model with a feed-forward layer after the heads.
#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  const Chapter chapter{
      .number = 4,
      .title = "feed-forward",
      .adds = "A layer of neurons after the heads: each position thinks about what it has read.",
      .expect = "A small step down in loss for a thousand parameters more.",
      .published_val_loss = 2.24f};
  return run_chapter(argc, argv, chapter, [](Program& program, Rng& rng) {
    //! [model]
    const size_t C = 32;
    const PlainBlock block(C, /*H=*/4, rng);
    const TransformerLanguageModel model(program.V(), program.T(), C, block, rng);
    //! [model]
    program.run(model, rng);
  });
}
