#include "01_bigram/pairs.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

// a a b c a b a b, with a, b, c for 0, 1, 2. Its pairs are aa, ab, bc, ca, ab, ba, ab.
const std::vector<int> text{0, 0, 1, 2, 0, 1, 0, 1};
const std::vector<float> counts{1, 3, 0, 1, 0, 1, 1, 0, 0};

xt::xarray<float> table(const std::vector<float>& numbers) {
  const std::size_t V = numbers.size() == 9 ? 3 : 2;
  xt::xarray<float> a = xt::xarray<float>::from_shape({V, V});
  std::copy(numbers.begin(), numbers.end(), a.begin());
  return a;
}

const std::vector<float> shares{0.25f, 0.75f, 0, 0.5f, 0, 0.5f, 1, 0, 0};

}  // namespace

TEST_CASE("count_pairs: a row for each character, a column for the one behind it", "[ch01][pairs]") {
  const Tensor got = tensor(count_pairs(text, 3));
  expect_shape("count_pairs of a text with V = 3", got, {3, 3});
  expect_close(
      "count_pairs of a a b c a b a b", got, counts,
      {{{1, 1, 1, 3, 0, 0, 0, 1, 0}, "rows and columns have changed places"},
       {{1, 2, 0, 1, 0, 1, 1, 0, 0}, "the last pair of the text is not counted"},
       {{1, 3, 0, 2, 0, 1, 1, 0, 0}, "the last character is paired with the first"},
       {{1, 1, 0, 1, 0, 1, 1, 0, 0}, "it says which pairs there are, not how often: add 1, don't set 1"},
       {{1, 2, 0, 0, 0, 1, 0, 0, 0},
        "every other pair is left out: a character ends one pair and begins the next"},
       {{2, 4, 1, 4, 0, 1, 1, 1, 0}, "each pair is counted both ways, but b after a is not a after b"},
       {{4, 0, 0, 0, 3, 0, 0, 0, 1}, "the characters are counted, and not their pairs"}});
}

TEST_CASE("count_pairs: a character of the vocabulary that is not in the text has zeros", "[ch01][pairs]") {
  expect_close("count_pairs of 2 2 with V = 4", tensor(count_pairs(std::vector<int>{2, 2}, 4)),
               {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0});
  expect_close("count_pairs of a single character", tensor(count_pairs(std::vector<int>{0}, 2)),
               {0, 0, 0, 0});
}

TEST_CASE("count_pairs: refuses ids that have no row", "[ch01][pairs]") {
  expect_error(
      "count_pairs of 0 3 with V = 3",
      [] {
        count_pairs(std::vector<int>{0, 3}, 3);
      },
      "got 3");
  expect_error(
      "count_pairs of -1 0 with V = 3",
      [] {
        count_pairs(std::vector<int>{-1, 0}, 3);
      },
      "got -1");
}

TEST_CASE("pair_shares: each row is divided by its sum", "[ch01][pairs]") {
  const Tensor got = tensor(pair_shares(table(counts)));
  expect_shape("pair_shares of a (3, 3)", got, {3, 3});
  expect_close(
      "pair_shares of the rows 1 3 0, 1 0 1, 1 0 0", got, shares,
      {{counts, "the counts are not divided"},
       {{1 / 7.0f, 3 / 7.0f, 0, 1 / 7.0f, 0, 1 / 7.0f, 1 / 7.0f, 0, 0},
        "divided by the number of all pairs, where each row should sum to 1"},
       {{1 / 3.0f, 1, 0, 1 / 3.0f, 0, 1, 1 / 3.0f, 0, 0},
        "the columns sum to 1: axis 1 runs along a row, axis 0 down a column"},
       {{0.25f, 1.5f, 0, 0.25f, 0, 1, 0.25f, 0, 0},
        "each column is divided by the sum of a row: keep_dims leaves the sums standing as a column"}});
  expect_rows_sum_to_1("pair_shares of the rows 1 3 0, 1 0 1, 1 0 0", got);
}

TEST_CASE("pair_loss: the mean of -log(share) over the pairs of the text", "[ch01][pairs]") {
  // -(log 1/4 + 3 log 3/4 + 2 log 1/2 + log 1) / 7 = 3.6356 / 7
  const float got = pair_loss(table(shares), text);
  expect(std::abs(got - 3.635632f) > 1e-4f, "pair_loss is the sum over all pairs, and should be the mean");
  expect(std::abs(got + 0.519376f) > 1e-4f,
         "pair_loss is negative: a logarithm of a share is, so take it off");
  expect(std::abs(got - 0.749301f) > 1e-4f,
         "pair_loss has the logarithm to base 2: std::log is the natural one");
  expect(std::abs(got - 0.454454f) > 1e-4f,
         "pair_loss is divided by the 8 characters, where there are 7 pairs");
  expect_close("pair_loss of a a b c a b a b", got, 0.519376f);
}

