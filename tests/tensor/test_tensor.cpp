/// @file test_tensor.cpp
/// Tensors, and the tape behind them: what backward() computes, keeps and frees.
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "common/tensor/tensor.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

using Numbers = std::vector<float>;

Numbers numbers(std::span<const float> values) { return Numbers(values.begin(), values.end()); }
template <class T>
constexpr bool has_values = requires(T&& x) {
  std::forward<T>(x).values();
};

Numbers numbers(const Tensor& x) { return numbers(x.values()); }

Tensor leaf(Shape shape, std::initializer_list<float> values) {
  return Tensor::from(std::move(shape), values).require_grad();
}

// ---- Making and reading tensors

TEST_CASE("Tensor: zeros, full and from hold what they were given", "[tensor]") {
  CHECK(numbers(Tensor::zeros({2, 2})) == Numbers{0, 0, 0, 0});
  CHECK(numbers(Tensor::full({3}, 2.5f)) == Numbers{2.5f, 2.5f, 2.5f});
  const Tensor x = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(x.shape() == Shape{2, 3});
  CHECK(x.dim() == 2);
  CHECK(x.size() == 6);
  CHECK(numbers(x.values()) == Numbers{1, 2, 3, 4, 5, 6});
  const Numbers more{7, 8};
  CHECK(numbers(Tensor::from({2}, more)) == more);
}

TEST_CASE("Tensor: the empty shape is a scalar, and a size of 0 holds nothing", "[tensor]") {
  const Tensor scalar = Tensor::full({}, 4);
  CHECK(scalar.dim() == 0);
  CHECK(scalar.size() == 1);
  CHECK(scalar.item() == 4);
  const Tensor empty = Tensor::zeros({3, 0});
  CHECK(empty.size() == 0);
  CHECK(empty.values().empty());
}

TEST_CASE("Tensor: from refuses another number of values than the shape has room for", "[tensor]") {
  CHECK(message_of<std::invalid_argument>([] {
          Tensor::from({2, 3}, {1, 2});
        }) == "Tensor::from: shape (2, 3) needs 6 values, got 2");
  CHECK(message_of<std::invalid_argument>([] { Tensor::from({}, {}); }) ==
        "Tensor::from: shape () needs 1 values, got 0");
}

TEST_CASE("Tensor: normal and uniform take their draws from the generator in order", "[tensor]") {
  Rng one(5), same(5);
  const Tensor x = Tensor::normal({2, 2}, 3.0f, one);
  for (const float v : x.values()) CHECK(v == 3.0f * same.normal());
  const Tensor y = Tensor::uniform({3}, -2.0f, 6.0f, one);
  for (const float v : y.values()) CHECK(v == same.uniform(-2.0f, 6.0f));
}

TEST_CASE("Tensor: size of an axis counts from either end", "[tensor]") {
  const Tensor x = Tensor::zeros({2, 3, 4});
  CHECK(x.size(0) == 2);
  CHECK(x.size(2) == 4);
  CHECK(x.size(-1) == 4);
  CHECK(x.size(-3) == 2);
  CHECK(message_of<std::invalid_argument>([&] { x.size(3); }) ==
        "Tensor::size: axis must be in [-3, 2] for shape (2, 3, 4), got 3");
  CHECK(message_of<std::invalid_argument>([&] { x.size(-4); }) ==
        "Tensor::size: axis must be in [-3, 2] for shape (2, 3, 4), got -4");
  CHECK(message_of<std::invalid_argument>([] { Tensor::full({}, 1).size(0); }) ==
        "Tensor::size: shape () has no axes, got axis 0");
}

TEST_CASE("Tensor: at reads one element, row-major", "[tensor]") {
  const Tensor x = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(x.at({0, 0}) == 1);
  CHECK(x.at({0, 2}) == 3);
  CHECK(x.at({1, 0}) == 4);
  CHECK(x.at({1, 2}) == 6);
  CHECK(Tensor::full({}, 7).at({}) == 7);
}

TEST_CASE("Tensor: at refuses an index outside, or with too few or too many axes", "[tensor]") {
  const Tensor x = Tensor::zeros({2, 3});
  CHECK(message_of<std::invalid_argument>([&] {
          x.at({0, 3});
        }) == "Tensor::at: index (0, 3) is not inside shape (2, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          x.at({2, 0});
        }) == "Tensor::at: index (2, 0) is not inside shape (2, 3)");
  CHECK(message_of<std::invalid_argument>([&] { x.at({1}); }) ==
        "Tensor::at: index (1) is not inside shape (2, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          x.at({0, 0, 0});
        }) == "Tensor::at: index (0, 0, 0) is not inside shape (2, 3)");
}

