/// @file main.cpp
/// Chapter 1's program: trains a table of what follows what, then lets it speak.
#include "01_bigram/bigram_language_model.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  using namespace gpt;
  return run_program([&] {
    const Chapter chapter{
        .number = 1,
        .title = "bigram model",
        .adds = "A table with a row for each character: how likely is each other one to come next?",
        .expect = "Letters get their frequencies and words their lengths, but nothing is a word yet.",
        .variant = "",
        .B = 32,
        .T = 8,
        .steps = 3000,
        .lr = 1e-2f,
        .published_val_loss = 2.49f};
    //! [program]
    Program program(chapter, parse_command_line(argc, argv, chapter.help()));
    Rng rng(program.seed());
    const BigramLanguageModel model(program.V(), rng);
    program.run(model, rng);
    //! [program]
  });
}
