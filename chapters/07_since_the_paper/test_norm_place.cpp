#include "07_since_the_paper/norm_place.hpp"

#include "05_blocks/layer_norm.hpp"
#include "07_since_the_paper/one_of.hpp"
#include "07_since_the_paper/rms_norm.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/set_weights.hpp"

using namespace gpt;

TEST_CASE("half_block: before the part, or after the sum, worked out by hand", "[ch07][norm_place]") {
  // x = (1, 7) has mean square 25. The part gives ten times what it reads.
  const auto norm = [](const Tensor& x) { return rms_norm(x, Tensor::full({2}, 1), /*epsilon=*/0.0f); };
  const auto part = [](const Tensor& x) { return x * 10.0f; };
  const Tensor x = Tensor::from({1, 1, 2}, {1, 7});
  expect_close("pre-norm", half_block(Place::pre, x, norm, part), {1 + 2, 7 + 14});
  // x + 10 x = (11, 77), of root mean square 55.
  expect_close("post-norm", half_block(Place::post, x, norm, part), {0.2f, 1.4f});
}

TEST_CASE("half_block: a part that says nothing leaves pre-norm's stream alone, and post-norm's normed",
          "[ch07][norm_place]") {
  const auto nothing = [](const Tensor& x) { return x * 0.0f; };
  const LayerNorm norm(5);
  const Tensor x = Tensor::from({2, 3, 5}, uneven(30, 4.0f));
  expect_close("pre-norm", half_block(Place::pre, x, norm, nothing), x, 0.0f);
  expect_close("post-norm", half_block(Place::post, x, norm, nothing), norm(x));
}

TEST_CASE("OneOf: is the part that was chosen, with its parameters", "[ch07][one_of]") {
  using AnyNorm = OneOf<RMSNorm, LayerNorm, Nothing>;
  const Tensor x = Tensor::from({2, 3}, {1, 2, 3, -4, 0, 1});
  const AnyNorm rms = RMSNorm(3), layer = LayerNorm(3), none = Nothing{};
  expect_close("RMSNorm", rms(x), RMSNorm(3)(x), 0.0f);
  expect_close("LayerNorm", layer(x), LayerNorm(3)(x), 0.0f);
  expect_close("Nothing", none(x), x, 0.0f);
  expect_parameters("RMSNorm", rms.parameters(), {{"gain", {3}}});
  expect_parameters("LayerNorm", layer.parameters(), {{"gain", {3}}, {"bias", {3}}});
  expect_parameters("Nothing", none.parameters(), {});
}
