#include "05_blocks/block.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "common/tensor/ops.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

namespace {

/// A block of 4 channels and one head, and its four parts once more, from the library's operations alone.
struct Known {
  explicit Known(std::uint64_t seed = 1) : rng(seed), block(4, 1, rng) { set_uneven(parameters); }

  Tensor norm_1(const Tensor& x) const { return layer_norm(x, at("norm_1.gain"), at("norm_1.bias")); }
  Tensor norm_2(const Tensor& x) const { return layer_norm(x, at("norm_2.gain"), at("norm_2.bias")); }
  Tensor attend(const Tensor& x) const {
    const Tensor read =
        causal_attention(linear(x, at("attention.query.weight")), linear(x, at("attention.key.weight")),
                         linear(x, at("attention.value.weight")));
    return linear(read, at("attention.projection.weight"), at("attention.projection.bias"));
  }
  Tensor think(const Tensor& x) const {
    const Tensor hidden = relu(linear(x, at("feed_forward.hidden.weight"), at("feed_forward.hidden.bias")));
    return linear(hidden, at("feed_forward.projection.weight"), at("feed_forward.projection.bias"));
  }
  Tensor at(const std::string& name) const { return weight(parameters, name); }
  void silence(const std::string& part) const {
    fill_weight(parameters, part + ".projection.weight", 0);
    fill_weight(parameters, part + ".projection.bias", 0);
  }

  Rng rng;
  Block block;
  Parameters parameters = block.parameters();
  Tensor x = Tensor::from({2, 3, 4}, uneven(24, 2.0f)) + 0.5f;
};

bool near(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a.values()[i] - b.values()[i]) < 1e-3f)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Block: the weights of its four parts", "[ch05][block][constructor]") {
  Rng rng(1);
  expect_parameters("Block(4, 2)", Block(4, 2, rng).parameters(),
                    {{"norm_1.gain", {4}},
                     {"norm_1.bias", {4}},
                     {"attention.query.weight", {4, 4}},
                     {"attention.key.weight", {4, 4}},
                     {"attention.value.weight", {4, 4}},
                     {"attention.projection.weight", {4, 4}},
                     {"attention.projection.bias", {4}},
                     {"norm_2.gain", {4}},
                     {"norm_2.bias", {4}},
                     {"feed_forward.hidden.weight", {4, 16}},
                     {"feed_forward.hidden.bias", {16}},
                     {"feed_forward.projection.weight", {16, 4}},
                     {"feed_forward.projection.bias", {4}}});
}

TEST_CASE("Block: the shape stays", "[ch05][block][operator()]") {
  Rng rng(1);
  const Block block(8, 4, rng);
  expect_shape("Block(8, 4) of a (2, 3, 8)", block(Tensor::zeros({2, 3, 8})), {2, 3, 8});
  expect_shape("Block(8, 4) of a (1, 1, 8)", block(Tensor::zeros({1, 1, 8})), {1, 1, 8});
}

TEST_CASE("Block: with nothing to add, x passes as it is", "[ch05][block][operator()]") {
  const Known known;
  fill_weight(known.parameters, "norm_1.gain", 1);
  fill_weight(known.parameters, "norm_2.gain", 1);
  fill_weight(known.parameters, "norm_1.bias", 0);
  fill_weight(known.parameters, "norm_2.bias", 0);
  known.silence("attention");
  known.silence("feed_forward");
  const Tensor y = known.block(known.x);
  expect(!near(y, Tensor::zeros(known.x.shape())),
         "Block: with all projections at 0 it returns 0: the residual path is missing, x + part(norm(x))");
  expect(!near(y, known.norm_1(known.x)),
         "Block: with all projections at 0 it returns norm(x) instead of x: the norm stands on the residual "
         "path; it "
         "belongs before the part alone, x + part(norm(x))");
  expect_close("Block with all projections at 0, where x must pass as it is", y, known.x);
}

TEST_CASE("Block: the first half is x + attention(norm_1(x))", "[ch05][block][operator()]") {
  const Known known;
  known.silence("feed_forward");
  const Tensor& x = known.x;
  const Tensor y = known.block(x);
  expect(!near(y, x),
         "Block: attention adds nothing to x, or the second half loses what it added: the sum goes on");
  expect(!near(y, x + known.attend(x)), "Block: attention reads x as it is: the norm before it is missing");
  expect(!near(y, x + known.attend(known.norm_2(x))),
         "Block: attention reads norm_2(x); the first half has norm_1, the second norm_2");
  expect_close("Block, first half, against x + attention(norm_1(x))", y, x + known.attend(known.norm_1(x)),
               1e-4f);
}

TEST_CASE("Block: first read, then think", "[ch05][block][operator()]") {
  const Known known;
  const Tensor thought = known.x + known.think(known.norm_2(known.x));
  expect(!near(known.block(known.x), thought + known.attend(known.norm_1(thought))),
         "Block: the feed-forward part comes first; first read from the others, then think");
}

