/// @file main.cpp
/// Chapter 1's program: trains a table of what follows what, then lets it speak.
#include <cstdio>

#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/pairs.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

/// The text, and what is to be known of it by counting its pairs: no table can do better on what it learns from.
struct CountedText : TextTask {
  using TextTask::TextTask;

  std::string examine(const AnyModel&) const override {
    const std::span<const int> train = text().train;
    if (train.size() < 2) return {};  // a saved model speaks without its text
    const float counted = pair_loss(pair_shares(count_pairs(train, tokeniser().size())), train);
    char line[80];
    std::snprintf(line, sizeof line, "Counting the pairs instead would give: train %.3f.\n", double{counted});
    return line;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Chapter chapter{
      .number = 1,
      .title = "bigram model",
      .adds = "A table with a row for each character: how likely is each other one to come next?",
      .expect = "Letters get their frequencies and words their lengths, but nothing is a word yet.",
      .steps = 3000,
      .lr = 1e-2f,
      .published_val_loss = 2.49f,
      .task = text_task<CountedText>};
  return run_chapter(argc, argv, chapter, [](Program& program, Rng& rng) {
    //! [program]
    const BigramLanguageModel model(program.V(), rng);
    program.run(model, rng);
    //! [program]
  });
}
