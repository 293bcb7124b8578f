/// @file node.hpp
/// Inside a Tensor: its numbers, and the tape. Only for common/*.cpp.
///
/// An operation is one function: it checks, computes its result, and hands result() a backward function. That
/// function captures the *numbers* it will need (as Kept), never a Tensor or a Node: the tape points from
/// results to inputs, and a closure that held its own output would keep itself alive for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "common/kernels/bfloat16.hpp"
#include "common/kernels/memory.hpp"
#include "common/kernels/parallel.hpp"
#include "common/tensor/tensor.hpp"
#include "common/tensor/xtensor.hpp"

namespace gpt {

struct Storage;
using Value = std::shared_ptr<Storage>;  ///< the numbers of one or several tensors

/// How far apart in memory neighbours along each axis are; empty where the numbers lie row after row.
using Strides = std::vector<std::size_t>;

/// Those of a shape whose numbers lie row after row.
Strides row_major(const Shape& shape);

/// Numbers in bfloat16.
using Rounded = std::vector<BFloat16, BlockAllocator<BFloat16>>;

struct GradSlot;
/// to[i0, i1, ...] (+)= from, which lies with these strides.
void gather(const float* from, const Shape& shape, const Strides& strides, GradSlot to);

/// A shape and the numbers. permute() and reshape() make views, which have the memory of another; most
/// operations want rows and get them from Inside::rows().
struct Storage {
  Shape shape;
  Strides strides;

  /// Not initialised: whoever makes one writes every element.
  explicit Storage(Shape s, Strides strides_of_it = {})
      : shape(std::move(s)),
        strides(std::move(strides_of_it)),
        array_(Array::from_shape(require_countable(shape))),
        data_(array_.data()),
        size_(array_.size()) {}
  /// The numbers of another one under another shape with as many elements.
  Storage(Shape s, const Value& other, Strides strides_of_it = {})
      : shape(std::move(s)),
        strides(std::move(strides_of_it)),
        owner_(other->owner_ ? other->owner_ : other),
        data_(other->data_),
        size_(other->size_) {}

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::size_t size() const { return size_; }

  /// A view's numbers copied to memory of their own, row after row; null unless somebody asked for them.
  Value rows;
  void make_rows();

  /// The numbers rounded to bfloat16, as they lie in memory: made when they are first asked for, and kept until the
  /// numbers are written to. So a weight is rounded once a step, and an input of several layers once for all.
  std::shared_ptr<const Rounded> rounded();

  /// Remembers a view of these numbers.
  void add_view(const Value& view);
  /// Whoever shares this memory keeps the numbers as they are: so a tensor's numbers never change behind its
  /// back, whether the view is written to or what it looks at.
  void before_writing();
  /// How often the numbers have been given out to be written to.
  std::uint64_t version() const { return owner_ ? owner_->version_ : version_; }
  /// Whose memory the numbers of a value lie in: its own, or that of what it is a view of.
  static const Value& owner_of(const Value& value) { return value->owner_ ? value->owner_ : value; }

 private:
  void copy_rows();
  void let_go();  // of another's memory

  Array array_;  // empty if the numbers are another's
  Value owner_;  // that other
  std::vector<std::weak_ptr<Storage>> views_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const Rounded> rounded_;  // empty if the numbers are another's
  float* data_;
  std::size_t size_;
};

/// Numbers that a backward function will need, as they were in the forward pass.
class Kept {
 public:
  Kept(Value value) : value_(std::move(value)), version_(value_->version()) {}
  /// @throws std::logic_error if they have been written to since
  Storage& operator*() const;
  Storage* operator->() const { return &**this; }

