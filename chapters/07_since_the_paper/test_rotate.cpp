#include "07_since_the_paper/rotate.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "common/nn/nn.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// A (1, hs) vector that is read at one place.
Tensor at_place(const Rotation& rotation, const std::vector<float>& vector, std::size_t place) {
  return rotation(Tensor::from({1, vector.size()}, vector), place);
}

}  // namespace

TEST_CASE("rotate_by_hand: the shape stays", "[ch07][rotate]") {
  const Tensor angles = Tensor::full({5, 3}, 1);
  expect_shape("rotate_by_hand of a (2, 7, 5, 6)",
               rotate_by_hand(Tensor::full({2, 7, 5, 6}, 1), angles, angles), {2, 7, 5, 6});
}

TEST_CASE("rotate_by_hand: numbers worked out by hand", "[ch07][rotate]") {
  // Channels 0 and 2 are the point (1, 3), channels 1 and 3 the point (2, 4). The first turns a quarter, the second by
  // the angle of cosine 0.6 and sine 0.8: (2 * 0.6 - 4 * 0.8, 2 * 0.8 + 4 * 0.6).
  expect_close(
      "rotate_by_hand of (1, 2, 3, 4), by a quarter and by the angle of cosine 0.6",
      rotate_by_hand(Tensor::from({1, 4}, {1, 2, 3, 4}), Tensor::from({1, 2}, {0, 0.6f}),
                     Tensor::from({1, 2}, {1, 0.8f})),
      {-3, -2, 1, 4},
      {{{3, 4.4f, -1, 0.8f}, "it turns the other way: a cos - b sin, and a sin + b cos"},
       {{3, 4.4f, 1, 4}, "the sign of b sin is wrong in the first half"},
       {{-3, -2, -1, 0.8f}, "the sign of a sin is wrong in the second half"},
       {{1, 4, -3, -2}, "the two halves of the result are exchanged"},
       {{-3, 1, -2, 4}, "the results of each pair stand side by side; a' belongs into the first half"},
       {{-2, 1, -1.4f, 4.8f}, "neighbours make the pairs; here channel i turns with channel i + hs / 2"},
       {{-3, -2, 3, 4}, "the second half stays as it was; both numbers of a point change"}});
}

TEST_CASE("rotate_by_hand: every position has its own row of angles", "[ch07][rotate]") {
  const Tensor x = Tensor::from({2, 3, 2}, {1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1});
  const Tensor cosines = Tensor::from({3, 1}, {1, 0, -1}), sines = Tensor::from({3, 1}, {0, 1, 0});
  expect_close("rotate_by_hand: not at all, a quarter, a half", rotate_by_hand(x, cosines, sines),
               {1, 0, 0, 1, -1, 0, 0, 1, -1, 0, 0, -1});
}

TEST_CASE("rotate_by_hand: its gradient, and the library's rotate", "[ch07][rotate]") {
  for (const std::size_t hs : {2, 6, 10}) {
    const std::size_t T = 3;
    const Tensor x = Tensor::from({2, T, hs}, uneven(2 * T * hs)).require_grad();
    const Tensor cosines = Tensor::from({T, hs / 2}, uneven(T * hs / 2)),
                 sines = Tensor::from({T, hs / 2}, uneven(T * hs / 2, 1.0f, 0.5f));
    expect_gradient(
        "rotate_by_hand, hs = " + std::to_string(hs), [&] { return rotate_by_hand(x, cosines, sines); }, x);
    const std::string what = "rotate_by_hand, hs = " + std::to_string(hs);
    expect_close(what + ", against rotate", rotate_by_hand(x, cosines, sines), rotate(x, cosines, sines));
    const Tensor large = Tensor::from({3, 5, T, hs}, uneven(15 * T * hs, 1e4f));
    expect_close(what + ", of a " + to_string(large.shape()), rotate_by_hand(large, cosines, sines),
                 rotate(large, cosines, sines));
    expect_pure(what, [&] { return rotate_by_hand(large, cosines, sines); },
                {{"x", large}, {"cosines", cosines}, {"sines", sines}});
  }
}

TEST_CASE("Rotation: place 0 does not turn, and the first pair turns by one radian a place",
          "[ch07][rotate]") {
  const Rotation rotation(/*places=*/7, /*hs=*/2);
  expect_close("place 0", at_place(rotation, {1, 0}, 0), {1, 0},
               {{{std::cos(1.0f), std::sin(1.0f)},
                 "places are counted from 1; the first is place 0, which does not turn"},
                {{0, 1}, "cosines and sines are exchanged"}});
  for (const std::size_t place : {1, 2, 6}) {
    const float angle = static_cast<float>(place);
    expect_close(
        "(1, 0) at place " + std::to_string(place), at_place(rotation, {1, 0}, place),
        {std::cos(angle), std::sin(angle)},
        {{{std::sin(angle), std::cos(angle)}, "cosines and sines are exchanged"},
         {{std::cos(angle), -std::sin(angle)}, "it turns the other way: the sine has its sign turned"}});
  }
}

