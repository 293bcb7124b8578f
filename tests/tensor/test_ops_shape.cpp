/// @file test_ops_shape.cpp
/// permute, transpose, reshape, slice, concatenate.
#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

// 0, 1, 2, ... under a shape: every number says where it came from
Tensor counting(const Shape& shape) {
  std::vector<float> values(element_count(shape));
  std::iota(values.begin(), values.end(), 0.0f);
  return Tensor::from(shape, values);
}

TEST_CASE("permute: three axes, worked out by hand", "[ops][shape]") {
  // x[i][j][k] = 6 i + 3 j + k for (2, 2, 3); y[k][i][j] = x[i][j][k] has shape (3, 2, 2).
  check_operation(
      "permute",
      [](const Inputs& in) {
        return permute(in[0], {2, 0, 1});
      },
      {counting({2, 2, 3})}, Tensor::from({3, 2, 2}, {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

TEST_CASE("permute: every order of up to four axes puts every element in its place", "[ops][shape]") {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 3, 4}, Shape{2, 1, 3, 2}}) {
    std::vector<std::size_t> axes(shape.size());
    std::iota(axes.begin(), axes.end(), 0u);
    const Tensor x = counting(shape);
    do {
      const Tensor y = permute(x, axes);
      INFO(to_string(axes));
      for (std::size_t axis = 0; axis < axes.size(); ++axis) CHECK(y.shape()[axis] == shape[axes[axis]]);
      bool right = true;
      for (std::size_t i = 0; i < y.size(); ++i) {
        // y's index, from the last axis on, says x's offset.
        std::size_t rest = i, offset = 0;
        for (std::size_t axis = axes.size(); axis-- > 0;) {
          std::size_t stride = 1;
          for (std::size_t later = axes[axis] + 1; later < shape.size(); ++later) stride *= shape[later];
          offset += rest % y.shape()[axis] * stride;
          rest /= y.shape()[axis];
        }
        right = right && y.values()[i] == x.values()[offset];
      }
      CHECK(right);
      check_gradient("permute " + to_string(axes), [&](const Inputs& in) { return permute(in[0], axes); },
                     {x}, {/*step=*/0.5});
    } while (std::next_permutation(axes.begin(), axes.end()));
  }
}

TEST_CASE("permute: of what is permuted already, by any two orders of four axes", "[ops][shape]") {
  const Tensor x = counting({2, 3, 4, 5});
  std::vector<std::size_t> first{0, 1, 2, 3};
  bool right = true;
  do {
    std::vector<std::size_t> second{0, 1, 2, 3};
    do {
      std::vector<std::size_t> both;
      for (const std::size_t axis : second) both.push_back(first[axis]);
      const Tensor at_once = permute(x, both), one_by_one = permute(permute(x, first), second);
      right = right && one_by_one.shape() == at_once.shape() &&
              std::equal(at_once.values().begin(), at_once.values().end(), one_by_one.values().begin());
    } while (std::next_permutation(second.begin(), second.end()));
  } while (std::next_permutation(first.begin(), first.end()));
  CHECK(right);
}

TEST_CASE("permute: gradients go through one after the other, and beside others", "[ops][shape]") {
  Rng rng(70);
  const Inputs inputs{Tensor::normal({2, 3, 4}, 1, rng), Tensor::normal({4, 2, 3}, 1, rng)};
  check_gradient("permute of permute",
                 [](const Inputs& in) {
                   return permute(permute(in[0], {2, 0, 1}), {1, 2, 0}) * in[0];
                 },
                 {inputs[0]});
  check_gradient(
      "a view used by two",
      [](const Inputs& in) {
        const Tensor y = permute(in[0], {2, 0, 1});  // (4, 2, 3)
        return permute(y, {1, 0, 2}) * permute(y * in[1], {1, 0, 2}) + permute(in[1], {1, 0, 2});
      },
      inputs);
}

TEST_CASE("permute: keeps its numbers when the original's are written to, and the other way round",
          "[ops][shape]") {
  const Tensor x = counting({2, 3}), again = reshape(x, {3, 2});
  const Tensor of_x = transpose(x), of_view = permute(of_x, {0, 1}), of_reshaped = transpose(again);
  x.mutable_values()[5] = 50;
  CHECK(of_x.at({2, 1}) == 5);
  CHECK(of_view.at({2, 1}) == 5);
  CHECK(of_reshaped.at({1, 2}) == 5);
  CHECK(again.at({2, 1}) == 5);
  CHECK(transpose(x).at({2, 1}) == 50);
  of_x.mutable_values()[0] = 70;
  CHECK(of_x.at({0, 0}) == 70);
  CHECK(transpose(of_x).at({0, 0}) == 70);
  CHECK(of_view.at({0, 0}) == 0);
  CHECK(x.at({0, 0}) == 0);
}

TEST_CASE("permute: refuses axes that don't name each axis once", "[ops][shape]") {
  const Tensor x = Tensor::zeros({2, 3});
  const std::string wanted = "permute: axes must name each of the 2 axes of shape (2, 3) once, got ";
  CHECK(message_of<std::invalid_argument>([&] { permute(x, {0}); }) == wanted + "(0,)");
  CHECK(message_of<std::invalid_argument>([&] { permute(x, {0, 0}); }) == wanted + "(0, 0)");
  CHECK(message_of<std::invalid_argument>([&] { permute(x, {0, 2}); }) == wanted + "(0, 2)");
  CHECK(message_of<std::invalid_argument>([&] { permute(x, {0, 1, 2}); }) == wanted + "(0, 1, 2)");
  CHECK(message_of<std::invalid_argument>([&] { permute(x, {}); }) == wanted + "()");
}

TEST_CASE("transpose: swaps the last two axes", "[ops][shape]") {
  const Operation op = [](const Inputs& in) { return transpose(in[0]); };
  check_operation("transpose", op, {Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})},
                  Tensor::from({3, 2}, {1, 4, 2, 5, 3, 6}));
  check_operation("transpose of a batch", op, {Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})},
                  Tensor::from({2, 2, 2}, {1, 3, 2, 4, 5, 7, 6, 8}));
  CHECK(message_of<std::invalid_argument>([] { transpose(Tensor::zeros({3})); }) ==
        "transpose: x must have at least two axes, got (3,)");
}

