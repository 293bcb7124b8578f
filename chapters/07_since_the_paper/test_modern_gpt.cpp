#include "07_since_the_paper/modern_gpt.hpp"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "06_gpt/gpt_language_model.hpp"
#include "common/nn/adamw.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

const ModernSizes sizes{.V = 11, .block_size = 7, .C = 12, .H = 3, .L = 2, .hidden = 10};
const Tokens tokens{2, 5, {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}}, targets{2, 5, {1, 4, 1, 5, 9, 2, 6, 5, 3, 5}};

/// This chapter's parts, with groups that divide three heads.
Design modern() { return {.G = 1}; }

/// Chapter 6's parts with one of them exchanged, and this chapter's.
std::vector<Design> designs() {
  std::vector<Design> all(12, chapter_6_design(sizes.H));
  all[1].norm = NormKind::rms;
  all[2].norm = NormKind::none;
  all[3].place = Place::post;
  all[4].feed_forward = FeedForwardKind::gelu;
  all[5].feed_forward = FeedForwardKind::relu_squared;
  all[6].feed_forward = FeedForwardKind::swiglu;
  all[7].positions = Positions::rotary;
  all[8].positions = Positions::none;
  all[9].G = 1;
  all[10].tied = true;
  all[11].qk_norm = true;
  all.push_back(chapter_6_design(sizes.H));
  all.back().bias = Bias::off;
  all.push_back(modern());
  return all;
}

}  // namespace

TEST_CASE("ModernGPT: with chapter 6's parts it is chapter 6's GPT, number for number",
          "[ch07][modern_gpt]") {
  const GPTSizes gpt_sizes{.V = 11, .block_size = 7, .C = 12, .H = 3, .L = 2, .dropout = 0};
  Rng one(5), other(5);
  ModernSizes wide = sizes;
  wide.hidden = 4 * wide.C;
  const GPTLanguageModel before(gpt_sizes, one);
  const ModernGPT model(wide, chapter_6_design(3), other);
  const Parameters expected = before.parameters(), got = model.parameters();
  std::vector<std::pair<std::string, Shape>> names;
  for (const Parameter& p : expected) names.push_back({p.name, p.tensor.shape()});
  expect_parameters("ModernGPT", got, names);
  for (std::size_t i = 0; i < got.size(); ++i)
    expect_close(got[i].name, got[i].tensor, expected[i].tensor, 0.0f);
  CHECK(one.state() == other.state());
  set_uneven(got);
  set_uneven(expected);
  expect_close("logits", model(tokens), before(tokens), 1e-5f);
}

TEST_CASE("ModernGPT: every design has a model of its own", "[ch07][modern_gpt]") {
  std::set<std::vector<float>> seen;
  for (const Design& design : designs()) {
    Rng rng(1);
    const ModernGPT model(sizes, design, rng);
    set_uneven(model.parameters());
    const Tensor logits = model(tokens);
    expect_shape("logits", logits, {2, 5, 11});
    seen.insert({logits.values().begin(), logits.values().end()});
  }
  CHECK(seen.size() == designs().size());
}

TEST_CASE("ModernGPT: no design lets the future through, and all have right gradients",
          "[ch07][modern_gpt]") {
  for (std::size_t i = 0; i < designs().size(); ++i) {
    Rng rng(1);
    const ModernGPT model(sizes, designs()[i], rng);
    // Small, or without a norm the loss is 48, whose last digits are larger than what a step changes.
    set_uneven(model.parameters(), 0.2f);
    Tokens changed = tokens;
    changed.ids[4] = 8;  // the last of the first sequence
    const std::string what = "design " + std::to_string(i);
    expect_close(what + ": positions before the one that changed",
                 slice(slice(model(changed), 0, 0, 1), 1, 0, 4),
                 slice(slice(model(tokens), 0, 0, 1), 1, 0, 4), 1e-5f);
    const Tensor table = weight(model.parameters(), "token_embedding.weight");
    expect_gradient(
        what, [&] { return cross_entropy(model(tokens), targets); },
        Parameters{{"token_embedding.weight", table}}, 5e-2f);
  }
}

TEST_CASE("ModernGPT: knows nothing at first, and learns ten characters by heart", "[ch07][modern_gpt]") {
  Rng rng(1);
  const ModernGPT model(sizes, modern(), rng);
  expect_close("first loss, near ln 11", cross_entropy(model(tokens), targets).item(), std::log(11.0f), 0.1f);
  AdamW optimizer(model.parameters());
  for (int step = 0; step < 100; ++step) {
    optimizer.zero_grad();
    cross_entropy(model(tokens), targets).backward();
    optimizer.step(0.02f);
  }
  CHECK(cross_entropy(model(tokens), targets).item() < 0.2f);
}

