/// @file ops_shape.cpp
/// Operations that move numbers without changing them.
#include <algorithm>
#include <stdexcept>

#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"

namespace gpt {
namespace {

// Seen from one axis, a row-major tensor is `outer` blocks, each of the axis's size
// times `inner` contiguous numbers.
struct Blocks {
  std::size_t outer = 1, inner = 1;
  Blocks(const Shape& shape, std::size_t axis) {
    for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
    for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  }
};

// Copies `outer` runs of n numbers between two tensors whose blocks may have different lengths.
void copy_runs(std::size_t outer, std::size_t n, const float* from, std::size_t from_stride, float* to,
               std::size_t to_stride, bool add) {
  parallel_for(outer, 1 + plain_grain / std::max<std::size_t>(1, n), [=](std::size_t begin, std::size_t end) {
    for (std::size_t o = begin; o < end; ++o) {
      const float* source = from + o * from_stride;
      float* target = to + o * to_stride;
      if (add) {
        for (std::size_t i = 0; i < n; ++i) target[i] += source[i];
      } else {
        std::copy_n(source, n, target);
      }
    }
  });
}

template <class T>
std::vector<T> rearranged(const std::vector<T>& items, const std::vector<std::size_t>& order) {
  std::vector<T> out;
  for (const std::size_t i : order) out.push_back(items[i]);
  return out;
}

// The strides of a permuted view; empty if its numbers happen to lie row after row.
Strides permuted(const Shape& shape, const Strides& strides, const std::vector<std::size_t>& axes) {
  Strides out = rearranged(strides.empty() ? row_major(shape) : strides, axes);
  if (out == row_major(rearranged(shape, axes))) out.clear();
  return out;
}

}  // namespace

Strides row_major(const Shape& shape) {
  Strides strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// The last two axes are plain loops; where the others stand is worked out from one running number.
void gather(const float* from, const Shape& shape, const Strides& given, GradSlot to) {
  if (!to || element_count(shape) == 0) return;
  const Strides strides = given.empty() ? row_major(shape) : given;
  const std::size_t dims = shape.size();
  const std::size_t inner = dims < 1 ? 1 : shape[dims - 1], inner_stride = dims < 1 ? 1 : strides[dims - 1];
  const std::size_t rows = dims < 2 ? 1 : shape[dims - 2], row_stride = dims < 2 ? 0 : strides[dims - 2];
  const std::size_t matrix = rows * inner;
  parallel_for(element_count(shape) / matrix, plain_grain / matrix, [&](std::size_t begin, std::size_t end) {
    for (std::size_t m = begin; m < end; ++m) {
      const float* source = from;
      for (std::size_t axis = dims, rest = m; axis-- > 0;) {
        if (axis + 2 >= dims) continue;
        source += rest % shape[axis] * strides[axis];
        rest /= shape[axis];
      }
      float* target = to.data + m * matrix;
      for (std::size_t row = 0; row < rows; ++row, source += row_stride, target += inner) {
        if (to.add) {
          for (std::size_t i = 0; i < inner; ++i) target[i] += source[i * inner_stride];
        } else if (inner_stride == 1) {
#pragma omp simd  // and not a call of memcpy: rows of a small head are a few numbers long
          for (std::size_t i = 0; i < inner; ++i) target[i] = source[i];
        } else {
          for (std::size_t i = 0; i < inner; ++i) target[i] = source[i * inner_stride];
        }
      }
    }
  });
}

Tensor permute(const Tensor& x, const std::vector<std::size_t>& axes) {
  std::vector<std::size_t> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  bool each_once = axes.size() == x.dim();
  for (std::size_t i = 0; each_once && i < sorted.size(); ++i) each_once = sorted[i] == i;
  if (!each_once) {
    throw std::invalid_argument("permute: axes must name each of the " + std::to_string(x.dim()) +
                                " axes of shape " + to_string(x.shape()) + " once, got " + to_string(axes));
  }
  // No number moves: the result looks at x's in another order, and so does x's gradient at the result's.
  const Value vx = Inside::view(x);
  const Value view =
      std::make_shared<Storage>(rearranged(x.shape(), axes), vx, permuted(x.shape(), vx->strides, axes));
  vx->add_view(view);
  return result(view, {&x}, [axes](Node& out) {
    std::vector<std::size_t> inverse(axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) inverse[axes[i]] = i;
    out.hand_over(0, std::move(out.grad), permuted(out.shape, out.grad_strides, inverse));
  });
}

Tensor transpose(const Tensor& x) {
  if (x.dim() < 2) {
    throw std::invalid_argument("transpose: x must have at least two axes, got " + to_string(x.shape()));
  }
  std::vector<std::size_t> axes(x.dim());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = i;
  std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
  return permute(x, axes);
}

Tensor reshape(const Tensor& x, Shape shape) {
  if (element_count(shape) != x.size()) {
    throw std::invalid_argument("reshape: " + to_string(x.shape()) + " has " + std::to_string(x.size()) +
                                " elements, " + to_string(shape) + " would have " +
                                std::to_string(element_count(shape)));
  }
  // No number moves: the result looks at x's under its own shape, and its gradient becomes x's.
  const Value vx = Inside::rows(x);
  const Value view = std::make_shared<Storage>(std::move(shape), vx);
  vx->add_view(view);
  return result(view, {&x}, [](Node& out) {
    out.make_contiguous();
    out.hand_over(0, std::move(out.grad));
  });
}

Tensor slice(const Tensor& x, int axis, std::size_t begin, std::size_t end) {
  const std::size_t a = axis_index("slice", x.shape(), axis);
  if (begin > end || end > x.shape()[a]) {
    throw std::invalid_argument("slice: the range must lie in [0, " + std::to_string(x.shape()[a]) +
                                "] along axis " + std::to_string(a) + " of shape " + to_string(x.shape()) +
                                ", got [" + std::to_string(begin) + ", " + std::to_string(end) + ")");
  }
  const Blocks blocks(x.shape(), a);
  const std::size_t whole = x.shape()[a] * blocks.inner, part = (end - begin) * blocks.inner;
  Shape shape = x.shape();
  shape[a] = end - begin;
  Value y = make_value(std::move(shape));
  const std::size_t offset = begin * blocks.inner;
  copy_runs(blocks.outer, part, Inside::rows(x)->data() + offset, whole, y->data(), part, /*add=*/false);
  return result(y, {&x}, [blocks, whole, part, offset](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    if (!dx.add)
      std::fill_n(dx.data, blocks.outer * whole, 0.0f);  // what was left out has no share in the loss
    copy_runs(blocks.outer, part, out.dy(), part, dx.data + offset, whole, /*add=*/true);
  });
}

Tensor concatenate(const std::vector<Tensor>& parts, int axis) {
  if (parts.empty()) throw std::invalid_argument("concatenate: needs at least one tensor, got none");
  const std::size_t a = axis_index("concatenate", parts[0].shape(), axis);
  Shape shape = parts[0].shape();
  shape[a] = 0;
  for (const Tensor& part : parts) {
    Shape others = part.shape();
    const bool same_dims = others.size() == shape.size();
    const std::size_t size = same_dims ? others[a] : 0;
    if (same_dims) others[a] = shape[a];
    if (others != shape) {
      throw std::invalid_argument("concatenate: shapes must agree but for axis " + std::to_string(a) +
                                  ", got " + to_string(parts[0].shape()) + " and " + to_string(part.shape()));
    }
    shape[a] += size;
  }
  const Blocks blocks(shape, a);
  Value y = make_value(shape);
  const std::size_t whole = shape[a] * blocks.inner;
  std::size_t offset = 0;
  for (const Tensor& part : parts) {
    const std::size_t n = part.shape()[a] * blocks.inner;
    copy_runs(blocks.outer, n, Inside::rows(part)->data(), n, y->data() + offset, whole, /*add=*/false);
    offset += n;
  }
  if (!any_wants_grad(parts)) return Inside::make(y, nullptr);
  std::shared_ptr<Node> node = record(y->shape, parts);
  std::vector<std::size_t> lengths;
  for (const Tensor& part : parts) lengths.push_back(part.shape()[a] * blocks.inner);
  node->backward = [blocks, whole, lengths](Node& out) {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (const GradSlot dx = out.input(i)) {
        copy_runs(blocks.outer, lengths[i], out.dy() + offset, whole, dx.data, lengths[i], dx.add);
      }
      offset += lengths[i];
    }
  };
  return Inside::make(y, std::move(node));
}

}  // namespace gpt
