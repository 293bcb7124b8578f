#include "program/look_inside.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/vocabulary.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "05_blocks/stack.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

using Catch::Matchers::WithinAbs;

const AnyTokeniser vocabulary = Vocabulary(" abeort");

std::string line(const std::string& prompt, const AnyTokeniser& tokeniser, std::size_t longest) {
  return tokeniser.decode(traced_text(prompt, tokeniser, longest));
}

LabelledTensor named(const std::vector<LabelledTensor>& all, const std::string& name) {
  for (const LabelledTensor& tensor : all) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no tensor " + name);
}

TEST_CASE("traced_text: the end of the prompt, or a line of the vocabulary's letters", "[ch01][trace]") {
  CHECK(line("abort", vocabulary, 3) == "ort");
  CHECK(line("abort", vocabulary, no_limit) == "abort");
  CHECK(line("", vocabulary, 8) == "to be or");
  CHECK(line("", vocabulary, no_limit).size() <= 32);
  CHECK(line("", Vocabulary("xyz"), 2) == "xy");
}

TEST_CASE("look_inside: of a bigram model, its table as probabilities", "[ch01][trace]") {
  Rng rng(1);
  const BigramLanguageModel model(vocabulary.size(), rng);
  const std::vector<LabelledTensor> all =
      look_inside(model, vocabulary, vocabulary.encode("to be"), {0}, Sampling{}, rng);
  const LabelledTensor following = named(all, "following");
  const std::size_t V = vocabulary.size();
  REQUIRE(following.tensor.shape() == Shape{V, V});
  CHECK(following.axes[0].labels == letters(vocabulary, all_ids(vocabulary)));
  const Tensor table = model.parameters()[0].tensor;
  for (std::size_t row = 0; row < V; ++row) {
    const std::vector<float> p = probabilities(table.values().subspan(row * V, V), 1.0f);
    for (std::size_t k = 0; k < V; ++k) CHECK_THAT(following.tensor.at({row, k}), WithinAbs(p[k], 1e-6));
  }
  // Position 1 of "to be" is an o, whatever stood before it.
  for (std::size_t k = 0; k < V; ++k)
    CHECK(named(all, "predictions").tensor.at({1, k}) == following.tensor.at({4, k}));
}

TEST_CASE("look_inside: the temperatures' column 1 is the last prediction, and lower ones are surer",
          "[ch01][trace]") {
  Rng rng(1);
  const BigramLanguageModel model(vocabulary.size(), rng);
  const std::vector<LabelledTensor> all =
      look_inside(model, vocabulary, vocabulary.encode("to be"), {0}, Sampling{}, rng);
  const Tensor t = named(all, "temperatures").tensor, p = named(all, "predictions").tensor;
  REQUIRE(t.size(0) == 4);
  float largest[4] = {};
  for (std::size_t k = 0; k < vocabulary.size(); ++k) {
    CHECK_THAT(t.at({2, k}), WithinAbs(p.at({4, k}), 1e-6));
    for (std::size_t i = 0; i < 4; ++i) largest[i] = std::max(largest[i], t.at({i, k}));
  }
  for (std::size_t i = 1; i < 4; ++i) CHECK(largest[i] < largest[i - 1]);
}

TEST_CASE("contexts: for each hidden unit, the places of a text where it is strongest", "[ch04][trace]") {
  Rng rng(3);
  const std::size_t T = 3, C = 8, V = vocabulary.size();
  const TransformerLanguageModel model(V, T, C, PlainBlock(C, /*H=*/2, rng), rng);
  std::vector<int> text;
  for (int i = 0; i < 700; ++i)
    text.push_back(static_cast<int>(rng.below(V)));  // more windows than are read at once
  const std::optional<LabelledTensor> found = contexts(model, vocabulary, text, 4);
  REQUIRE(found);
  REQUIRE(found->tensor.shape() == Shape{C * 4});
  const auto strength = [&](const std::string& read, std::size_t unit) {
    const Trace trace;
    model(Tokens{1, T, vocabulary.encode(read)});
    for (const TracedTensor& noted : trace.noted())
      if (noted.name.ends_with("hidden")) return noted.tensor.at({0, T - 1, unit});
    return -1.0f;
  };
  std::set<std::string> places;
  for (std::size_t i = 0; i + T <= text.size(); ++i)
    places.insert(vocabulary.decode({text.begin() + long(i), text.begin() + long(i + T)}));
  for (std::size_t unit = 0; unit < C; ++unit) {
    std::vector<std::pair<float, std::string>> all;
    for (const std::string& place : places) all.push_back({strength(place, unit), place});
    std::sort(all.rbegin(), all.rend());
    for (std::size_t k = 0; k < 4; ++k) {
      CAPTURE(unit, k);
      CHECK_THAT(found->tensor.at({unit * 4 + k}), WithinAbs(std::max(0.0f, all[k].first), 1e-5));
      const std::string& label = found->axes[0].labels[unit * 4 + k];
      if (all[k].first > 0) CHECK_THAT(strength(label, unit), WithinAbs(all[k].first, 1e-5));
      if (all[k].first <= 0) CHECK(label.empty());
    }
  }
  CHECK_FALSE(contexts(model, vocabulary, std::span<const int>(text).first(2), 4));
  CHECK_FALSE(contexts(BigramLanguageModel(V, rng), vocabulary, text, 4));
  const auto two = [&] {
    return Stack(std::vector<PlainBlock>{PlainBlock(C, 2, rng), PlainBlock(C, 2, rng)});
  };
  CHECK_FALSE(contexts(TransformerLanguageModel(V, T, C, two(), rng), vocabulary, text, 4));
}