TEST_CASE("Block: the second half reads and adds to what the first has made", "[ch05][block][operator()]") {
  const Known known;
  known.silence("attention");
  set_weight(known.parameters, "attention.projection.bias",
             {1, -2, 0.5f, 3});  // what attention adds, whatever it reads
  const Tensor x = known.x, read = x + Tensor::from({4}, {1, -2, 0.5f, 3});
  const Tensor y = known.block(x);
  expect(!near(y, read), "Block: the feed-forward part adds nothing");
  expect(!near(y, read + known.think(known.norm_2(x))),
         "Block: the second half reads the block's input x; it must read what the first half has made, x + "
         "attention");
  expect(!near(y, x + known.think(known.norm_2(read))) && !near(y, x + known.think(known.norm_2(x))),
         "Block: what attention added is lost: the second half must be added to the sum, not to x");
  expect(!near(y, read + known.think(known.norm_1(read))),
         "Block: norm_1 is used twice; the second half has a norm of its own, norm_2");
  expect(!near(y, read + known.think(read)),
         "Block: feed_forward reads the sum as it is: the norm before it is missing");
  expect_close("Block, second half, against read + feed_forward(norm_2(read))", y,
               read + known.think(known.norm_2(read)), 1e-4f);
}

TEST_CASE("Block: both halves, one after the other", "[ch05][block][operator()]") {
  const Known known;
  const Tensor x = known.x, read = x + known.attend(known.norm_1(x));
  expect_close("Block against its two halves", known.block(x), read + known.think(known.norm_2(read)), 1e-4f);
}

TEST_CASE("Block: a later token never changes an earlier output", "[ch05][block][operator()]") {
  const Known known;
  expect_causal(
      "Block(4, 1)", [&](const Tensor& x) { return known.block(x); }, known.x);
}

TEST_CASE("Block: the same answer however the batch is cut", "[ch05][block][operator()]") {
  const Known known;
  const Tensor& x = known.x;
  const Tensor split = concatenate({known.block(slice(x, 0, 0, 1)), known.block(slice(x, 0, 1, 2))}, 0);
  expect_close("Block: sequences one by one", split, known.block(x));
}

TEST_CASE("Block: its gradient is that of central differences", "[ch05][block][operator()]") {
  const Known known;
  const Tensor x = Tensor::from({1, 3, 4}, uneven(12, 2.0f)).require_grad();
  Parameters inputs = known.parameters;
  append(inputs, "x", x);
  expect_gradient(
      "Block(4, 1)", [&] { return known.block(x); }, inputs);
}

TEST_CASE("Block: dropout in training, none while a NoGrad lives", "[ch05][block][operator()]") {
  Rng rng(1);
  const Block block(8, 2, rng, /*dropout=*/0.5f);
  set_uneven(block.parameters());
  const Tensor x = Tensor::from({1, 3, 8}, uneven(24));
  expect(!near(block(x), block(x)),
         "Block(8, 2, dropout 0.5): two calls in training gave the same: nothing is dropped");
  const NoGrad speaking;
  expect(near(block(x), block(x)), "Block(8, 2, dropout 0.5): it drops while a NoGrad lives");
}

TEST_CASE("Block: says when the channels cannot be shared out among the heads",
          "[ch05][block][constructor]") {
  Rng rng(1);
  expect_error(
      "Block(6, 4)", [&] { Block(6, 4, rng); }, "C = 6 and H = 4");
}

TEST_CASE("Block: of any size", "[ch05][block][operator()]") {
  for (const auto& [C, H] : {std::pair<std::size_t, std::size_t>{6, 3}, {10, 2}, {5, 5}, {7, 1}}) {
    Rng rng(C);
    const Block block(C, H, rng);
    const Parameters p = block.parameters();
    set_uneven(p, 0.3f);
    const std::size_t B = 3, T = 4, heads = H, hs = C / H;
    const Tensor x = Tensor::from({B, T, C}, uneven(B * T * C, 2.0f));
    const auto apart = [&](const Tensor& y, const std::string& name) {  // (B, T, C) -> (B, H, T, hs)
      return permute(reshape(linear(y, weight(p, "attention." + name + ".weight")), {B, T, heads, hs}),
                     {0, 2, 1, 3});
    };
    const Tensor first = layer_norm(x, weight(p, "norm_1.gain"), weight(p, "norm_1.bias"));
    const Tensor mixed = causal_attention(apart(first, "query"), apart(first, "key"), apart(first, "value"));
    const Tensor read =
        x + linear(reshape(permute(mixed, {0, 2, 1, 3}), {B, T, heads * hs}),
                   weight(p, "attention.projection.weight"), weight(p, "attention.projection.bias"));
    const Tensor second = layer_norm(read, weight(p, "norm_2.gain"), weight(p, "norm_2.bias"));
    const Tensor hidden =
        relu(linear(second, weight(p, "feed_forward.hidden.weight"), weight(p, "feed_forward.hidden.bias")));
    const std::string what = "Block(" + std::to_string(C) + ", " + std::to_string(H) + ")";
    expect_close(what, block(x),
                 read + linear(hidden, weight(p, "feed_forward.projection.weight"),
                               weight(p, "feed_forward.projection.bias")),
                 1e-4f);
    Parameters inputs = p;
    append(inputs, "x", x);
    const NoGrad no_grad;
    expect_pure(
        what, [&] { return block(x); }, inputs);
  }
}
