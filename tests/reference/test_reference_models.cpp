/// @file test_reference_models.cpp
/// Each chapter's model, with weights from outside, gives PyTorch's logits, gradients and first losses.
///
/// The models are made of the chapters' own parts, so what is compared is what the reader runs.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/loss.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "04_feed_forward/plain_block.hpp"
#include "05_blocks/block.hpp"
#include "05_blocks/residual_block.hpp"
#include "05_blocks/stack.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "08_recurrent/recurrent_language_model.hpp"
#include "common/nn/adamw.hpp"
#include "common/nn/nn.hpp"
#include "common/tensor/rng.hpp"
#include "tests/reference/reference.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

// The sizes that make_reference.py uses.
constexpr std::size_t V = 13, C = 12, H = 3, L = 2, block_size = 6, batches = 10;

/// Each parameter of the model gets the reference's numbers of its name, and none of these is left over.
void set_weights(const Reference& reference, const std::string& group, const Parameters& parameters) {
  std::size_t in_reference = 0;
  for (const std::string& name : reference.names(group)) in_reference += name.starts_with("weight/");
  REQUIRE(parameters.size() == in_reference);
  for (const Parameter& p : parameters) {
    INFO(p.name);
    const Tensor weight = reference.tensor(group, "weight/" + p.name);
    REQUIRE(to_string(p.tensor.shape()) == to_string(weight.shape()));
    std::ranges::copy(weight.values(), p.tensor.mutable_values().begin());
  }
}

/// @param model  of the sizes above, with any weights
/// @param group  its reference values
/// @param lr     AdamW's learning rate
template <class Model>
void require_same_as_pytorch(const Model& model, const std::string& group, float lr) {
  const Reference reference(group);
  const Parameters parameters = model.parameters();
  set_weights(reference, group, parameters);

  {
    const Tensor logits = model(reference.tokens(group, "tokens"));  // (B, T, V)
    const Tensor expected = reference.tensor(group, "logits");
    REQUIRE(to_string(logits.shape()) == to_string(expected.shape()));
    CHECK(distance(logits.values(), expected.values()) <= 1e-5);

    const Tensor loss = next_token_loss(logits, reference.tokens(group, "targets"));
    const Tensor expected_loss = reference.tensor(group, "loss");
    CHECK(distance(loss.values(), expected_loss.values()) <= 1e-5);
    loss.backward();
    for (const Parameter& p : parameters) {
      INFO("gradient of " << p.name);
      const Tensor grad = reference.tensor(group, "grad/" + p.name);
      CHECK(distance(p.tensor.grad(), grad.values()) <= 1e-5);
    }
  }

  AdamW optimiser(parameters);
  const Tensor losses = reference.tensor(group, "losses");
  for (std::size_t batch = 0; batch < batches; ++batch) {
    INFO("step " << batch);
    optimiser.zero_grad();
    const Tensor loss = next_token_loss(model(reference.tokens(group, "tokens", batch)),
                                        reference.tokens(group, "targets", batch));
    CHECK(distance(loss.values(), losses.values().subspan(batch, 1)) <= 1e-4);
    loss.backward();
    optimiser.step(lr);
  }
}

template <Module Body>
TransformerLanguageModel<Body> model_with(Body body, Rng& rng) {
  return {V, block_size, C, std::move(body), rng};
}

template <class B>
std::vector<B> blocks(Rng& rng) {
  std::vector<B> all;
  for (std::size_t l = 0; l < L; ++l) all.emplace_back(C, H, rng);
  return all;
}

}  // namespace

TEST_CASE("reference: the bigram model agrees with PyTorch", "[reference][ch01]") {
  Rng rng(1);
  require_same_as_pytorch(BigramLanguageModel(V, rng), "bigram", 1e-2f);
}

TEST_CASE("reference: the model with one head agrees with PyTorch", "[reference][ch02]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(Head(C, C, rng), rng), "self_attention", 1e-3f);
}

