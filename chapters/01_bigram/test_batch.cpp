#include "01_bigram/batch.hpp"

#include <cstdint>
#include <numeric>
#include <set>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// 0, 1, 2, ...: an id is its own place in the text.
std::vector<int> counting(std::size_t n) {
  std::vector<int> text(n);
  std::iota(text.begin(), text.end(), 0);
  return text;
}

Batch empty(std::size_t T) { return {{0, T, {}}, {0, T, {}}}; }

void expect_size(const std::string& what, const Tokens& tokens, std::size_t B, std::size_t T) {
  expect(
      tokens.B < 1'000'000 && tokens.T < 1'000'000,
      what +
          ": B or T was given no value, and holds what the memory held: begin with an empty batch, {{0, T, "
          "{}}, {0, T, {}}}");
  expect_equal(what + ": B, the number of rows", static_cast<long long>(tokens.B), static_cast<long long>(B));
  expect_equal(what + ": T, the length of a row", static_cast<long long>(tokens.T),
               static_cast<long long>(T));
  expect_equal(what + ": number of ids, B times T", static_cast<long long>(tokens.ids.size()),
               static_cast<long long>(B * T));
}

/// Windows from the first five of these ids; whoever reads on finds 99.
std::vector<int> text_and_beyond() { return {0, 1, 2, 3, 4, 99, 99, 99, 99}; }

}  // namespace

TEST_CASE("add_window: the targets are the inputs moved on by one", "[ch01][batch]") {
  const std::vector<int> text = counting(10);
  Batch batch = empty(/*T=*/4);
  add_window(batch, text, /*start=*/3);
  expect_size("inputs of one window", batch.inputs, 1, 4);
  expect_size("targets of one window", batch.targets, 1, 4);
  expect_equal("inputs of the window at 3", batch.inputs.ids, {3, 4, 5, 6});
  expect(
      batch.targets.ids != batch.inputs.ids,
      "the targets of a window are its inputs: they must be moved on by one, or the model learns to repeat "
      "what it sees");
  expect(
      batch.targets.ids != std::vector<int>{2, 3, 4, 5},
      "the targets of a window come before its inputs: the model would learn to tell the past, move them on "
      "and not back");
  expect_equal("targets of the window at 3", batch.targets.ids, {4, 5, 6, 7});
}

TEST_CASE("add_window: adds a row below those that are there", "[ch01][batch]") {
  const std::vector<int> text = counting(10);
  Batch batch = empty(/*T=*/2);
  add_window(batch, text, 7);
  add_window(batch, text, 0);
  expect_size("inputs of two windows", batch.inputs, 2, 2);
  expect_size("targets of two windows", batch.targets, 2, 2);
  expect_equal("inputs of the windows at 7 and 0", batch.inputs.ids, {7, 8, 0, 1});
  expect_equal("targets of the windows at 7 and 0", batch.targets.ids, {8, 9, 1, 2});
}

TEST_CASE("sample_batch: B windows of T, each in one piece, with the character that follows each",
          "[ch01][batch]") {
  const std::vector<int> text = counting(1000);
  Rng rng(1);
  const std::size_t B = 5, T = 8;
  const Batch batch = sample_batch(text, B, T, rng);
  expect_size("inputs", batch.inputs, B, T);
  expect_size("targets", batch.targets, B, T);
  std::set<int> starts;
  for (std::size_t b = 0; b < B; ++b) {
    const int start = batch.inputs.ids[b * T];
    starts.insert(start);
    for (std::size_t t = 0; t < T; ++t) {
      const int id = batch.inputs.ids[b * T + t];
      const std::string place = " at (" + std::to_string(b) + ", " + std::to_string(t) + ")";
      expect_equal("input" + place + " of a row that starts at " + std::to_string(start), id,
                   start + static_cast<int>(t));
      expect_equal("target" + place + ", the character after input " + std::to_string(id),
                   batch.targets.ids[b * T + t], id + 1);
    }
  }
  expect(starts.size() > 1, "all rows of a batch begin at the same place: draw a place for each row");
}

