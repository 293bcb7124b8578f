/// @file main.cpp
/// Chapter 8's program: a recurrent net with as many weights as chapter 6's small GPT, or that GPT itself.
#include "06_gpt/cached_gpt.hpp"
#include "08_recurrent/as_many_weights.hpp"
#include "08_recurrent/recurrent_speaker.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

enum Option { cell, layers, residual };

const std::vector<Choice> choices{{"--cell", "What reads the text", {"rnn", "lstm", "gpt"}, "lstm"},
                                  {"--layers",
                                   "Recurrent nets on top of each other, as narrow as their number asks",
                                   {"1", "2", "3", "4"},
                                   "1"},
                                  {"--residual", "Does each add to what it reads?", {"yes", "no"}, "no"}};

Chapter chapter(const std::vector<Choice>& chosen) {
  if (chosen[cell].value == "gpt" && (chosen[layers].given || chosen[residual].given))
    throw CommandLineError("--layers and --residual are for --cell rnn and lstm, got --cell gpt");
  return {
      .number = 8,
      .title = "recurrent nets, " + chosen[cell].value,
      .adds = "A state that is carried from letter to letter, in place of attention.",
      .expect =
          "A lower loss than that of a GPT with as many weights: windows are short, and the text is small.",
      .B = 16,
      .T = 32,
      .steps = 5000,
      .lr = chosen[cell].value == "lstm" ? 2e-3f : 1e-3f,
      .published_val_loss = 1.82f,
      .published_by = "chapter 6's GPT",
      .keep_best = true};
}

template <class Cell>
void run(Program& program, const std::vector<Choice>& chosen, Rng& rng) {
  const Residual paths = chosen[residual].value == "yes" ? Residual::yes : Residual::no;
  const RecurrentSizes sizes =
      as_large_as_small_gpt<Cell>(program.V(), std::stoul(chosen[layers].value), paths);
  program.run(RecurrentLanguageModel<Cell>(sizes, rng), rng);
}

}  // namespace

int main(int argc, char** argv) {
  return run_chapter(argc, argv, choices, chapter,
                     [](Program& program, const std::vector<Choice>& chosen, Rng& rng) {
                       const std::string& name = chosen[cell].value;
                       if (name == "rnn") run<RNN>(program, chosen, rng);
                       if (name == "lstm") run<LSTM>(program, chosen, rng);
                       if (name == "gpt")
                         program.run(GPTLanguageModel(small_gpt(program.V(), program.T()), rng), rng);
                     });
}
