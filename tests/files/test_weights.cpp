/// @file test_weights.cpp
/// Parameters go into a checkpoint and come back, or nothing happens at all.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/files/weights.hpp"
#include "tests/support/catch.hpp"

using gpt::Checkpoint;
using gpt::Parameters;
using gpt::Tensor;

namespace {

std::vector<float> numbers(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

/// A model of two parameters, all of one number.
Parameters model(float value) {
  return {{"head.weight", Tensor::full({2, 3}, value)}, {"head.bias", Tensor::full({3}, value)}};
}

/// What restore() says; empty if it restores.
std::string complaint(const Parameters& parameters, const Checkpoint& checkpoint) {
  try {
    gpt::restore(parameters, checkpoint);
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("Weights: stored parameters are copies with the names, shapes and order of the model",
          "[checkpoint]") {
  const Parameters parameters = {{"w", Tensor::from({2, 1}, {1, 2})}, {"b", Tensor::from({}, {3})}};
  const std::vector<gpt::StoredTensor> copies = gpt::stored(parameters);
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].name == "w");
  CHECK(copies[0].shape == gpt::Shape{2, 1});
  CHECK(copies[0].values == std::vector<float>{1, 2});
  CHECK(copies[1].name == "b");
  CHECK(copies[1].shape.empty());

  Tensor w = parameters[0].tensor;
  w.mutable_values()[0] = 9;
  CHECK(copies[0].values[0] == 1);
}

TEST_CASE("Weights: restoring writes through to the model, in whatever order the file has them",
          "[checkpoint]") {
  const Parameters parameters = model(0);
  gpt::restore(parameters,
               {{}, {{"head.bias", {3}, {7, 8, 9}}, {"head.weight", {2, 3}, {1, 2, 3, 4, 5, 6}}}});
  CHECK(numbers(parameters[0].tensor) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(numbers(parameters[1].tensor) == std::vector<float>{7, 8, 9});
}

TEST_CASE("Weights: the optimizer's numbers may be in the file too", "[checkpoint]") {
  const Parameters parameters = model(0);
  gpt::restore(parameters, {{},
                            {{"head.weight", {2, 3}, std::vector<float>(6, 1)},
                             {"head.bias", {3}, {1, 1, 1}},
                             {"optimizer.mean.head.bias", {3}, {5, 5, 5}}}});
  CHECK(numbers(parameters[1].tensor) == std::vector<float>{1, 1, 1});
}

TEST_CASE("Weights: a checkpoint that does not fit is named, and nothing is written", "[checkpoint]") {
  const Parameters parameters = model(0);
  const gpt::StoredTensor weight{"head.weight", {2, 3}, std::vector<float>(6, 1)};
  const gpt::StoredTensor bias{"head.bias", {3}, {1, 1, 1}};
  const std::string hint = " - was the file saved by another chapter or size?";

  CHECK(complaint(parameters, {{}, {weight}}) ==
        "restore: the model needs head.bias (3,), which the checkpoint does not have" + hint);
  CHECK(complaint(parameters, {{}, {weight, {"head.bias", {1, 3}, {1, 1, 1}}}}) ==
        "restore: head.bias must be (3,), and the checkpoint has (1, 3)" + hint);
  CHECK(complaint(parameters, {{}, {weight, bias, {"tail", {1}, {1}}}}) ==
        "restore: the checkpoint has tail (1,), which the model does not have" + hint);
  CHECK(complaint(parameters, {{}, {weight, bias, {"optimizer", {1}, {1}}}}) != "");
  CHECK(complaint(parameters, {}) != "");

  CHECK(numbers(parameters[0].tensor) == std::vector<float>(6, 0));
  CHECK(numbers(parameters[1].tensor) == std::vector<float>(3, 0));
}

TEST_CASE("Weights: NaN and infinities are neither stored nor restored, and are named", "[checkpoint]") {
  const float infinity = std::numeric_limits<float>::infinity();
  struct Case {
    float value;
    const char* name;
  };
  for (const Case& c : {Case{std::nanf(""), "NaN"}, {infinity, "an infinity"}, {-infinity, "an infinity"}}) {
    const Parameters parameters = model(0);
    const std::string why = std::string(": head.bias holds ") + c.name +
                            " at index 1, which is no number to go on with - was the learning rate too high?";
    CHECK(complaint(parameters, {{},
                                 {{"head.weight", {2, 3}, std::vector<float>(6, 1)},
                                  {"head.bias", {3}, {1, c.value, 1}}}}) == "restore" + why);
    CHECK(numbers(parameters[0].tensor) == std::vector<float>(6, 0));
    Tensor bias = parameters[1].tensor;
    bias.mutable_values()[1] = c.value;
    std::string message;
    try {
      gpt::stored(parameters);
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message == "stored" + why);
  }
}