TEST_CASE("sample_path: draws what generate draws, from what it says", "[ch01][trace]") {
  Rng rng(1);
  const BigramLanguageModel model(vocabulary.size(), rng);
  const Sampling sampling{0.7f, 3};
  Rng dice(5), same_dice(5);
  const SamplePath path = sample_path(model, {2}, 20, sampling, dice);
  std::vector<int> said = generate(model, {2}, 20, sampling, same_dice);
  said.erase(said.begin());
  CHECK(path.drawn == said);
  REQUIRE(path.probabilities.shape() == Shape{20, vocabulary.size()});
  for (std::size_t i = 0; i < 20; ++i) {
    float total = 0;
    std::size_t possible = 0;
    for (std::size_t k = 0; k < vocabulary.size(); ++k) {
      total += path.probabilities.at({i, k});
      possible += path.probabilities.at({i, k}) > 0;
    }
    CHECK_THAT(total, WithinAbs(1, 1e-5));
    CHECK(possible == 3);
    CHECK(path.probabilities.at({i, static_cast<std::size_t>(said[i])}) > 0);
  }
}

TEST_CASE("gradient_lengths: by hand for one pair, and nothing is left behind", "[ch01][trace]") {
  Rng rng(1);
  const BigramLanguageModel model(3, rng);
  const Batch batch{{1, 1, {2}}, {1, 1, {0}}};  // after 2 came 0
  const std::vector<float> lengths = gradient_lengths(model, batch);
  // d loss / d row 2 is p - (1, 0, 0).
  const Tensor table = model.parameters()[0].tensor;
  const std::vector<float> p = probabilities(table.values().last(3), 1.0f);
  REQUIRE(lengths.size() == 1);
  CHECK_THAT(lengths[0], WithinAbs(std::sqrt((p[0] - 1) * (p[0] - 1) + p[1] * p[1] + p[2] * p[2]), 1e-5));
  for (const float d : table.grad()) CHECK(d == 0);
}

TEST_CASE("Tables: a copy of each moment; what a model lacks is left out, and so is what is too large",
          "[ch01][trace]") {
  const Tensor what = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6}).require_grad();
  const Tensor output = Tensor::from({3, 2}, {7, 8, 9, 10, 11, 12});
  const Parameters parameters{{"token_embedding.weight", what},
                              {"output.weight", output},
                              {"position_embedding.weight", Tensor::zeros({5001, 2})}};
  Tables tables;
  tables.keep(0, parameters);
  tables.keep(0, parameters);  // nothing has happened since
  Tensor handle = what;
  handle.mutable_values()[5] = -6;
  tables.keep(40, parameters);
  const std::vector<LabelledTensor> all = tables.figures({"a", "b"});
  REQUIRE(all.size() == 2);
  REQUIRE(all[0].tensor.shape() == Shape{2, 2, 3});
  CHECK(all[0].tensor.at({0, 1, 2}) == 6);
  CHECK(all[0].tensor.at({1, 1, 2}) == -6);
  CHECK(all[0].axes[0].labels == std::vector<std::string>{"0", "40"});
  CHECK(all[0].axes[1].labels == std::vector<std::string>{"a", "b"});
  CHECK(all[1].name == "output.weight");
  CHECK(all[1].axes[2].labels == std::vector<std::string>{"a", "b"});

  std::vector<std::size_t> moments;
  for (std::size_t step = 0; step <= 5000; ++step) {
    if (Tables::is_moment(step, 5000)) moments.push_back(step);
  }
  CHECK(moments == std::vector<std::size_t>{100, 500, 2000});
  CHECK_FALSE(Tables::is_moment(0, 10));
}

}  // namespace
}  // namespace gpt