TEST_CASE("transpose: twice is nothing, also for large matrices", "[ops][shape]") {
  Rng rng(3);
  const Tensor x = Tensor::normal({3, 130, 257}, 1, rng);
  check_values("transpose", transpose(transpose(x)), x, 0);
}

TEST_CASE("reshape: the same numbers in the same order", "[ops][shape]") {
  check_operation(
      "reshape",
      [](const Inputs& in) {
        return reshape(in[0], {3, 2});
      },
      {Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6})}, Tensor::from({3, 2}, {1, 2, 3, 4, 5, 6}));
  check_operation(
      "reshape to a scalar", [](const Inputs& in) { return reshape(in[0], {}); }, {Tensor::from({1, 1}, {5})},
      Tensor::full({}, 5));
  CHECK(message_of<std::invalid_argument>([] {
          reshape(Tensor::zeros({2, 3}), {4});
        }) == "reshape: (2, 3) has 6 elements, (4,) would have 4");
}

TEST_CASE("reshape: moves no number, until the result or its source is written to", "[ops][shape]") {
  Tensor x = Tensor::from({2}, {1, 2});
  Tensor y = reshape(x, {2, 1}), again = reshape(y, {1, 2});
  CHECK(y.values().data() == x.values().data());
  y.mutable_values()[0] = 9;
  CHECK(y.at({0, 0}) == 9);
  CHECK(x.at({0}) == 1);
  CHECK(again.at({0, 0}) == 1);
  x.mutable_values()[1] = 8;
  CHECK(x.at({1}) == 8);
  CHECK(y.at({1, 0}) == 2);
  CHECK(again.at({0, 1}) == 2);
  x = Tensor::zeros({2});  // the source may go, the numbers stay
  y = Tensor::zeros({2});
  CHECK(again.at({0, 0}) == 1);
}

