#include "09_subwords/go_on.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// 256 bytes, and no merges.
const BytePairTokeniser bytes(merges_from_text(""));

/// A model with more rows than there are bytes.
GPT2 uneven_model() {
  Rng rng(1);
  GPT2 model({.V = 260, .block_size = 12, .C = 8, .H = 2, .L = 1}, rng);
  set_uneven(model.parameters());
  return model;
}

}  // namespace

TEST_CASE("go_on: what is printed is what generate() says, in whole characters", "[ch09][go_on]") {
  const GPT2 model = uneven_model();
  Rng dice(2), same_dice(2);
  std::vector<std::string> printed, expected;
  const auto speed = go_on(model.sizes(), stored_weights(model), bytes, "é", 60, {}, dice,
                           [&](const std::string& text) { printed.push_back(text); });
  const std::vector<int> asked = bytes.encode("é");
  const std::vector<int> ids = generate(model, asked, 60, {}, same_dice);
  WholeCharacters whole;
  for (std::size_t i = asked.size(); i < ids.size(); ++i)  // rows without a byte stand for nothing
    expected.push_back(ids[i] < 256 ? whole.next(bytes.decode({ids[i]})) : "");
  expected.push_back(whole.rest());
  CHECK(printed == expected);
  REQUIRE(speed.has_value());
  CHECK(*speed > 0);
}

TEST_CASE("go_on: without a prompt, and with nothing to say", "[ch09][go_on]") {
  const GPT2 model = uneven_model();
  const auto print = [](const std::string&) {};
  Rng dice(2);
  for (const std::size_t n : {0, 1})
    CHECK(!go_on(model.sizes(), stored_weights(model), bytes, "", n, {}, dice, print));
}