TEST_CASE("Tensor: item gives the only element, whatever the shape", "[tensor]") {
  CHECK(Tensor::full({1, 1}, 3).item() == 3);
  CHECK(message_of<std::invalid_argument>([] { Tensor::zeros({2}).item(); }) ==
        "Tensor::item: the tensor must have one element, got shape (2,)");
  CHECK(message_of<std::invalid_argument>([] { Tensor::zeros({0}).item(); }) ==
        "Tensor::item: the tensor must have one element, got shape (0,)");
}

TEST_CASE("Tensor: a copy is a handle to the same numbers", "[tensor]") {
  const Tensor x = Tensor::zeros({2});
  Tensor handle = x;
  handle.mutable_values()[1] = 5;
  CHECK(numbers(x.values()) == Numbers{0, 5});
}

TEST_CASE("Tensor: the values of a tensor that is gone at the end of the line cannot be asked for",
          "[tensor]") {
  CHECK(has_values<const Tensor&>);
  CHECK(has_values<Tensor&>);
  CHECK_FALSE(has_values<Tensor>);
}

// ---- Gradients

TEST_CASE("Tensor: wants no gradient until asked, and has none until backward", "[tensor][backward]") {
  Tensor x = Tensor::from({2}, {1, 2});
  CHECK_FALSE(x.requires_grad());
  CHECK(x.grad().empty());
  CHECK(message_of<std::logic_error>([&] { x.mutable_grad(); }) ==
        "Tensor::mutable_grad: this tensor wants no gradient; ask requires_grad() first");
  x.require_grad();
  CHECK(x.requires_grad());
  CHECK(x.grad().empty());
  CHECK(numbers(x.mutable_grad()) == Numbers{0, 0});
}

TEST_CASE("Tensor: results of operations want a gradient if one of their inputs does", "[tensor][backward]") {
  const Tensor x = leaf({1}, {1}), constant = Tensor::full({1}, 2);
  CHECK((x * constant).requires_grad());
  CHECK((constant * x).requires_grad());
  CHECK_FALSE((constant * constant).requires_grad());
}

TEST_CASE("backward: a value that is used several times gets the sum of its gradients",
          "[tensor][backward]") {
  // y = (x + x) * x = 2 x^2, so dy/dx = 4 x: at 3 it is 12.
  const Tensor x = leaf({1}, {3});
  const Tensor y = (x + x) * x;
  CHECK(y.item() == 18);
  y.backward();
  CHECK(numbers(x.grad()) == Numbers{12});
}

TEST_CASE("backward: branches that part and meet again", "[tensor][backward]") {
  // a = 2x, b = a * a = 4 x^2, c = a + b, loss = b * c = 4x^2 (2x + 4x^2) = 8 x^3 + 16 x^4:
  // dloss/dx = 24 x^2 + 64 x^3, at x = 1 it is 88.
  const Tensor x = leaf({1}, {1});
  const Tensor a = x * 2.0f;
  const Tensor b = a * a;
  const Tensor c = a + b;
  (b * c).backward();
  CHECK(numbers(x.grad()) == Numbers{88});
}

TEST_CASE("backward: inputs of an operation in any mixture of constants and weights", "[tensor][backward]") {
  const Tensor x = leaf({2}, {3, 4}), w = Tensor::from({2}, {10, 20});
  sum(x * w).backward();
  CHECK(numbers(x.grad()) == Numbers{10, 20});
  CHECK(w.grad().empty());
}

TEST_CASE("backward: only leaves keep their gradient", "[tensor][backward]") {
  const Tensor x = leaf({1}, {3});
  const Tensor y = x * 2.0f;
  const Tensor loss = y * 1.0f;
  loss.backward();
  CHECK(numbers(x.grad()) == Numbers{2});
  CHECK(y.grad().empty());
  CHECK(loss.grad().empty());
}

TEST_CASE("backward: from a leaf that is its own loss", "[tensor][backward]") {
  const Tensor x = leaf({}, {3});
  x.backward();
  CHECK(numbers(x.grad()) == Numbers{1});
  x.backward();
  CHECK(numbers(x.grad()) == Numbers{2});
}

