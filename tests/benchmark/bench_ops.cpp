/// @file bench_ops.cpp
/// Times single operations, forward and forward with backward, at the sizes of the chapters' models.
///
///     build/release/bin/bench_ops --benchmark_filter=matmul
#include <benchmark/benchmark.h>

#include <functional>
#include <vector>

#include "common/kernels/parallel.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"

namespace {

using namespace gpt;

struct Size {
  const char* name;
  std::int64_t B, T, C, H;
};

constexpr Size sizes[]{{"blocks", 32, 8, 32, 4},
                       {"small", 16, 32, 64, 4},
                       {"laptop", 12, 64, 128, 4},
                       {"lecture", 64, 256, 384, 6}};

using Op = std::function<Tensor(const std::vector<Tensor>&)>;

void time(benchmark::State& state, std::vector<Tensor> inputs, const Op& op, bool backward) {
  if (backward) {
    for (Tensor& input : inputs) input.require_grad();
  }
  for (auto _ : state) {
    if (backward) {
      sum(op(inputs)).backward();
      for (const Tensor& input : inputs) input.zero_grad();
    } else {
      const NoGrad no_grad;
      const Tensor y = op(inputs);
      benchmark::DoNotOptimize(y.values().data());
    }
  }
}

void add(const std::string& name, const Size& s, const std::function<std::vector<Tensor>(Rng&)>& inputs,
         const Op& op) {
  for (const bool backward : {false, true}) {
    benchmark::RegisterBenchmark(
        (name + "/" + s.name + (backward ? "/forward+backward" : "/forward")).c_str(),
        [=](benchmark::State& state) {
          Rng rng(1);
          time(state, inputs(rng), op, backward);
        })
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
  }
}

void add_all(const Size& s) {
  const auto u = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  const std::size_t B = u(s.B), T = u(s.T), C = u(s.C), H = u(s.H);
  const auto normal = [](Rng& rng, Shape shape) { return Tensor::normal(std::move(shape), 1.0f, rng); };
  const auto x = [=](Rng& rng) { return std::vector{normal(rng, {B, T, C})}; };
  const auto wide = [=](Rng& rng) { return std::vector{normal(rng, {B, T, 4 * C})}; };
  const auto qkv = [=](Rng& rng) {
    return std::vector{normal(rng, {B, H, T, C / H}), normal(rng, {B, H, T, C / H}),
                       normal(rng, {B, H, T, C / H})};
  };
  add(
      "linear C->4C", s,
      [=](Rng& rng) {
        return std::vector{normal(rng, {B, T, C}), normal(rng, {C, 4 * C}), normal(rng, {4 * C})};
      },
      [](const std::vector<Tensor>& in) { return linear(in[0], in[1], in[2]); });
  add("causal_attention", s, qkv,
      [](const std::vector<Tensor>& in) { return causal_attention(in[0], in[1], in[2]); });
  add(
      "layer_norm", s,
      [=](Rng& rng) {
        return std::vector{normal(rng, {B, T, C}), normal(rng, {C}), normal(rng, {C})};
      },
      [](const std::vector<Tensor>& in) { return layer_norm(in[0], in[1], in[2]); });
  add("relu", s, wide, [](const std::vector<Tensor>& in) { return relu(in[0]); });
  add("gelu", s, wide, [](const std::vector<Tensor>& in) { return gelu(in[0]); });
  add("softmax", s, x, [](const std::vector<Tensor>& in) { return softmax(in[0]); });
  add(
      "add", s,
      [=](Rng& rng) {
        return std::vector{normal(rng, {B, T, C}), normal(rng, {B, T, C})};
      },
      [](const std::vector<Tensor>& in) { return in[0] + in[1]; });
  add("split heads", s, x, [=](const std::vector<Tensor>& in) {
    return permute(reshape(in[0], {B, T, H, C / H}), {0, 2, 1, 3});
  });
}

}  // namespace

int main(int argc, char** argv) {
  for (const Size& size : sizes) add_all(size);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
