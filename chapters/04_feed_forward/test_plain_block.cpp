#include "02_self_attention/transformer_language_model.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("PlainBlock: the published size has 8,609 parameters", "[ch04][plain_block]") {
  Rng rng(1);
  REQUIRE(count(TransformerLanguageModel(65, 8, 32, PlainBlock(32, 4, rng), rng).parameters()) == 8609);
}

TEST_CASE("PlainBlock: the heads' weights, then the feed-forward's", "[ch04][plain_block]") {
  Rng rng(1);
  expect_parameters("PlainBlock(4, 2)", PlainBlock(4, 2, rng).parameters(),
                    {{"attention.heads.0.query.weight", {4, 2}},
                     {"attention.heads.0.key.weight", {4, 2}},
                     {"attention.heads.0.value.weight", {4, 2}},
                     {"attention.heads.1.query.weight", {4, 2}},
                     {"attention.heads.1.key.weight", {4, 2}},
                     {"attention.heads.1.value.weight", {4, 2}},
                     {"feed_forward.hidden.weight", {4, 4}},
                     {"feed_forward.hidden.bias", {4}}});
}

TEST_CASE("PlainBlock: attention first, feed-forward second", "[ch04][plain_block]") {
  Rng rng(1);
  const PlainBlock block(4, 2, rng);
  const MultiHeadAttention attention(4, 2, rng);
  const FeedForward feed_forward(4, 4, rng);
  set_uneven(block.parameters());
  copy_weights(block.parameters(), collect("attention", attention, "feed_forward", feed_forward));
  const Tensor x = Tensor::from({2, 3, 4}, uneven(24));
  expect_shape("PlainBlock(4, 2) of a (2, 3, 4)", block(x), {2, 3, 4});
  expect_close("PlainBlock against feed_forward(attention(x))", block(x), feed_forward(attention(x)));
}

TEST_CASE("PlainBlock: a later token never changes an earlier output", "[ch04][plain_block]") {
  Rng rng(1);
  const PlainBlock block(4, 2, rng);
  set_uneven(block.parameters());
  expect_causal(
      "PlainBlock(4, 2)", [&](const Tensor& x) { return block(x); }, Tensor::from({2, 4, 4}, uneven(32)));
}

TEST_CASE("PlainBlock: its gradient is that of central differences", "[ch04][plain_block]") {
  Rng rng(1);
  const PlainBlock block(2, 1, rng);
  set_uneven(block.parameters());
  set_weight(block.parameters(), "feed_forward.hidden.bias", {1, 1.5f});  // away from ReLU's kink
  const Tensor x = Tensor::from({1, 3, 2}, uneven(6)).require_grad();
  Parameters inputs = block.parameters();
  append(inputs, "x", x);
  expect_gradient(
      "PlainBlock(2, 1)", [&] { return block(x); }, inputs);
}

TEST_CASE("PlainBlock: says when the channels cannot be shared out among the heads", "[ch04][plain_block]") {
  Rng rng(1);
  expect_error(
      "PlainBlock(6, 4)", [&] { PlainBlock(6, 4, rng); }, "C = 6 and H = 4");
}
