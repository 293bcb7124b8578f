/// @file main.cpp
/// Chapter 1's program: trains a table of what follows what, then lets it speak.
#include "01_bigram/bigram_language_model.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  const Chapter chapter{
      .number = 1,
      .title = "bigram model",
      .adds = "A table with a row for each character: how likely is each other one to come next?",
      .expect = "Letters get their frequencies and words their lengths, but nothing is a word yet.",
      .steps = 3000,
      .lr = 1e-2f,
      .published_val_loss = 2.49f};
  return run_chapter(argc, argv, chapter, [](Program& program, Rng& rng) {
    //! [program]
    const BigramLanguageModel model(program.V(), rng);
    program.run(model, rng);
    //! [program]
  });
}