TEST_CASE("backward: gradients of several passes add up until zero_grad", "[tensor][backward]") {
  Tensor x = leaf({2}, {1, 2});
  sum(x * x).backward();  // 2x = {2, 4}
  CHECK(numbers(x.grad()) == Numbers{2, 4});
  sum(x * 10.0f).backward();
  CHECK(numbers(x.grad()) == Numbers{12, 14});
  x.zero_grad();
  CHECK(x.grad().empty());
  sum(x * 10.0f).backward();
  CHECK(numbers(x.grad()) == Numbers{10, 10});
}

TEST_CASE("on_gradient: says when a leaf's gradient is complete, while others are to come",
          "[tensor][backward]") {
  const Tensor a = Tensor::from({2}, {1, 2}).require_grad();
  const Tensor b = Tensor::from({2}, {3, 4}).require_grad();
  const Tensor c = Tensor::from({2}, {5, 6}).require_grad();
  std::string order;
  std::vector<float> gradient_of_b;
  a.on_gradient([&] { order += "a"; });
  b.on_gradient([&] {
    order += "b";
    gradient_of_b.assign(b.grad().begin(), b.grad().end());
  });
  c.on_gradient([&] { order += "c"; });
  // c is read last, so backward() is done with it first. b is read in two steps, twice in one of them; the earlier
  // step reads a too.
  const auto loss = [&] { return sum((a * b + b * b) * c); };
  loss().backward();
  CHECK(order == "cab");
  CHECK(gradient_of_b == std::vector<float>{5 * (1 + 2 * 3), 6 * (2 + 2 * 4)});
  loss().backward();  // again in the next pass
  CHECK(order == "cabcab");
  c.on_gradient({});
  loss().backward();
  CHECK(order == "cabcabab");
}

TEST_CASE("on_gradient: only a leaf has one", "[tensor][backward]") {
  const Tensor x = Tensor::from({2}, {1, 2}).require_grad();
  CHECK_THROWS_AS((x * 2.0f).on_gradient([] {}), std::logic_error);
  CHECK_THROWS_AS(Tensor::zeros({2}).on_gradient([] {}), std::logic_error);
}

TEST_CASE("backward: mutable_grad lets the reader add by hand, and zero_grad forgets that too",
          "[tensor][backward]") {
  Tensor x = leaf({2}, {1, 2});
  x.mutable_grad()[1] += 5;
  sum(x).backward();
  CHECK(numbers(x.grad()) == Numbers{1, 6});
  x.zero_grad();
  CHECK(numbers(x.mutable_grad()) == Numbers{0, 0});
}

TEST_CASE("backward: starts only from a single number that is on the tape", "[tensor][backward]") {
  const Tensor x = leaf({2}, {1, 2});
  CHECK(message_of<std::invalid_argument>([&] { (x * x).backward(); }) ==
        "Tensor::backward: start from a single number such as a loss, got shape (2,)");
  const std::string off_the_tape =
      "Tensor::backward: this tensor is not on the tape: no input wanted a gradient, or a NoGrad lives";
  CHECK(message_of<std::logic_error>([&] { Tensor::full({}, 1).backward(); }) == off_the_tape);
  CHECK(message_of<std::logic_error>([&] { sum(x).detach().backward(); }) == off_the_tape);
}

TEST_CASE("backward: a second pass over a tape that was freed is an error and changes nothing",
          "[tensor][backward]") {
  const std::string freed =
      "Tensor::backward: the tape behind this tensor was freed by an earlier backward(); "
      "compute the loss again first";
  const Tensor x = leaf({1}, {3});
  const Tensor y = x * x;
  const Tensor loss = y * 2.0f;
  const Tensor other_loss = y * 3.0f;  // rests on y too
  loss.backward();
  CHECK(message_of<std::logic_error>([&] { loss.backward(); }) == freed);
  CHECK(message_of<std::logic_error>([&] { y.backward(); }) == freed);
  CHECK(message_of<std::logic_error>([&] { other_loss.backward(); }) == freed);
  CHECK(message_of<std::logic_error>([&] { (y + x).backward(); }) == freed);
  CHECK(numbers(x.grad()) == Numbers{12});  // 2 * 2x, once
  CHECK(y.item() == 9);                     // the numbers stay
}

// ---- What lives how long