TEST_CASE("views: whichever of a family is written to, the others keep their numbers", "[ops][shape]") {
  const Tensor x = counting({2, 6});
  const std::vector<Tensor> family{x,
                                   reshape(x, {3, 4}),
                                   transpose(x),
                                   reshape(transpose(x), {4, 3}),
                                   permute(reshape(x, {2, 1, 6}), {1, 0, 2}),  // in the same order in memory
                                   transpose(transpose(x)),
                                   reshape(reshape(x, {12}), {6, 2})};
  std::vector<std::vector<float>> expected;
  for (const Tensor& member : family) expected.emplace_back(member.values().begin(), member.values().end());
  for (const std::size_t written : {3, 1, 0, 5, 2, 4, 6, 0, 3}) {
    family[written].mutable_values()[7] += 100;
    expected[written][7] += 100;
    for (std::size_t i = 0; i < family.size(); ++i) {
      INFO("member " << i << " after writing to " << written);
      CHECK(std::vector<float>(family[i].values().begin(), family[i].values().end()) == expected[i]);
    }
  }
}

TEST_CASE("shapes: those that no memory could hold are refused, also where their product would wrap round",
          "[ops][shape]") {
  const std::size_t big = std::size_t{1} << 62, half = std::size_t{1} << 32;
  for (const Shape& shape : {Shape{big, 4}, Shape{half, half}, Shape{4, big}, Shape{big}}) {
    const std::string expected = "shape " + to_string(shape) + " has more numbers than any memory can hold";
    CHECK(message_of<std::invalid_argument>([&] { Tensor::zeros(shape); }) == expected);
    CHECK(message_of<std::invalid_argument>([&] { Tensor::from(shape, {}); }) == expected);
    CHECK(message_of<std::invalid_argument>([&] { reshape(Tensor::zeros({0}), shape); }) == expected);
  }
  CHECK(Tensor::zeros({big, 0, 4}).size() == 0);
}

TEST_CASE("reshape: hands its gradient on, whoever else adds to it", "[ops][shape]") {
  const Inputs x{Tensor::from({2, 2}, {1, 2, 3, 4})};
  check_gradient(
      "reshape used twice",
      [](const Inputs& in) {
        return reshape(in[0], {4}) * reshape(reshape(in[0], {1, 4}), {4});
      },
      x);
  check_gradient(
      "reshape of a sum", [](const Inputs& in) { return reshape(in[0] + in[0], {4}); }, x);
  check_gradient(
      "reshape between sums",
      [](const Inputs& in) {
        const Tensor y = in[0] + in[0] * in[0];
        return reshape(y, {4}) + reshape(y, {4}) * reshape(in[0], {4});
      },
      x);
}

TEST_CASE("slice: a range of any axis", "[ops][shape]") {
  const Inputs x{counting({2, 3, 2})};  // x[i][j][k] = 6 i + 2 j + k
  check_operation(
      "slice axis 0", [](const Inputs& in) { return slice(in[0], 0, 1, 2); }, x,
      Tensor::from({1, 3, 2}, {6, 7, 8, 9, 10, 11}));
  check_operation(
      "slice axis 1", [](const Inputs& in) { return slice(in[0], 1, 1, 3); }, x,
      Tensor::from({2, 2, 2}, {2, 3, 4, 5, 8, 9, 10, 11}));
  check_operation(
      "slice axis -1", [](const Inputs& in) { return slice(in[0], -1, 0, 1); }, x,
      Tensor::from({2, 3, 1}, {0, 2, 4, 6, 8, 10}));
  check_operation(
      "slice of everything", [](const Inputs& in) { return slice(in[0], 1, 0, 3); }, x, x[0]);
  check_operation(
      "slice of nothing", [](const Inputs& in) { return slice(in[0], 1, 2, 2); }, x,
      Tensor::zeros({2, 0, 2}));
}

TEST_CASE("slice: parts that overlap add their gradients", "[ops][shape]") {
  check_operation(
      "slices", [](const Inputs& in) { return slice(in[0], 0, 0, 2) * slice(in[0], 0, 1, 3); },
      {Tensor::from({3}, {2, 3, 5})}, Tensor::from({2}, {6, 15}));
}