TEST_CASE("Rotation: pair i turns 10000^(2i / hs) times slower", "[ch07][rotate]") {
  // hs = 6: by 1, 10000^(-1/3) = 0.0464 and 10000^(-2/3) = 0.00215 a place. Points (1, 0) show angles.
  const auto shown = [](double exponent) {
    std::vector<float> points(6);
    for (std::size_t i = 0; i < 3; ++i) {
      const double angle = 5 * std::pow(10000.0, exponent * static_cast<double>(i));
      points[i] = static_cast<float>(std::cos(angle));
      points[i + 3] = static_cast<float>(std::sin(angle));
    }
    return points;
  };
  expect_close("(1, 1, 1, 0, 0, 0) at place 5", at_place(Rotation(9, 6), {1, 1, 1, 0, 0, 0}, 5),
               shown(-2 / 6.0),
               {{shown(-1 / 6.0),
                 "pair i turns by 10000^(-i / hs); it is 10000^(-2i / hs), or -i over the number of pairs"},
                {shown(0), "all pairs turn alike; pair i by 10000^(-2i / hs) a place"},
                {shown(2 / 6.0), "the sign of the exponent is wrong: later pairs turn slower"}},
               1e-4f);
}

TEST_CASE("Rotation: a place far away has its angle still", "[ch07][rotate]") {
  // 30,001 radians times 0.0464 are 1,392.5, of which a float keeps three digits after the point.
  const std::size_t place = 30'001;
  std::vector<float> right(6), rounded(6);
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = static_cast<double>(i) / 3;
    const double angle = static_cast<double>(place) * std::pow(10000.0, -share);
    const float in_float = static_cast<float>(place) * std::pow(10000.0f, -static_cast<float>(i) / 3);
    right[i] = static_cast<float>(std::cos(angle));
    right[i + 3] = static_cast<float>(std::sin(angle));
    rounded[i] = std::cos(in_float);
    rounded[i + 3] = std::sin(in_float);
  }
  expect_close("(1, 1, 1, 0, 0, 0) at place 30,001",
               at_place(Rotation(place + 1, 6), {1, 1, 1, 0, 0, 0}, place), right,
               {{rounded, "the angles are rounded, since a float has seven digits; compute them in double"},
                {std::vector<float>(6, 0.0f), "the tables are not filled to their end"}},
               1e-6f);
}

TEST_CASE("Rotation: scores know how far apart two places are, and not where", "[ch07][rotate]") {
  const std::size_t hs = 8;
  const Rotation rotation(40, hs);
  const std::vector<float> q = uneven(hs), k = uneven(hs, 1.0f, 0.4f);
  const auto score = [&](std::size_t asks, std::size_t asked) {
    return matmul(at_place(rotation, q, asks), transpose(at_place(rotation, k, asked))).item();
  };
  expect_close("score of places 9 and 7, that of 2 and 0", score(9, 7), score(2, 0), 1e-4f);
  expect_close("score of places 39 and 12, that of 30 and 3", score(39, 12), score(30, 3), 1e-4f);
  expect(std::abs(score(9, 6) - score(2, 0)) > 1e-2f,
         "Rotation: the score of places 3 apart is that of 2 apart");
}

TEST_CASE("Rotation: lengths stay", "[ch07][rotate]") {
  const Tensor x = Tensor::from({3, 5, 4}, uneven(60)), y = Rotation(5, 4)(x);
  expect_close("squares of the lengths", sum(y * y, -1), sum(x * x, -1), 1e-5f);
}

TEST_CASE("Rotation: later positions are turned as in the whole text", "[ch07][rotate]") {
  const Rotation rotation(7, 4);
  const Tensor x = Tensor::from({2, 7, 4}, uneven(56)), whole = rotation(x);
  expect_close("positions 3 and 4", rotation(slice(x, 1, 3, 5), /*first=*/3), slice(whole, 1, 3, 5));
}

TEST_CASE("Rotation: says what does not fit", "[ch07][rotate]") {
  expect_error(
      "Rotation(5, 3)", [] { Rotation rotation(5, 3); }, "got hs = 3");
  expect_error(
      "Rotation(5, 0)", [] { Rotation rotation(5, 0); }, "must be even");
  expect_error(
      "Rotation(0, 4)", [] { Rotation rotation(0, 4); }, "must be positive");
  expect_error(
      "Rotation(5, 4) of 3 positions from 3 on",
      [] {
        Rotation(5, 4)(Tensor::zeros({3, 4}), 3);
      },
      "has angles for 5 places");
}
