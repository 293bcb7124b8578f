/// @file twin.cpp
/// The page's models as a program of this machine, for the test that both compute the same numbers.
///
///     live_twin CORPUS CHAPTER STAGE B T C H L SCHEDULED LR STEPS TEXT
///
/// prints the tensors inside the forward pass of the fresh model with seed 1337 over TEXT, a line for each: its name, then
/// its numbers; then the losses of its first steps, the validation loss after them, and, of a task of chapter 10's, the
/// share of right answers and, byte by byte, what it says to a question that training never had.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/kernels/parallel.hpp"
#include "live/inside.hpp"
#include "live/live_model.hpp"

namespace {

void print(const std::string& name, std::span<const float> numbers) {
  std::printf("%s", name.c_str());
  for (const float x : numbers) std::printf(" %.9g", static_cast<double>(x));
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) try {
  using namespace gpt;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 12) {
    std::fprintf(stderr, "live_twin: needs CORPUS CHAPTER STAGE B T C H L SCHEDULED LR STEPS TEXT\n");
    return 2;
  }
  const auto number = [&](std::size_t i) { return static_cast<std::size_t>(std::stoul(arguments[i])); };
  std::ifstream file(arguments[0], std::ios::binary);
  const std::string corpus{std::istreambuf_iterator<char>(file), {}};
  set_threads(1);
  use_portable_gemm(true);

  const LiveSizes sizes{number(1), number(2), number(4),        number(5),
                        number(6), number(7), /*dropout=*/0.0f, number(8)};
  LiveModel model(corpus, sizes, /*seed=*/1337);
  if (sizes.chapter != 10) model.learn_from(corpus);
  const std::vector<int> ids = model.vocabulary().encode(arguments[11]);
  for (const TracedTensor& noted :
       inside(model.model(), last_tokens(ids, model.model().block_size()), sizes.H))
    print(noted.name, noted.tensor.values());

  std::vector<float> losses;
  for (std::size_t step = 0; step < number(10); ++step)
    losses.push_back(model.step(number(3), std::stof(arguments[9])));
  print("losses", losses);
  print("look", std::vector<float>{model.look(5000)});
  if (sizes.chapter == 10) {
    print("share", std::vector<float>{model.quiz().share_right(model.model(), 20)});
    Rng dice(7);
    const std::string said = model.quiz().ask(model.model(), model.quiz().question("", dice), dice).shown;
    std::vector<float> bytes;
    for (const char c : said) bytes.push_back(static_cast<unsigned char>(c));
    print("said", bytes);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "live_twin: %s\n", error.what());
  return 1;
}