TEST_CASE("slice: refuses a range outside the axis, and an axis that is not there", "[ops][shape]") {
  const Tensor x = Tensor::zeros({2, 3});
  const std::string wanted = "slice: the range must lie in [0, 3] along axis 1 of shape (2, 3), got ";
  CHECK(message_of<std::invalid_argument>([&] { slice(x, 1, 0, 4); }) == wanted + "[0, 4)");
  CHECK(message_of<std::invalid_argument>([&] { slice(x, -1, 2, 1); }) == wanted + "[2, 1)");
  CHECK(message_of<std::invalid_argument>([&] { slice(x, 2, 0, 1); }) ==
        "slice: axis must be in [-2, 1] for shape (2, 3), got 2");
}

TEST_CASE("concatenate: along any axis", "[ops][shape]") {
  const Inputs parts{Tensor::from({2, 1}, {1, 2}), Tensor::from({2, 2}, {3, 4, 5, 6})};
  check_operation(
      "concatenate axis 1", [](const Inputs& in) { return concatenate(in, 1); }, parts,
      Tensor::from({2, 3}, {1, 3, 4, 2, 5, 6}));
  const Inputs rows{Tensor::from({1, 2}, {1, 2}), Tensor::from({2, 2}, {3, 4, 5, 6}),
                    Tensor::from({1, 2}, {7, 8})};
  check_operation(
      "concatenate axis 0", [](const Inputs& in) { return concatenate(in, 0); }, rows,
      Tensor::from({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  const Inputs blocks{counting({2, 1, 2}), counting({2, 2, 2})};
  check_operation(
      "concatenate axis -2", [](const Inputs& in) { return concatenate(in, -2); }, blocks,
      Tensor::from({2, 3, 2}, {0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 7}));
  check_operation(
      "concatenate one", [](const Inputs& in) { return concatenate(in, 0); }, {counting({2})},
      Tensor::from({2}, {0, 1}));
  check_operation(
      "concatenate with nothing", [](const Inputs& in) { return concatenate(in, 0); },
      {counting({2}), Tensor::zeros({0})}, Tensor::from({2}, {0, 1}));
}

TEST_CASE("concatenate: one tensor several times gets all its gradients", "[ops][shape]") {
  check_operation(
      "concatenate {x, x, x}",
      [](const Inputs& in) {
        return concatenate({in[0], in[0], in[0]}, 0);
      },
      {Tensor::from({2}, {1, 2})}, Tensor::from({6}, {1, 2, 1, 2, 1, 2}));
}

TEST_CASE("concatenate: puts back together what slice took apart", "[ops][shape]") {
  const Tensor x = counting({3, 4, 5});
  for (const int axis : {0, 1, 2, -1, -2, -3}) {
    const std::size_t n = x.size(axis);
    check_values(
        "axis " + std::to_string(axis),
        concatenate({slice(x, axis, 0, 1), slice(x, axis, 1, n - 1), slice(x, axis, n - 1, n)}, axis), x);
  }
}

TEST_CASE("concatenate: refuses no tensors, other shapes and axes that are not there", "[ops][shape]") {
  const Tensor x = Tensor::zeros({2, 3});
  CHECK(message_of<std::invalid_argument>([] { concatenate({}, 0); }) ==
        "concatenate: needs at least one tensor, got none");
  CHECK(message_of<std::invalid_argument>([&] {
          concatenate({x, Tensor::zeros({3, 3})}, 1);
        }) == "concatenate: shapes must agree but for axis 1, got (2, 3) and (3, 3)");
  CHECK(message_of<std::invalid_argument>([&] {
          concatenate({x, Tensor::zeros({3})}, 0);
        }) == "concatenate: shapes must agree but for axis 0, got (2, 3) and (3,)");
  CHECK(message_of<std::invalid_argument>([&] {
          concatenate({x, x}, -3);
        }) == "concatenate: axis must be in [-2, 1] for shape (2, 3), got -3");
  const Tensor scalar = Tensor::full({}, 1);
  CHECK(message_of<std::invalid_argument>([&] {
          concatenate({scalar, scalar}, 0);
        }) == "concatenate: shape () has no axes, got axis 0");
}

}  // namespace
}  // namespace gpt
