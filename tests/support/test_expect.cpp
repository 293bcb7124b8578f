#include "tests/support/expect.hpp"

#include <string>

#include "common/nn/todo.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

/// What an expectation says; empty if it is met.
std::string message(const std::function<void()>& expectation) {
  try {
    expectation();
  } catch (const Unmet& unmet) {
    return unmet.what();
  }
  return {};
}

}  // namespace

TEST_CASE("expect_shape: names both shapes", "[expect]") {
  const Tensor x = Tensor::zeros({2, 3});
  CHECK(message([&] { expect_shape("Head", x, {2, 3}); }).empty());
  CHECK(message([&] { expect_shape("Head", x, {3, 2}); }) == "Head: expected shape (3, 2), got (2, 3)");
}

TEST_CASE("expect_close: names the first number that is off, and where it is", "[expect]") {
  const Tensor x = Tensor::from({2, 2}, {1, 2, 3, 4});
  CHECK(message([&] { expect_close("x", x, {1, 2, 3, 4.00001f}); }).empty());
  CHECK(message([&] { expect_close("x", x, {1, 2, 3.5f, 9}); }) == "x: expected 3.5 at (1, 0), got 3");
  CHECK(message([&] { expect_close("x", x, {1, 2}); }) == "x: expected 2 numbers, got 4, of shape (2, 2)");
  CHECK(message([&] { expect_close("x", x, Tensor::zeros({4})); }) == "x: expected shape (4,), got (2, 2)");
  CHECK(message([&] { expect_close("loss", 3.9f, 4.17f); }) == "loss: expected 4.17, got 3.9");
}

TEST_CASE("expect_close: names the mistake whose numbers it finds", "[expect]") {
  const Tensor x = Tensor::from({2}, {4, 6});
  const std::vector<Mistake> mistakes{{{2, 3}, "halved"}, {{4, 6}, "not divided"}, {{4, 6, 8}, "too many"}};
  CHECK(message([&] { expect_close("x", x, {4, 6}, mistakes); }).empty());
  CHECK(message([&] {
          expect_close("x", x, {1, 2}, mistakes);
        }) == "x: expected 1 at (0,), got 4: not divided");
  CHECK(message([&] { expect_close("x", x + 1.0f, {1, 2}, mistakes); }) == "x: expected 1 at (0,), got 5");
}

TEST_CASE("expect_close: NaN is close to nothing, an infinity to itself", "[expect]") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(message([&] { expect_close("x", infinity, infinity); }).empty());
  CHECK(message([&] { expect_close("x", infinity, 1.0f); }) == "x: expected 1, got inf");
  CHECK(message([&] { expect_close("x", 1.0f, -infinity); }) == "x: expected -inf, got 1");
  CHECK(message([&] { expect_close("x", infinity - infinity, 1.0f); }) == "x: expected 1, got nan");
  CHECK(message([&] { expect_close("x", -(infinity - infinity), 1.0f); }) == "x: expected 1, got nan");
}

TEST_CASE("expect_equal: compares numbers, texts and lists", "[expect]") {
  CHECK(message([] { expect_equal("V", 65, 65); }).empty());
  CHECK(message([] { expect_equal("V", 64, 65); }) == "V: expected 65, got 64");
  CHECK(message([] { expect_equal("decode", "abd", "abc"); }) == "decode: expected \"abc\", got \"abd\"");
  CHECK(message([] {
          expect_equal("ids", {1, 2}, std::vector<int>{1, 3});
        }) == "ids: expected 3 at index 1, got 2");
  CHECK(message([] { expect_equal("ids", std::vector<int>{1}, {1, 3}); }) == "ids: expected {1, 3}, got {1}");
}

TEST_CASE("expect_rows_sum_to_1: names the row", "[expect]") {
  const Tensor weights = Tensor::from({2, 2}, {0.5f, 0.5f, 1, 0.37f});
  CHECK(message([&] { expect_rows_sum_to_1("the attention weights", weights); }) ==
        "row 1 of the attention weights sums to 1.37, expected 1");
}

TEST_CASE("expect_causal: sees a position that reads from a later one", "[expect]") {
  Rng rng(1);
  const Tensor x = Tensor::normal({2, 4, 3}, 1.0f, rng);
  const auto next = [](const Tensor& in) {  // each position gets the one after it; the last one gets itself
    return concatenate({slice(in, 1, 1, 4), slice(in, 1, 3, 4)}, 1);
  };
  CHECK(message([&] { expect_causal("next", next, x); }) ==
        "next: position 0 changed when token 1 did: the mask lets the future through");
  CHECK(message([&] {
          expect_causal(
              "twice", [](const Tensor& in) { return in * 2.0f; }, x);
        }).empty());
}

TEST_CASE("expect_gradient: sees a gradient that is wrong, assigned or missing", "[expect]") {
  Tensor x = Tensor::from({2}, {1, 2});
  x.require_grad();
  CHECK(message([&] {
          expect_gradient(
              "exp", [&] { return exp(x); }, x);
        }).empty());
  const auto assigned = [&] {
    return Tensor::with_backward(x.shape(), x.values(), {x}, [x](std::span<const float> dy) {
      for (std::size_t i = 0; i < dy.size(); ++i) x.mutable_grad()[i] = dy[i];
    });
  };
  CHECK(message([&] { expect_gradient("same", assigned, x); }).empty());
  CHECK(message([&] {
          expect_gradient("twice", [&] { return assigned() + assigned(); }, {{"x", x}});
        }).starts_with("twice: the gradient of x at (0,) should be 1.0806, got 0.5403"));
  CHECK(message([&] {
          expect_gradient(
              "off", [&] { return x.detach(); }, x);
        }) == "off: the result is off the tape, so that no gradient reaches its inputs");
}

TEST_CASE("expect_error: wants the error, its type and its text", "[expect]") {
  const auto refuse = [] { require_positive("Head: C", 0); };
  CHECK(message([&] { expect_error("Head(0, 4)", refuse, "must be positive"); }).empty());
  CHECK(message([&] { expect_error("Head(0, 4)", refuse, "too small"); }) ==
        "Head(0, 4): expected an error that says \"too small\", got one that says \"Head: C must be "
        "positive, got "
        "0\"");
  CHECK(message([&] {
          expect_error(
              "Head(0, 4)", [] {}, "too small");
        }) == "Head(0, 4): expected an error that says \"too small\", but there was none");
  CHECK(message([] {
          expect_error(
              "Head(0, 4)", [] { throw 4; }, "too small");
        }) ==
        "Head(0, 4): expected an error that says \"too small\", of type std::invalid_argument; got "
        "something that is no std::exception");
  CHECK_THROWS_AS(expect_error(
                      "Head(0, 4)", [] { todo("head"); }, "too small"),
                  NotWritten);
}

TEST_CASE("expect_parameters: wants names and shapes in order", "[expect]") {
  const Parameters got{{"weight", Tensor::zeros({8, 4})}, {"bias", Tensor::zeros({4})}};
  CHECK(message([&] { expect_parameters("Linear", got, {{"weight", {8, 4}}, {"bias", {4}}}); }).empty());
  CHECK(message([&] {
          expect_parameters("Linear", got, {{"weight", {4, 8}}, {"bias", {4}}});
        }) == "Linear: expected weight 1 to be weight (4, 8), got weight (8, 4)");
  CHECK(message([&] {
          expect_parameters("Linear", got, {{"weight", {8, 4}}});
        }) == "Linear: expected 1 weights in parameters(), got 2");
}

TEST_CASE("todo: names the exercise", "[expect]") {
  CHECK_THROWS_WITH(todo("head"), "not written yet: head");
}