TEST_CASE("ModernGPT: a tied table gets the gradients of both its ends", "[ch07][modern_gpt]") {
  Rng rng(1);
  Design design = modern();
  const ModernGPT tied(sizes, design, rng);
  design.tied = false;
  const ModernGPT untied(sizes, design, rng);
  set_uneven(tied.parameters());
  Parameters shared = untied.parameters();
  const Tensor output = shared.back().tensor;  // (C, V)
  shared.pop_back();
  copy_weights(tied.parameters(), shared);
  const Tensor table = weight(shared, "token_embedding.weight");
  const Tensor turned = transpose(table.detach());
  set_weight(untied.parameters(), "output.weight", {turned.values().begin(), turned.values().end()});
  expect_close("logits", tied(tokens), untied(tokens), 1e-5f);
  cross_entropy(tied(tokens), targets).backward();
  cross_entropy(untied(tokens), targets).backward();
  const Tensor own = weight(tied.parameters(), "token_embedding.weight");
  for (std::size_t v = 0; v < sizes.V; ++v) {
    for (std::size_t c = 0; c < sizes.C; ++c) {
      expect_close("gradient of the tied table", own.grad()[v * sizes.C + c],
                   table.grad()[v * sizes.C + c] + output.grad()[c * sizes.V + v], 1e-4f);
    }
  }
}

TEST_CASE("ModernGPT: without places it cannot tell them, rotated it can", "[ch07][modern_gpt]") {
  // One block that sees only equal characters: each position reads the same value, whatever its place.
  const Tokens same{1, 5, {4, 4, 4, 4, 4}}, mixed{1, 3, {2, 4, 7}}, exchanged{1, 3, {4, 2, 7}};
  for (const bool rotary : {false, true}) {
    Rng rng(1);
    Design design = modern();
    design.positions = rotary ? Positions::rotary : Positions::none;
    ModernSizes one_block = sizes;
    one_block.L = 1;
    const ModernGPT model(one_block, design, rng);
    set_uneven(model.parameters());
    const Tensor logits = model(same);
    expect_close("equal characters", slice(logits, 1, 4, 5), slice(logits, 1, 0, 1), 1e-5f);
    const Tensor a = slice(model(mixed), 1, 2, 3), b = slice(model(exchanged), 1, 2, 3);
    float difference = 0;
    for (std::size_t v = 0; v < sizes.V; ++v)
      difference = std::max(difference, std::abs(a.values()[v] - b.values()[v]));
    CHECK((difference > 1e-3f) == rotary);
  }
}

TEST_CASE("ModernGPT: a table ends where it was trained, rotation goes on", "[ch07][modern_gpt]") {
  Rng rng(1);
  ModernSizes longer = sizes;
  longer.block_size = 20;
  const ModernGPT model(sizes, modern(), rng), far(longer, modern(), rng);
  copy_weights(model.parameters(), far.parameters());
  expect_close("the first places", far(tokens), model(tokens), 1e-6f);
  const Design table = chapter_6_design(3);
  expect_error(
      "weights of 7 places for 20",
      [&] {
        const ModernGPT longer_table(longer, table, rng), short_table(sizes, table, rng);
        if (longer_table.parameters()[1].tensor.size() != short_table.parameters()[1].tensor.size())
          throw std::invalid_argument("a table has a row for each place");
      },
      "a row for each place");
}

TEST_CASE("hidden_for: as wide as the weights allow, and even", "[ch07][modern_gpt]") {
  Rng rng(1);
  ModernSizes small{.V = 65, .block_size = 32, .C = 64, .H = 4, .L = 4, .hidden = 0};
  CHECK(hidden_for(small, chapter_6_design(4), 209729) == 256);  // chapter 6's own width
  for (const Design& design : {Design{}, Design{.G = 4}, Design{.tied = false}, chapter_6_design(2)}) {
    small.hidden = hidden_for(small, design, 209729);
    const std::size_t n = count(ModernGPT(small, design, rng).parameters());
    small.hidden += 2;
    const std::size_t more = count(ModernGPT(small, design, rng).parameters());
    CHECK(n <= 209729);
    CHECK(n >= 209729 * 99 / 100);
    CHECK(more > 209729);
  }
  expect_error(
      "hidden_for a hundred weights", [&] { hidden_for(small, Design{}, 100); }, "more than 100 parameters");
}

TEST_CASE("ModernGPT: the lecture's size, as the text counts it", "[ch07][docs]") {
  Rng rng(1);
  ModernSizes lecture{.V = 65, .block_size = 256, .C = 384, .H = 6, .L = 6, .hidden = 1024};
  const auto weights = [&](std::size_t G) {
    return count(ModernGPT(lecture, {.G = G, .qk_norm = false}, rng).parameters());
  };
  CHECK(weights(6) == 10646784);
  CHECK(weights(2) == 9467136);
}

TEST_CASE("ModernGPT: says what does not fit", "[ch07][modern_gpt]") {
  Rng rng(1);
  const auto make = [&](const ModernSizes& s, const Design& d) {
    return [&rng, s, d] { ModernGPT model(s, d, rng); };
  };
  ModernSizes odd = sizes;
  odd.H = 4;  // heads of size 3
  expect_error("an odd head size", make(odd, {.G = 2}), "must be even, since channels turn in pairs");
  expect_error("2 groups for 3 heads", make(sizes, {.G = 2}),
               "H must be a multiple of G, got H = 3 and G = 2");
  ModernSizes no_blocks = sizes;
  no_blocks.L = 0;
  expect_error("no blocks", make(no_blocks, modern()), "ModernGPT: L must be positive");
  expect_error(
      "8 tokens where 7 fit",
      [&] {
        ModernGPT(sizes, modern(), rng)(Tokens{1, 8, std::vector<int>(8)});
      },
      "T must be at most block_size = 7, got 8");
}
