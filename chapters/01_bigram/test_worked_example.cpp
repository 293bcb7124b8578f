/// @file test_worked_example.cpp
/// The numbers of this chapter's text, which a reader can follow by hand.
#include <cmath>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "01_bigram/vocabulary.hpp"
#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

namespace gpt {
namespace {

const float ln2 = std::log(2.0f), ln3 = std::log(3.0f);

TEST_CASE("chapter 1's text: abaca as a batch of one window", "[ch01][docs]") {
  const Vocabulary vocabulary("abaca");
  CHECK(vocabulary.symbols() == "abc");
  Batch batch{{0, 4, {}}, {0, 4, {}}};
  add_window(batch, vocabulary.encode("abaca"), 0);
  CHECK(batch.inputs.ids == std::vector<int>{0, 1, 0, 2});
  CHECK(batch.targets.ids == std::vector<int>{1, 0, 2, 0});
}

TEST_CASE("chapter 1's text: loss and gradient of a table of three letters", "[ch01][docs]") {
  Tensor table = Tensor::from({3, 3}, {0, ln2, ln2,  // after a: shares 0.2 0.4 0.4
                                       ln3, 0, 0,    // after b: shares 0.6 0.2 0.2
                                       0, 0, 0})     // after c: no idea
                     .require_grad();
  const Tokens inputs{1, 4, {0, 1, 0, 2}}, targets{1, 4, {1, 0, 2, 0}};
  expect_close("shares", softmax(table), {.2f, .4f, .4f, .6f, .2f, .2f, 1 / 3.0f, 1 / 3.0f, 1 / 3.0f});
  expect_close("what each position pays", -pick(log_softmax(embedding(table, inputs)), targets),
               {0.9163f, 0.5108f, 0.9163f, 1.0986f}, 1e-4f);

  const Tensor loss = cross_entropy_by_hand(embedding(table, inputs), targets);
  expect_close("loss", loss.item(), 0.8605f, 1e-4f);
  loss.backward();
  const std::vector<float> gradient(table.grad().begin(), table.grad().end());
  expect_close("gradient", Tensor::from({3, 3}, gradient),
               {.1f, -.05f, -.05f, -.1f, .05f, .05f, -.1667f, .0833f, .0833f}, 1e-4f);

  for (std::size_t i = 0; i < 9; ++i) table.mutable_values()[i] -= gradient[i];  // learning rate 1
  const NoGrad no_grad;
  expect_close("loss after a step", cross_entropy_by_hand(embedding(table, inputs), targets).item(), 0.7922f,
               1e-4f);
}

TEST_CASE("chapter 1's text: knowing nothing costs ln V", "[ch01][docs]") {
  const Tokens one{1, 1, {7}};
  expect_close("loss of 65 equal logits", next_token_loss(Tensor::zeros({1, 1, 65}), one).item(), 4.1744f,
               1e-4f);
}

}  // namespace
}  // namespace gpt