TEST_CASE("pair_loss: a table that knows nothing pays log V, one that is sure and right nothing",
          "[ch01][pairs]") {
  expect_close("pair_loss with equal shares", pair_loss(table(std::vector<float>(9, 1 / 3.0f)), text),
               std::log(3.0f));
  expect_close("pair_loss of 0 1 0 1, with 1 after 0 and 0 after 1",
               pair_loss(table({0, 1, 1, 0}), std::vector<int>{0, 1, 0, 1}), 0.0f);
}

TEST_CASE("pairs: no other table suits the text it was counted on as well", "[ch01][pairs][pair_loss]") {
  const float best = pair_loss(pair_shares(count_pairs(text, 3)), text);
  Rng rng(1);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<float> other = counts;
    for (float& count : other) count += 0.05f + static_cast<float>(rng.below(10)) / 20.0f;
    expect(pair_loss(pair_shares(table(other)), text) > best,
           "a table with other counts has a lower loss on the text than its own");
  }
}

TEST_CASE("sample_pairs: each character is drawn from the row of the one before it", "[ch01][pairs]") {
  Rng rng(2);
  // After 0 always comes 1, after 1 always 2, after 2 always 0.
  const std::vector<int> got = sample_pairs(table({0, 1, 0, 0, 0, 1, 1, 0, 0}), 0, 5, rng);
  expect(got != std::vector<int>{2, 1, 0, 2, 1},
         "sample_pairs draws from columns: what follows is in the row");
  expect(got != std::vector<int>{1, 1, 1, 1, 1},
         "sample_pairs draws always from the row of the first character: go on from the one just drawn");
  expect(got != std::vector<int>{0, 1, 2, 0, 1}, "the character to begin behind is not part of the result");
  expect_equal("sample_pairs of a table that goes 0, 1, 2, 0, ...", got, {1, 2, 0, 1, 2});
  expect_equal("sample_pairs of no characters", sample_pairs(table(shares), 0, 0, rng), std::vector<int>{});
}

TEST_CASE("sample_pairs: draws as often as the shares say", "[ch01][pairs]") {
  Rng rng(3);
  const std::vector<int> got = sample_pairs(table({0.25f, 0.75f, 0.25f, 0.75f}), 0, 4000, rng);
  const auto ones = std::count(got.begin(), got.end(), 1);
  expect(ones < 4000, "sample_pairs always takes the likeliest character: draw, with rng.choose()");
  // 3000 expected, with a standard deviation of 27.
  expect(ones > 2850 && ones < 3150, "of 4000 characters with a share of 0.75, " + std::to_string(ones) +
                                         " were drawn, expected about 3000");
}

TEST_CASE("sample_pairs: the dice are those that were passed in", "[ch01][pairs]") {
  Rng one(4), same(4), other(5);
  const xt::xarray<float> half = table({0.5f, 0.5f, 0.5f, 0.5f});
  const std::vector<int> drawn = sample_pairs(half, 0, 50, one);
  expect_equal("characters drawn with the same seed", sample_pairs(half, 0, 50, same), drawn);
  expect(sample_pairs(half, 0, 50, other) != drawn,
         "two seeds give the same text: draw from the rng that was passed in");
}

TEST_CASE("pairs: of texts and vocabularies of any size", "[ch01][pairs][pair_loss]") {
  for (const std::uint64_t seed : {8, 9}) {
    Rng rng(seed);
    for (const std::size_t V : {2, 5, 11}) {
      const std::string what = " of a text of " + std::to_string(7 * V) + " with V = " + std::to_string(V);
      std::vector<int> ids(7 * V);
      std::vector<float> expected(V * V, 0.0f);
      for (std::size_t i = 0; i < ids.size(); ++i) {
        ids[i] = i < V ? static_cast<int>(i)
                       : static_cast<int>(rng.below(V));  // each is there, so no row is empty
        if (i > 0) ++expected[static_cast<std::size_t>(ids[i - 1]) * V + static_cast<std::size_t>(ids[i])];
      }
      const xt::xarray<float> counted = count_pairs(ids, V), shared = pair_shares(counted);
      expect_close("count_pairs" + what, tensor(counted), Tensor::from({V, V}, expected));
      double loss = 0;
      for (std::size_t i = 1; i < ids.size(); ++i) {
        const std::size_t row = static_cast<std::size_t>(ids[i - 1]) * V;
        double total = 0;
        for (std::size_t v = 0; v < V; ++v) total += expected[row + v];
        const double share = expected[row + static_cast<std::size_t>(ids[i])] / total;
        expect_close("pair_shares" + what, shared.data()[row + static_cast<std::size_t>(ids[i])],
                     static_cast<float>(share));
        loss -= std::log(share) / static_cast<double>(ids.size() - 1);
      }
      expect_close("pair_loss" + what, pair_loss(shared, ids), static_cast<float>(loss));
      expect_close("pair_loss" + what + ", asked again", pair_loss(shared, ids), static_cast<float>(loss));
    }
  }
}
