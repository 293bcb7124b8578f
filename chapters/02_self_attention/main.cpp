/// @file main.cpp
/// Chapter 2's program: three ways to average the past, then a model that learns whom to listen to.
#include <algorithm>
#include <cstdio>

#include "02_self_attention/averages.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

double largest_difference(const Tensor& a, const Tensor& b) {
  float largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.values()[i] - b.values()[i]));
  return largest;
}

void show_averages() {
  Rng rng(1337);
  const Tensor x = Tensor::normal({4, 8, 2}, /*standard_deviation=*/1.0f, rng);  // (B, T, C)
  const Tensor by_loop = average_by_loop(x);
  std::printf(
      "Average of the past, three ways, on (4, 8, 2) random numbers: the matrix product differs from the "
      "loop by %.1e at most, the softmax by %.1e.\n\n",
      largest_difference(by_loop, average_by_product(x)), largest_difference(by_loop, average_by_softmax(x)));
}

}  // namespace

int main(int argc, char** argv) {
  const Chapter chapter{
      .number = 2,
      .title = "self-attention",
      .adds = "One attention head: each position chooses what to read from those before it.",
      .expect = "The loss falls below the bigram's, and pieces of words hang together a little longer.",
      .published_val_loss = 2.41f};
  return run_chapter(argc, argv, chapter, [](Program& program, Rng& rng) {
    if (!program.quiet()) show_averages();
    //! [model]
    const size_t C = 32;
    const Head head(C, /*hs=*/C, rng);
    const TransformerLanguageModel model(program.V(), program.T(), C, head, rng);
    //! [model]
    program.run(model, rng);
  });
}
