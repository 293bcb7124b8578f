#include "01_bigram/evaluate.hpp"

#include <cmath>
#include <vector>

#include "01_bigram/bigram_language_model.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// A bigram table over two characters: after 0 comes 1 with p = 3/4, after 1 each with 1/2.
BigramLanguageModel model_of_two() {
  Rng rng(1);
  const BigramLanguageModel model(2, rng);
  const std::vector<float> table{0, std::log(3.0f), 0, 0};
  std::copy(table.begin(), table.end(), model.parameters()[0].tensor.mutable_values().begin());
  return model;
}

}  // namespace

TEST_CASE("evaluate: the mean over all windows", "[ch01][evaluate]") {
  // Pairs of 0 0 1 0 1: 00 costs ln 4, 01 ln(4/3), 10 ln 2, 01 ln(4/3); the mean is (1.386294 + 2 * 0.287682
  // + 0.693147) / 4.
  const std::vector<int> text{0, 0, 1, 0, 1};
  const float expected = 0.663701f;
  for (const std::size_t T : {1, 2, 4}) {
    expect_close("loss in windows of " + std::to_string(T), evaluate(model_of_two(), text, T), expected);
  }
}

TEST_CASE("evaluate: leaves out the rest that fills no window", "[ch01][evaluate]") {
  // Windows of 3: 00, 01, 10 in the first; the fourth pair has no window.
  expect_close("loss in one window of 3", evaluate(model_of_two(), std::vector<int>{0, 0, 1, 0, 1}, 3),
               (1.386294f + 0.287682f + 0.693147f) / 3);
}

TEST_CASE("evaluate: the same answer however many windows go in one batch", "[ch01][evaluate]") {
  // 10,000 windows of one: three batches, of 4,096, 4,096 and 1,808. A third of all pairs are 00, 01 and 10.
  std::vector<int> text;
  for (int i = 0; i < 10001; ++i) text.push_back(i % 3 == 2 ? 1 : 0);
  const double costs[] = {std::log(4.0), std::log(4.0 / 3), std::log(2.0)};
  double total = 0;
  for (int i = 0; i < 10000; ++i) total += costs[i % 3];
  expect_close("loss of 10,000 windows", evaluate(model_of_two(), text, 1), static_cast<float>(total / 1e4),
               1e-5f);
}

TEST_CASE("evaluate: with every = k, the windows 0, k, 2 k, ...", "[ch01][evaluate]") {
  // Windows of one: 00, 01, 10, 01; every second of them: 00 and 10.
  expect_close("loss of every second window", evaluate(model_of_two(), std::vector<int>{0, 0, 1, 0, 1}, 1, 2),
               (1.386294f + 0.693147f) / 2);
}

TEST_CASE("evaluate: leaves no gradient behind", "[ch01][evaluate]") {
  const BigramLanguageModel model = model_of_two();
  evaluate(model, std::vector<int>{0, 0, 1}, 2);
  expect(model.parameters()[0].tensor.grad().empty(), "evaluate() left a gradient in the model's weights");
  expect(grad_enabled(), "the tape is still off after evaluate()");
}

TEST_CASE("evaluate: refuses what gives no window", "[ch01][evaluate]") {
  const BigramLanguageModel model = model_of_two();
  const std::string rule =
      "evaluate: T and every must be positive and the text at least T + 1 long, got T = ";
  expect_error(
      "T = 0",
      [&] {
        evaluate(model, std::vector<int>{0, 1}, 0);
      },
      rule + "0 and 2 characters");
  expect_error(
      "T = 2 of 2",
      [&] {
        evaluate(model, std::vector<int>{0, 1}, 2);
      },
      rule + "2 and 2 characters");
  expect_error(
      "every = 0",
      [&] {
        evaluate(model, std::vector<int>{0, 1}, 1, 0);
      },
      rule + "1 and 2 characters");
}
