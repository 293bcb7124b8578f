/// @file test_ops_rotate.cpp
/// rotate in one pass against the same from smaller operations.
#include <cmath>
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

// Any angles do: the operation asks for their cosines and sines only.
struct Angles {
  Tensor cosines, sines;
  Angles(std::size_t T, std::size_t half)
      : cosines(Tensor::zeros({T, half})), sines(Tensor::zeros({T, half})) {
    for (std::size_t i = 0; i < T * half; ++i) {
      cosines.mutable_values()[i] = std::cos(0.7f * static_cast<float>(i));
      sines.mutable_values()[i] = std::sin(0.7f * static_cast<float>(i));
    }
  }
};

Tensor composed_rotate(const Tensor& x, const Tensor& c, const Tensor& s) {
  const std::size_t hs = x.size(-1);
  const Tensor a = slice(x, -1, 0, hs / 2), b = slice(x, -1, hs / 2, hs);
  return concatenate({a * c - b * s, a * s + b * c}, -1);
}

TEST_CASE("rotate: worked out by hand", "[ops][rotate]") {
  // hs = 4: pairs (1, 3) and (2, 4). The first turns a quarter: (-3, 1); the second by an angle of cosine 0.6 and
  // sine 0.8: (2 * 0.6 - 4 * 0.8, 2 * 0.8 + 4 * 0.6) = (-2, 4).
  check_values("rotate",
               rotate(Tensor::from({1, 4}, {1, 2, 3, 4}), Tensor::from({1, 2}, {0, 0.6f}),
                      Tensor::from({1, 2}, {1, 0.8f})),
               Tensor::from({1, 4}, {-3, -2, 1, 4}));
}

TEST_CASE("rotate: gradients", "[ops][rotate]") {
  Rng rng(1);
  for (const Shape& shape : {Shape{1, 2}, Shape{3, 2}, Shape{2, 5, 6}, Shape{2, 3, 4, 10}}) {
    const Angles angles(shape[shape.size() - 2], shape.back() / 2);
    check_gradient("rotate " + to_string(shape),
                   [&](const Inputs& in) { return rotate(in[0], angles.cosines, angles.sines); },
                   {Tensor::normal(shape, 1, rng)});
  }
}

TEST_CASE("rotate: equals its composition, with gradients, on one thread and several", "[ops][rotate]") {
  const std::size_t threads = GENERATE(1, 3);
  const WithThreads with(threads);
  Rng rng(2);
  for (const std::size_t hs : {2, 6, 16, 34, 64}) {
    for (const std::size_t T : {1, 7, 130}) {
      const Angles angles(T, hs / 2);
      check_same(
          "rotate with hs " + std::to_string(hs) + ", T " + std::to_string(T),
          [&](const Inputs& in) { return rotate(in[0], angles.cosines, angles.sines); },
          [&](const Inputs& in) { return composed_rotate(in[0], angles.cosines, angles.sines); },
          {Tensor::normal({2, 3, T, hs}, 1, rng)});
    }
  }
}

TEST_CASE("rotate: heads are turned where they lie, before and after other uses of them", "[ops][rotate]") {
  Rng rng(3);
  const Angles angles(5, 2);
  const auto split = [](const Tensor& x) { return permute(reshape(x, {2, 5, 3, 4}), {0, 2, 1, 3}); };
  const auto merge = [](const Tensor& x) { return reshape(permute(x, {0, 2, 1, 3}), {2, 5, 12}); };
  const auto check = [&](const char* what, const auto& use) {
    check_same(
        what,
        [&](const Inputs& in) {
          return use(in[0], [&](const Tensor& x) { return rotate(x, angles.cosines, angles.sines); });
        },
        [&](const Inputs& in) {
          return use(in[0],
                     [&](const Tensor& x) { return composed_rotate(x, angles.cosines, angles.sines); });
        },
        {Tensor::normal({2, 5, 12}, 1, rng)});
  };
  check("split and merged", [&](const Tensor& x, const auto& way) { return merge(way(split(x))); });
  check("read in rows", [&](const Tensor& x, const auto& way) { return way(split(x)) * 2.0f; });
  check("used twice", [&](const Tensor& x, const auto& way) {
    const Tensor heads = split(x);
    return merge(way(heads)) * merge(heads) + merge(way(heads));
  });
  check("in attention", [&](const Tensor& x, const auto& way) {
    const Tensor heads = split(x), turned = way(heads);
    return merge(causal_attention(turned, turned, heads));
  });
  check("transposed after",
        [&](const Tensor& x, const auto& way) { return transpose(way(split(x))) * 3.0f; });
}

TEST_CASE("rotate: rows that are not in one piece", "[ops][rotate]") {
  Rng rng(4);
  const Angles angles(5, 3);
  check_same(
      "transposed before",
      [&](const Inputs& in) { return rotate(transpose(in[0]), angles.cosines, angles.sines); },
      [&](const Inputs& in) { return composed_rotate(transpose(in[0]), angles.cosines, angles.sines); },
      {Tensor::normal({2, 6, 5}, 1, rng)});
}

TEST_CASE("rotate: says what does not fit", "[ops][rotate]") {
  const auto rotated = [](Shape x, Shape angles) {
    return message_of<std::invalid_argument>(
        [&] { rotate(Tensor::zeros(x), Tensor::zeros(angles), Tensor::zeros(angles)); });
  };
  CHECK(rotated({2, 3}, {2, 1}) == "rotate: x must be (..., T, hs) with an even hs, got (2, 3)");
  CHECK(rotated({4}, {1, 2}) == "rotate: x must be (..., T, hs) with an even hs, got (4,)");
  CHECK(rotated({5, 3, 4}, {5, 2}) == "rotate: cosines must be (3, 2), got (5, 2)");
  Tensor learned = Tensor::zeros({3, 2});
  learned.require_grad();
  CHECK(message_of<std::invalid_argument>([&] {
          rotate(Tensor::zeros({3, 4}), learned, learned);
        }) == "rotate: the angles are fixed: cosines and sines take no gradient");
}

}  // namespace
}  // namespace gpt
