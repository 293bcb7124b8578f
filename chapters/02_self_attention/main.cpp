/// @file main.cpp
/// Chapter 2's program: three ways to average the past, then a model that learns whom to listen to.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "02_self_attention/averages.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/command_line.hpp"
#include "program/program.hpp"

namespace {

float largest_difference(const gpt::Tensor& a, const gpt::Tensor& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(a.values()[i] - b.values()[i]));
  return largest;
}

void show_averages() {
  gpt::Rng rng(1337);
  const gpt::Tensor x = gpt::Tensor::normal({4, 8, 2}, /*standard_deviation=*/1.0f, rng);  // (B, T, C)
  const gpt::Tensor by_loop = gpt::average_by_loop(x);
  std::printf(
      "Average of the past, three ways, on (4, 8, 2) random numbers: the matrix product differs from the "
      "loop by "
      "%.1e at most, the softmax by %.1e.\n\n",
      static_cast<double>(largest_difference(by_loop, gpt::average_by_product(x))),
      static_cast<double>(largest_difference(by_loop, gpt::average_by_softmax(x))));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gpt;
  return run_program([&] {
    const Chapter chapter{
        .number = 2,
        .title = "self-attention",
        .adds = "One attention head: each position chooses what to read from those before it.",
        .expect = "The loss falls below the bigram's, and pieces of words hang together a little longer.",
        .variant = "",
        .B = 32,
        .T = 8,
        .steps = 5000,
        .lr = 1e-3f,
        .published_val_loss = 2.41f};
    const RunOptions options = parse_command_line(argc, argv, chapter.help());
    if (!options.quiet) show_averages();

    Program program(chapter, options);
    Rng rng(program.seed());
    //! [model]
    const std::size_t C = 32;
    const TransformerLanguageModel model(program.V(), program.T(), C, Head(C, /*hs=*/C, rng), rng);
    //! [model]
    program.run(model, rng);
  });
}