TEST_CASE("sample_batch: every window of the text can be drawn, and none beyond it", "[ch01][batch]") {
  // Five characters, windows of three: with a character to follow, they begin at 0 or at 1.
  const std::vector<int> text = text_and_beyond();
  Rng rng(2);
  const Batch batch = sample_batch(std::span<const int>(text).first(5), /*B=*/400, /*T=*/3, rng);
  std::vector<int> drawn(100, 0);
  for (std::size_t b = 0; b < 400; ++b) {
    expect(batch.targets.ids[b * 3 + 2] != 99,
           "a window that begins at " + std::to_string(batch.inputs.ids[b * 3]) +
               " of a text of 5 has no character after its third: it reads past the end of the text");
    ++drawn[static_cast<std::size_t>(batch.inputs.ids[b * 3])];
  }
  expect(drawn[1] > 0, "the last window of the text, which begins at 1, was never drawn in 400 draws");
  expect(drawn[0] > 0, "the first window of the text, which begins at 0, was never drawn in 400 draws");
  // 400 fair draws between two: 200, with a standard deviation of 10.
  expect(drawn[0] > 140 && drawn[1] > 140, "two windows should be equally likely, but of 400 draws " +
                                               std::to_string(drawn[0]) + " took the first and " +
                                               std::to_string(drawn[1]) + " the second");
}

TEST_CASE("sample_batch: a text of T + 1 characters has one window", "[ch01][batch]") {
  const std::vector<int> text = counting(5);
  Rng rng(3);
  const Batch batch = sample_batch(text, /*B=*/2, /*T=*/4, rng);
  expect_equal("inputs from a text of 5 with T = 4", batch.inputs.ids, {0, 1, 2, 3, 0, 1, 2, 3});
  expect_equal("targets from a text of 5 with T = 4", batch.targets.ids, {1, 2, 3, 4, 1, 2, 3, 4});
}

TEST_CASE("sample_batch: the dice are those that were passed in", "[ch01][batch]") {
  const std::vector<int> text = counting(1000);
  Rng one(4), same(4), other(5);
  const std::vector<int> drawn = sample_batch(text, 4, 8, one).inputs.ids;
  expect_equal("inputs drawn with the same seed", sample_batch(text, 4, 8, same).inputs.ids, drawn);
  expect(sample_batch(text, 4, 8, other).inputs.ids != drawn,
         "two seeds give the same batch: draw from the rng that was passed in");
  expect(sample_batch(text, 4, 8, one).inputs.ids != drawn,
         "the second batch is the first one again: draw from the rng that was passed in, not from a copy");
}

TEST_CASE("sample_batch: refuses sizes that give no batch", "[ch01][batch]") {
  const std::vector<int> text = counting(5);
  Rng rng(6);
  expect_error(
      "sample_batch with B = 0", [&] { sample_batch(text, 0, 2, rng); }, "B = 0");
  expect_error(
      "sample_batch with T = 0", [&] { sample_batch(text, 2, 0, rng); }, "T = 0");
  expect_error(
      "sample_batch with T = 5 of 5 characters", [&] { sample_batch(text, 2, 5, rng); }, "5 characters");
}

TEST_CASE("sample_batch: of any size, one batch after the other", "[ch01][batch]") {
  for (const std::uint64_t seed : {8, 9}) {
    Rng rng(seed);
    for (const auto& [B, T] : {std::pair<std::size_t, std::size_t>{1, 1}, {3, 7}, {11, 2}, {2, 13}}) {
      const std::vector<int> text = counting(3 * T + 5);
      const Batch batch = sample_batch(text, B, T, rng);
      const std::string what = " of a batch (" + std::to_string(B) + ", " + std::to_string(T) + ")";
      expect_size("inputs" + what, batch.inputs, B, T);
      expect_size("targets" + what, batch.targets, B, T);
      for (std::size_t i = 0; i < B * T; ++i) {
        const int first = batch.inputs.ids[i / T * T] + static_cast<int>(i % T);
        expect_equal("input " + std::to_string(i) + what, batch.inputs.ids[i], first);
        expect_equal("target " + std::to_string(i) + what, batch.targets.ids[i], first + 1);
      }
    }
  }
}
