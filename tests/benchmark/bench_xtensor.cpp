/// @file bench_xtensor.cpp
/// What an expression of xtensor's costs beside the same operation of common/tensor: the table of
/// docs/where_the_time_goes.md. One thread, float32, the sizes of chapter 6's `small`.
///
///     bench_xtensor [ROUNDS]
///
/// Both ways are timed in turn, ROUNDS times (101 if left out); the table holds the medians.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/tensor/array.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"

namespace {

using namespace gpt;

constexpr std::size_t B = 16, T = 32, C = 64, H = 4;

// Of this processor's time, so that a busy machine does not count.
double microseconds(const std::function<void()>& work) {
  constexpr int repeats = 20;  // a clock has no use for a single one
  const std::clock_t start = std::clock();
  for (int i = 0; i < repeats; ++i) work();
  return 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / repeats;
}

void compare(const char* what, int rounds, const std::function<void()>& ours,
             const std::function<void()>& theirs) {
  std::vector<double> our_times, their_times;
  for (int round = 0; round < rounds; ++round) {
    our_times.push_back(microseconds(ours));
    their_times.push_back(microseconds(theirs));
  }
  const double a = median(our_times), b = median(their_times);
  std::printf("| %s | %.1f | %.1f | %.1f x |\n", what, a, b, b / a);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 101;
  set_threads(1);
  const NoGrad no_grad;
  Rng rng(1);
  const Tensor x = Tensor::normal({B * T, C}, 1.0f, rng), y = Tensor::normal({B * T, C}, 1.0f, rng);
  const Tensor bias = Tensor::normal({C}, 1.0f, rng), scores = Tensor::normal({B * H * T, T}, 1.0f, rng);
  // xtensor's own containers, and each result in a new one, as one writes it.
  const xt::xarray<float> ax = array(x), ay = array(y), a_bias = array(bias), a_scores = array(scores);
  std::vector<float> row_sums(B * T);

  std::printf("| | ours, µs | xtensor, µs | |\n| --- | ---: | ---: | ---: |\n");
  compare(
      "`x + y`, (512, 64)", rounds, [&] { x + y; }, [&] { const xt::xarray<float> out = ax + ay; });
  compare(
      "`x + bias`, (512, 64) + (64)", rounds, [&] { x + bias; },
      [&] { const xt::xarray<float> out = ax + a_bias; });
  compare(
      "softmax of each row, (2048, 32)", rounds, [&] { softmax(scores); },
      [&] {
        const xt::xarray<float> largest = xt::amax(a_scores, {1}, xt::keep_dims);
        const xt::xarray<float> powers = xt::exp(a_scores - largest);
        const xt::xarray<float> totals = xt::sum(powers, {1}, xt::keep_dims);
        const xt::xarray<float> weights = powers / totals;
      });
  compare(
      "sum of each row by a loop and by `xt::sum`, (512, 64)", rounds,
      [&] {
        const float* px = x.values().data();
        for (std::size_t row = 0; row < B * T; ++row) {
          double total = 0;
          for (std::size_t c = 0; c < C; ++c) total += px[row * C + c];
          row_sums[row] = static_cast<float>(total);
        }
      },
      [&] { const xt::xarray<float> sums = xt::sum<double>(ax, {1}); });
}