// An operation that adds nothing, whose closure holds a token: the token lives as long as the closure does.
Tensor holding(const Tensor& x, std::weak_ptr<int>& watch) {
  const auto token = std::make_shared<int>(0);
  watch = token;
  return Tensor::with_backward(x.shape(), x.values(), {x}, [token, x = x](std::span<const float> dy) mutable {
    for (std::size_t i = 0; i < dy.size(); ++i) x.mutable_grad()[i] += dy[i];
  });
}

TEST_CASE("backward: is refused where numbers that it needs were written to after the forward pass",
          "[tensor][backward]") {
  const std::string refusal =
      "Tensor::backward: a tensor of shape (2, 2) was written to after the loss had been computed from it, "
      "and "
      "its old numbers are needed; change weights after backward(), not before";
  const Tokens ids{1, 2, {0, 1}};
  Rng rng(3);
  using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;
  const std::vector<std::pair<const char*, Binary>> needed{
      {"*", [](const Tensor& w, const Tensor& x) { return w * x; }},
      {"log", [](const Tensor& w, const Tensor&) { return log(w); }},
      {"matmul", [](const Tensor& w, const Tensor& x) { return matmul(x, w); }},
      {"linear", [](const Tensor& w, const Tensor& x) { return linear(x, w); }},
      {"attention", [](const Tensor& w, const Tensor& x) { return causal_attention(x, w, x); }},
      {"layer_norm", [](const Tensor& w,
                        const Tensor&) { return layer_norm(w, Tensor::full({2}, 1), Tensor::zeros({2})); }},
      {"with_backward", [](const Tensor& w, const Tensor&) {
         return Tensor::with_backward({2, 2}, w.values(), {w},
                                      [w](std::span<const float> dy) { w.mutable_grad()[0] += dy[0]; });
       }}};
  for (const auto& [name, op] : needed) {
    INFO(name);
    const Tensor w = leaf({2, 2}, {1, 2, 3, 4}), x = Tensor::normal({2, 2}, 1, rng).require_grad();
    const Tensor loss = sum(op(w, x));
    w.mutable_values()[0] = 5;
    CHECK(message_of<std::logic_error>([&] { loss.backward(); }) == refusal);
    sum(op(w, x)).backward();  // the next pass is as good as ever
    CHECK(w.grad().size() == 4);
  }
  const Tensor logits = leaf({1, 2, 2}, {1, 2, 3, 4}), loss = cross_entropy(logits, ids);
  logits.mutable_values()[0] = 5;
  CHECK_THROWS_AS(loss.backward(), std::logic_error);
  const Tensor result = exp(leaf({2, 2}, {1, 2, 3, 4})), total = sum(result);
  result.mutable_values()[0] = 5;
  CHECK(message_of<std::logic_error>([&] { total.backward(); }) == refusal);
}

TEST_CASE("backward: what it does not need may be written to, and so may what a view looked at",
          "[tensor][backward]") {
  const Tensor w = leaf({2, 2}, {1, 2, 3, 4}), x = leaf({2, 2}, {5, 6, 7, 8});
  const Tensor added = sum(w + x);
  w.mutable_values()[0] = 9;
  added.backward();  // the derivative of a sum is 1, whatever was added
  CHECK(numbers(w.grad()) == Numbers{1, 1, 1, 1});
  w.zero_grad();
  // The views keep the numbers that the product was computed from, and x's gradient is those.
  const Tensor row = reshape(w, {1, 4}), column = transpose(w);
  const Tensor loss = sum(row * reshape(x, {1, 4})) + sum(column * transpose(x));
  w.mutable_values()[0] = 100;
  x.zero_grad();
  loss.backward();
  CHECK(numbers(x.grad()) == Numbers{18, 4, 6, 8});
}

TEST_CASE("tape: backward frees what it no longer needs, even while its results are held", "[tensor][tape]") {
  const Tensor x = leaf({1}, {3});
  std::weak_ptr<int> first, second;
  const Tensor y = holding(x, first);
  const Tensor z = holding(y, second);
  const Tensor loss = sum(z * z);
  CHECK_FALSE(first.expired());
  loss.backward();
  CHECK(first.expired());
  CHECK(second.expired());
  CHECK(numbers(x.grad()) == Numbers{6});
}

