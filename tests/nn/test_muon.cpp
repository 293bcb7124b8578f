/// @file test_muon.cpp
/// Newton and Schulz's iteration against what it does to singular values, and the optimiser step by step.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/nn/muon.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

// What an iteration makes of a singular value.
double iterated(double s, int iterations = 5) {
  for (int i = 0; i < iterations; ++i) s = 3.4445 * s - 4.7750 * std::pow(s, 3) + 2.0315 * std::pow(s, 5);
  return s;
}

Tensor diagonal(std::size_t rows, std::size_t columns, const std::vector<double>& values) {
  Tensor x = Tensor::zeros({rows, columns});
  for (std::size_t i = 0; i < values.size(); ++i)
    x.mutable_values()[i * columns + i] = static_cast<float>(values[i]);
  return x;
}

// A reflection at a random plane, 1 - 2 v v^T / (v^T v): orthogonal.
Tensor reflection(std::size_t n, Rng& rng) {
  const Tensor v = Tensor::normal({n, 1}, 1, rng);
  double square = 0;
  for (const float x : v.values()) square += double(x) * x;
  return diagonal(n, n, std::vector<double>(n, 1.0)) -
         matmul(v, transpose(v)) * static_cast<float>(2 / square);
}

void set_grad(const Tensor& w, const Tensor& gradient) {
  w.zero_grad();
  std::copy(gradient.values().begin(), gradient.values().end(), w.mutable_grad().begin());
}

TEST_CASE("orthogonalised: one iteration, worked out by hand", "[muon]") {
  // The norm of (3 0; 0 4) is 5, so its singular values are 0.6 and 0.8 at first.
  // 3.4445 * 0.6 - 4.7750 * 0.216 + 2.0315 * 0.07776 = 2.06670 - 1.03140 + 0.15797 = 1.19327
  // 3.4445 * 0.8 - 4.7750 * 0.512 + 2.0315 * 0.32768 = 2.75560 - 2.44480 + 0.66568 = 0.97648
  check_values("diagonal", orthogonalised(Tensor::from({2, 2}, {3, 0, 0, 4}), 1),
               Tensor::from({2, 2}, {1.19327f, 0, 0, 0.97648f}), 1e-4);
  // With rows exchanged the matrix has the same singular values; signs stay.
  check_values("exchanged", orthogonalised(Tensor::from({2, 2}, {0, -3, 4, 0}), 1),
               Tensor::from({2, 2}, {0, -1.19327f, 0.97648f, 0}), 1e-4);
}

TEST_CASE("orthogonalised: a single row keeps its direction and gets a length near 1", "[muon]") {
  // Its only singular value is its norm: 1 once divided by it, then five iterations.
  const float length = static_cast<float>(iterated(1.0));
  check_values("row", orthogonalised(Tensor::from({1, 2}, {3, -4})),
               Tensor::from({1, 2}, {0.6f * length, -0.8f * length}), 1e-4);
  check_values("column", orthogonalised(Tensor::from({2, 1}, {30, -40})),
               Tensor::from({2, 1}, {0.6f * length, -0.8f * length}), 1e-4);
}

TEST_CASE("orthogonalised: singular vectors stay, and singular values come near to 1", "[muon]") {
  Rng rng(1);
  const std::vector<double> values{7, 5, 3, 2, 1, 0.5};
  double norm = 0;
  std::vector<double> after;
  for (const double s : values) norm += s * s;
  for (const double s : values) {
    after.push_back(iterated(s / std::sqrt(norm)));
    CHECK(after.back() > 0.68);
    CHECK(after.back() < 1.14);
  }
  for (const Shape& shape : {Shape{6, 6}, Shape{6, 17}, Shape{23, 6}}) {
    const Tensor left = reflection(shape[0], rng), right = reflection(shape[1], rng);
    const Tensor before = matmul(matmul(left, diagonal(shape[0], shape[1], values)), right);
    const Tensor expected = matmul(matmul(left, diagonal(shape[0], shape[1], after)), right);
    check_values(to_string(shape), orthogonalised(before), expected, 1e-4);
  }
}

TEST_CASE("orthogonalised: the matrix's size does not matter, and zeros stay zeros", "[muon]") {
  Rng rng(2);
  const Tensor x = Tensor::normal({5, 9}, 1, rng);
  check_values("1000 times as large", orthogonalised(x * 1000.0f), orthogonalised(x), 1e-4);
  check_values("zeros", orthogonalised(Tensor::zeros({3, 4})), Tensor::zeros({3, 4}), 0);
}