TEST_CASE("reference: the model with several heads agrees with PyTorch", "[reference][ch03]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(MultiHeadAttention(C, H, rng), rng), "multi_head_attention", 1e-3f);
}

TEST_CASE("reference: the model with a feed-forward layer agrees with PyTorch", "[reference][ch04]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(PlainBlock(C, H, rng), rng), "feed_forward", 1e-3f);
}

TEST_CASE("reference: plain blocks agree with PyTorch", "[reference][ch05]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(Stack(blocks<PlainBlock>(rng)), rng), "blocks_plain", 1e-3f);
}

TEST_CASE("reference: residual blocks agree with PyTorch", "[reference][ch05]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(Stack(blocks<ResidualBlock>(rng)), rng), "blocks_residual", 1e-3f);
}

TEST_CASE("reference: blocks with layer norm agree with PyTorch", "[reference][ch05]") {
  Rng rng(1);
  require_same_as_pytorch(model_with(Stack(blocks<Block>(rng), LayerNorm(C)), rng), "blocks_norm", 1e-3f);
}

TEST_CASE("reference: the GPT agrees with PyTorch, on texts shorter than it could read",
          "[reference][ch06]") {
  Rng rng(1);
  const GPTSizes sizes{.V = V, .block_size = block_size + 2, .C = C, .H = H, .L = L, .dropout = 0.0f};
  require_same_as_pytorch(GPTLanguageModel(sizes, rng), "gpt", 1e-3f);
}

TEST_CASE("reference: chapter 7's model with all parts of today agrees with PyTorch", "[reference][ch07]") {
  Rng rng(1);
  const ModernSizes sizes{.V = V, .block_size = block_size, .C = C, .H = 6, .L = L, .hidden = 10};
  require_same_as_pytorch(ModernGPT(sizes, Design{}, rng), "modern", 1e-3f);
}

TEST_CASE("reference: chapter 7's model in another mixture of parts agrees with PyTorch",
          "[reference][ch07]") {
  Rng rng(1);
  const ModernSizes sizes{.V = V, .block_size = block_size, .C = C, .H = 3, .L = L, .hidden = 10};
  const Design design{.norm = NormKind::layer,
                      .place = Place::post,
                      .feed_forward = FeedForwardKind::gelu,
                      .positions = Positions::table,
                      .G = 1,
                      .tied = false,
                      .qk_norm = false,
                      .bias = Bias::on};
  require_same_as_pytorch(ModernGPT(sizes, design, rng), "modern_post", 1e-3f);
}

TEST_CASE("reference: recurrent nets and long short-term memories agree with PyTorch's nn.RNN and nn.LSTM",
          "[reference][ch08]") {
  Rng rng(1);
  const RecurrentSizes sizes{.V = V, .C = C, .L = L};
  require_same_as_pytorch(RecurrentLanguageModel<RNN>(sizes, rng), "rnn", 1e-3f);
  require_same_as_pytorch(RecurrentLanguageModel<LSTM>(sizes, rng), "lstm", 1e-3f);
}

TEST_CASE("reference: long short-term memories with residual paths agree with PyTorch", "[reference][ch08]") {
  Rng rng(1);
  const RecurrentSizes sizes{.V = V, .C = C, .L = L, .residual = Residual::yes};
  require_same_as_pytorch(RecurrentLanguageModel<LSTM>(sizes, rng), "lstm_residual", 1e-3f);
}

TEST_CASE("reference: the cosine schedule follows its formula", "[reference][ch06]") {
  const Tensor rates = Reference("optimiser").tensor("schedule", "rates");
  for (std::size_t step = 0; step < rates.size(); ++step) {
    INFO("step " << step);
    const float rate = cosine_schedule(step, /*steps=*/20, /*highest=*/1e-3f, /*warm_up=*/5);
    CHECK(distance(std::vector{rate}, rates.values().subspan(step, 1)) <= 1e-5);
  }
}