TEST_CASE("tape: goes with the last result if there is no backward", "[tensor][tape]") {
  const Tensor x = leaf({1}, {3});
  std::weak_ptr<int> watch;
  {
    std::optional<Tensor> loss = sum(exp(holding(x, watch)) * x);
    CHECK_FALSE(watch.expired());
    loss.reset();
  }
  CHECK(watch.expired());
}

TEST_CASE("tape: goes when its result is overwritten by a new one, as in a training loop", "[tensor][tape]") {
  const Tensor x = leaf({1}, {3});
  std::weak_ptr<int> first, second;
  Tensor loss = holding(x, first);
  loss = holding(x, second);
  CHECK(first.expired());
  CHECK_FALSE(second.expired());
}

constexpr int long_chain = 200000;  // recursion would need a stack frame for each of these

TEST_CASE("tape: backward through a very long chain needs no deep stack", "[tensor][tape]") {
  const Tensor x = leaf({1}, {1});
  Tensor y = x;
  for (int i = 0; i < long_chain; ++i) y = y + 1.0f;
  CHECK(y.item() == long_chain + 1);
  y.backward();
  CHECK(numbers(x.grad()) == Numbers{1});
}

TEST_CASE("tape: a very long chain that never sees a backward is freed without a deep stack",
          "[tensor][tape]") {
  const Tensor x = leaf({1}, {1});
  {
    Tensor y = x;
    for (int i = 0; i < long_chain; ++i) y = y + x;  // each step has two inputs
  }
  CHECK(x.grad().empty());
}

TEST_CASE("tape: a very long chain of operations from outside is freed without a deep stack",
          "[tensor][tape]") {
  // Their closures hold handles to their inputs, so there are two ways from a step to the one before.
  const Tensor x = leaf({1}, {1});
  const auto chain = [&x] {
    Tensor y = x;
    for (int i = 0; i < long_chain; ++i) {
      y = Tensor::with_backward({1}, y.values(), {y},
                                [y = y](std::span<const float> dy) mutable { y.mutable_grad()[0] += dy[0]; });
    }
    return y;
  };
  SECTION("after a backward") {
    chain().backward();
    CHECK(numbers(x.grad()) == Numbers{1});
  }
  SECTION("without a backward") {
    chain();
    CHECK(x.grad().empty());
  }
}

TEST_CASE("tape: one value that serves very many operations", "[tensor][tape]") {
  const Tensor x = leaf({1}, {1});
  Tensor total = Tensor::full({1}, 0);
  for (int i = 0; i < 20000; ++i) total = total + x * 2.0f;
  total.backward();
  CHECK(numbers(x.grad()) == Numbers{40000});
}

// ---- Off the tape

TEST_CASE("NoGrad: nothing is written on the tape while one lives", "[tensor][no_grad]") {
  const Tensor x = leaf({1}, {3});
  CHECK(grad_enabled());
  {
    const NoGrad no_grad;
    CHECK_FALSE(grad_enabled());
    CHECK_FALSE((x * x).requires_grad());
    CHECK_FALSE(concatenate({x, x}, 0).requires_grad());
    CHECK_FALSE(Tensor::with_backward({1}, x.values(), {x}, [](std::span<const float>) {}).requires_grad());
    {
      const NoGrad inner;
      CHECK_FALSE(grad_enabled());
    }
    CHECK_FALSE(grad_enabled());  // the inner one did not switch it on again
    CHECK(x.requires_grad());
  }
  CHECK(grad_enabled());
  CHECK((x * x).requires_grad());
}

TEST_CASE("NoGrad: ends with its scope when an exception leaves it", "[tensor][no_grad]") {
  try {
    const NoGrad no_grad;
    Tensor::zeros({2}).item();
  } catch (const std::invalid_argument&) {
  }
  CHECK(grad_enabled());
}

TEST_CASE("NoGrad: what was computed before can still go back, and results are constants after",
          "[tensor][no_grad]") {
  const Tensor x = leaf({1}, {3});
  const Tensor y = x * x;
  Tensor constant = Tensor::zeros({1});
  {
    const NoGrad no_grad;
    constant = x * 5.0f;
    y.backward();
  }
  CHECK(numbers(x.grad()) == Numbers{6});
  sum(constant * x).backward();
  CHECK(numbers(x.grad()) == Numbers{6 + 15});
}