 private:
  Value value_;
  std::uint64_t version_;
};

/// Where a backward function leaves the gradient of one input. The first to come writes, all others add: no
/// gradient is ever filled with zeros first.
struct GradSlot {
  float* data = nullptr;  ///< null if this input wants no gradient
  bool add = false;       ///< add to what is there, rather than write
  explicit operator bool() const { return data != nullptr; }
};

/// One step on the tape.
struct Node {
  Shape shape;
  std::vector<std::shared_ptr<Node>> inputs;  ///< null where an input wants no gradient
  std::function<void(Node& out)> backward;    ///< passes out.grad on to out.input(i); empty for leaves
  Array grad;
  Strides grad_strides;  ///< as it lies in memory; what asks for dy() gets it row after row
  bool has_grad = false;
  bool freed = false;                 ///< an earlier backward() went through here
  bool visited = false;               ///< for the walk over the tape
  std::uint64_t order = 0;            ///< position on the tape: inputs come before results
  std::function<void()> on_gradient;  ///< of a leaf: called when its gradient is complete
  std::uint64_t first_use = 0;        ///< of such a leaf: order of the first step that read it

  ~Node();

  GradSlot slot();
  GradSlot input(std::size_t i) { return inputs[i] ? inputs[i]->slot() : GradSlot{}; }
  /// The same with these strides, if it is the first to come or what is there has them too; else in rows.
  GradSlot input(std::size_t i, const Strides& strides);
  bool wants(std::size_t i) const { return inputs[i] != nullptr; }
  /// Hands on a gradient whole, with its memory, where an operation's gradient is its input's too.
  void hand_over(std::size_t i, Array&& gradient, Strides strides = {});
  /// The gradient, row after row.
  const float* dy() {
    make_contiguous();
    return grad.data();
  }
  void make_contiguous();
};

/// A fresh, uninitialised value.
inline Value make_value(Shape shape, Strides strides = {}) {
  return std::make_shared<Storage>(std::move(shape), std::move(strides));
}

/// What operations may see of a Tensor, and nobody else.
struct Inside {
  static Tensor make(Value value, std::shared_ptr<Node> node) {
    return Tensor(std::move(value), std::move(node));
  }
  static const Value& rows(const Tensor& x);  ///< the numbers, row after row
  static const Value& view(const Tensor& x);  ///< the numbers as they lie
  static const std::shared_ptr<Node>& node(const Tensor& x) { return x.node_; }  ///< null while off the tape
};

/// A new step on the tape behind these inputs.
std::shared_ptr<Node> record(const Shape& shape, std::initializer_list<const Tensor*> inputs);
std::shared_ptr<Node> record(const Shape& shape, const std::vector<Tensor>& inputs);

template <class Inputs>
bool any_wants_grad(const Inputs& inputs) {
  if (!grad_enabled()) return false;
  for (const auto& input : inputs) {
    if constexpr (std::is_pointer_v<std::decay_t<decltype(input)>>) {
      if (input->requires_grad()) return true;
    } else {
      if (input.requires_grad()) return true;
    }
  }
  return false;
}

/// The result of an operation, written on the tape if an input wants a gradient.
template <class Backward>
Tensor result(Value value, std::initializer_list<const Tensor*> inputs, Backward&& backward) {
  if (!any_wants_grad(inputs)) return Inside::make(std::move(value), nullptr);
  std::shared_ptr<Node> node = record(value->shape, inputs);
  node->backward = std::forward<Backward>(backward);
  return Inside::make(std::move(value), std::move(node));
}

/// out[i] = f(i) for all i, or out[i] += f(i) if the slot says so.
template <class F>
void fill(GradSlot out, std::size_t n, const F& f) {
  if (!out) return;
  parallel_for(n, plain_grain, [&](std::size_t begin, std::size_t end) {
    float* data = out.data;
    if (out.add) {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) data[i] += f(i);
    } else {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) data[i] = f(i);
    }
  });
}

/// value[i] = f(i) for all i.
template <class F>
void fill(Storage& value, const F& f) {
  fill(GradSlot{value.data(), /*add=*/false}, value.size(), f);
}

/// Axis as an index from 0. @throws std::invalid_argument if there is no such axis
std::size_t axis_index(const char* who, const Shape& shape, int axis);

}  // namespace gpt