TEST_CASE("Muon: two steps, worked out by hand", "[muon]") {
  // Step 1: M = 0.05 G, and 0.05 G + 0.95 M is a multiple of G = (3 0; 0 4): singular values 0.6 and 0.8.
  // Step 2: G = (4 0; 0 -3), M = 0.95 * 0.05 (3 0; 0 4) + 0.05 (4 0; 0 -3) = (0.3425 0; 0 0.04);
  //         0.05 G + 0.95 M = (0.525375 0; 0 -0.112), whose norm is 0.537180: 0.978023 and -0.208496.
  MuonOptions options;
  options.weight_decay = 0.5f;
  const Tensor w = Tensor::from({2, 2}, {1, 2, 3, 4}).require_grad();
  Muon optimizer({{"w", w}}, options);
  const double a = iterated(0.6), b = iterated(0.8), c = iterated(0.978023), d = iterated(-0.208496);
  set_grad(w, Tensor::from({2, 2}, {3, 0, 0, 4}));
  optimizer.step(0.1f);  // each weight keeps 1 - 0.1 * 0.5 = 0.95
  const double w0 = 0.95 * 1 - 0.1 * a, w3 = 0.95 * 4 - 0.1 * b;
  check_values("first", w, Tensor::from({2, 2}, {float(w0), 1.9f, 2.85f, float(w3)}), 1e-4);
  set_grad(w, Tensor::from({2, 2}, {4, 0, 0, -3}));
  optimizer.step(0.2f);  // 0.9
  check_values("second", w,
               Tensor::from({2, 2}, {float(0.9 * w0 - 0.2 * c), 1.71f, 2.565f, float(0.9 * w3 - 0.2 * d)}),
               1e-4);
  CHECK(optimizer.steps() == 2);
}

TEST_CASE("Muon: a layer with more outputs than inputs takes longer steps", "[muon]") {
  MuonOptions options;
  options.weight_decay = 0;
  Rng rng(3);
  const auto moved = [&](Shape shape) {
    const Tensor g = Tensor::normal(shape, 1, rng), w = Tensor::zeros(shape).require_grad();
    Muon optimizer({{"w", w}}, options);
    set_grad(w, g);
    optimizer.step(1.0f);
    const Tensor direction = orthogonalised(g);
    return w.values()[0] / direction.values()[0];
  };
  CHECK_THAT(moved({2, 8}), Catch::Matchers::WithinAbs(-2.0f, 1e-3f));  // the root of 8 / 2
  CHECK_THAT(moved({8, 2}), Catch::Matchers::WithinAbs(-1.0f, 1e-3f));
  CHECK_THAT(moved({5, 5}), Catch::Matchers::WithinAbs(-1.0f, 1e-3f));
}

TEST_CASE("Muon: walks down to the minimum of a matrix that is to become another", "[muon]") {
  Rng rng(4);
  const Tensor target = Tensor::normal({4, 6}, 1, rng), w = Tensor::zeros({4, 6}).require_grad();
  MuonOptions options;
  options.weight_decay = 0;
  Muon optimizer({{"w", w}}, options);
  for (int i = 0; i < 400; ++i) {
    optimizer.zero_grad();
    const Tensor d = w - target;
    sum(d * d).backward();
    optimizer.step(0.05f * (1.0f - static_cast<float>(i) / 400.0f));
  }
  check_values("w", w, target, 0.03);
}

TEST_CASE("Muon: a weight without a gradient stays where it is", "[muon]") {
  const Tensor w = Tensor::from({1, 2}, {1, 2}).require_grad();
  Muon optimizer({{"w", w}});
  optimizer.step(1.0f);
  check_values("w", w, Tensor::from({1, 2}, {1, 2}), 0);
}

TEST_CASE("Muon: a run that was stopped and goes on ends where an unbroken one does, bit for bit", "[muon]") {
  Rng start(5);
  const Tensor before = Tensor::normal({6, 4}, 1, start);
  const auto copy = [](const Tensor& x) { return Tensor::from(x.shape(), x.values()).require_grad(); };
  const auto train = [](Muon& optimizer, const Tensor& w, int from, int to) {
    for (int step = from; step < to; ++step) {
      Rng rng(static_cast<std::uint64_t>(step));
      set_grad(w, Tensor::normal({6, 4}, 1, rng));
      optimizer.step(0.01f);
    }
  };
  const Tensor unbroken = copy(before), broken = copy(before);
  Muon whole({{"w", unbroken}});
  train(whole, unbroken, 0, 12);

  Muon first({{"w", broken}}), second({{"w", broken}});
  train(first, broken, 0, 5);
  REQUIRE(first.state().size() == 1);
  CHECK(first.state()[0].name == "optimizer.momentum.w");
  const Tensor saved = first.state()[0].tensor, restored = second.state()[0].tensor;
  std::copy(saved.values().begin(), saved.values().end(), restored.mutable_values().begin());
  second.set_steps(first.steps());
  train(second, broken, 5, 12);
  CHECK(second.steps() == whole.steps());
  check_values("w", broken, unbroken, 0);
}

TEST_CASE("Muon: refuses what is no matrix, and options and learning rates out of range", "[muon]") {
  CHECK(message_of<std::invalid_argument>([] {
          Muon({{"norm.gain", Tensor::zeros({3})}});
        }) == "Muon: norm.gain must be (*, *), got (3,)");
  MuonOptions options;
  options.momentum = 1;
  CHECK(message_of<std::invalid_argument>([&] { Muon({}, options); }) ==
        "Muon: momentum must be in [0, 1), got 1");
  options = {};
  options.weight_decay = -1;
  CHECK(message_of<std::invalid_argument>([&] { Muon({}, options); }) ==
        "Muon: weight_decay must be in [0, 3.40282e+38], got -1");
  CHECK(message_of<std::invalid_argument>([] { Muon({}).step(-1); }) ==
        "Muon::step: lr must be in [0, 3.40282e+38], got -1");
}

}  // namespace
}  // namespace gpt