TEST_CASE("detach: shares the numbers, stops the gradient", "[tensor][no_grad]") {
  const Tensor x = leaf({1}, {3});
  Tensor y = x.detach();
  CHECK_FALSE(y.requires_grad());
  (x * y).backward();  // x * constant 3
  CHECK(numbers(x.grad()) == Numbers{3});
  y.mutable_values()[0] = 7;
  CHECK(x.item() == 7);
}

// ---- Operations from outside the library

TEST_CASE("with_backward: an operation of the reader's own", "[tensor][with_backward]") {
  const Operation cube = [](const Inputs& in) {
    std::vector<float> y;
    for (const float v : in[0].values()) y.push_back(v * v * v);
    return Tensor::with_backward(in[0].shape(), y, {in[0]}, [x = in[0]](std::span<const float> dy) mutable {
      for (std::size_t i = 0; i < dy.size(); ++i) {
        x.mutable_grad()[i] += dy[i] * 3 * x.values()[i] * x.values()[i];
      }
    });
  };
  check_operation("cube", cube, {Tensor::from({3}, {-1, 0, 2})}, Tensor::from({3}, {-1, 0, 8}));
  check_gradient("cube inside other operations",
                 [&](const Inputs& in) { return cube({in[0] + in[0]}) * in[0]; },
                 {Tensor::from({2}, {-1, 0.5f})});
}

TEST_CASE("with_backward: is a constant if no input wants a gradient", "[tensor][with_backward]") {
  const Tensor y =
      Tensor::with_backward({1}, Numbers{1}, {Tensor::zeros({1})}, [](std::span<const float>) {});
  CHECK_FALSE(y.requires_grad());
}

TEST_CASE("with_backward: refuses another number of values than the shape has room for",
          "[tensor][with_backward]") {
  const Tensor x = leaf({1}, {1});
  CHECK(message_of<std::invalid_argument>([&] {
          Tensor::with_backward({2}, Numbers{1}, {x}, [](std::span<const float>) {});
        }) == "Tensor::from: shape (2,) needs 2 values, got 1");
}

TEST_CASE("with_backward: a closure that adds nothing is a gradient of zeros", "[tensor][with_backward]") {
  const Tensor x = leaf({1}, {3});
  const Tensor middle = x * 2.0f;
  const Tensor y = Tensor::with_backward({1}, Numbers{1}, {middle}, [](std::span<const float>) {});
  y.backward();
  CHECK(numbers(x.grad()) == Numbers{0});  // passed on by the operation in the middle
  const Tensor z = leaf({1}, {3});
  Tensor::with_backward({1}, Numbers{1}, {z}, [](std::span<const float>) {}).backward();
  CHECK(z.grad().empty());
}

TEST_CASE("with_backward: an exception of the closure reaches the caller of backward",
          "[tensor][with_backward]") {
  const Tensor x = leaf({1}, {3});
  bool fails = true;
  const Tensor y =
      Tensor::with_backward({1}, x.values(), {x}, [x = x, &fails](std::span<const float> dy) mutable {
        if (fails) throw std::runtime_error("not today");
        x.mutable_grad()[0] += dy[0];
      });
  SECTION("from the middle of the tape: the part that was done is freed, and says so") {
    const Tensor loss = y * 2.0f;
    CHECK(message_of<std::runtime_error>([&] { loss.backward(); }) == "not today");
    CHECK_THROWS_AS(loss.backward(), std::logic_error);
    CHECK(x.grad().empty());
  }
  SECTION("from its end: nothing was done yet, so a second try counts once") {
    CHECK(message_of<std::runtime_error>([&] { y.backward(); }) == "not today");
    fails = false;
    y.backward();
    CHECK(numbers(x.grad()) == Numbers{1});
  }
  SECTION("other losses of the same leaves are not disturbed") {
    CHECK_THROWS_AS((y * 2.0f).backward(), std::runtime_error);
    sum(x * 4.0f).backward();
    CHECK(numbers(x.grad()) == Numbers{4});
  }
}

TEST_CASE("last_row: the numbers of the last position", "[tensor]") {
  const Tensor x = Tensor::from({1, 3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(last_row(x)[0] == 5);
  CHECK(last_row(x)[1] == 6);
  CHECK(last_row(x).size() == 2);
  CHECK(message_of<std::invalid_argument>([] {
          const Tensor scalar = Tensor::full({}, 1);
          last_row(scalar);
        }) == "last_row: x must have an axis, got a scalar");
}

}  // namespace
}  // namespace gpt
