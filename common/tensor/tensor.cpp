#include "common/tensor/tensor.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/tensor/node.hpp"
#include "common/tensor/rng.hpp"

namespace gpt {
namespace {

thread_local bool recording = true;
thread_local std::uint64_t steps_recorded = 0;

// Every node that this one was computed from and that nobody else holds is freed here, in a loop: left to
// themselves, nodes would free each other by recursion, one stack frame for each operation ever done.
void free_tape(std::vector<std::shared_ptr<Node>> nodes) {
  while (!nodes.empty()) {
    std::shared_ptr<Node> node = std::move(nodes.back());
    nodes.pop_back();
    if (!node || node.use_count() > 1) continue;
    for (std::shared_ptr<Node>& input : node->inputs) nodes.push_back(std::move(input));
    node->inputs.clear();
  }
}

}  // namespace

// ---- Node

Node::~Node() {
  backward = nullptr;  // the closure of a with_backward() holds its inputs too
  if (!inputs.empty()) free_tape(std::move(inputs));
}

GradSlot Node::slot() {
  if (has_grad) {
    make_contiguous();
    return {grad.data(), /*add=*/true};
  }
  grad.resize(shape);
  grad_strides.clear();
  has_grad = true;
  return {grad.data(), /*add=*/false};
}

GradSlot Node::input(std::size_t i, const Strides& strides) {
  if (!inputs[i]) return {};
  Node& node = *inputs[i];
  if (node.has_grad && node.grad_strides == strides) return {node.grad.data(), /*add=*/true};
  const GradSlot slot = node.slot();
  if (!slot.add) node.grad_strides = strides;
  return slot;
}

void Node::hand_over(std::size_t i, Array&& gradient, Strides strides) {
  if (!inputs[i]) return;
  Node& input = *inputs[i];
  if (input.has_grad) return gather(gradient.data(), input.shape, strides, input.slot());
  input.grad = std::move(gradient);
  input.grad.reshape(input.shape);
  input.grad_strides = std::move(strides);
  input.has_grad = true;
}

void Node::make_contiguous() {
  if (grad_strides.empty()) return;
  Array rows = Array::from_shape(shape);
  gather(grad.data(), shape, grad_strides, GradSlot{rows.data(), /*add=*/false});
  grad = std::move(rows);
  grad_strides.clear();
}

// ---- Storage

void Storage::make_rows() {
  if (!strides.empty()) copy_rows();
}

void Storage::copy_rows() {
  if (rows) return;
  rows = make_value(shape);
  rows->version_ = version();  // the same numbers, so what was Kept of either is good for both
  gather(data_, shape, strides, GradSlot{rows->data(), /*add=*/false});
}

void Storage::let_go() {
  if (!owner_ || owner_ == rows) return;
  copy_rows();
  owner_ = rows;
  data_ = rows->data_;
  strides.clear();
}

std::shared_ptr<const Rounded> Storage::rounded() {
  std::shared_ptr<const Rounded>& kept = (owner_ ? *owner_ : *this).rounded_;
  if (!kept) {
    auto numbers = std::make_shared<Rounded>(size_);
    to_bfloat16(data_, size_, numbers->data());
    kept = std::move(numbers);
  }
  return kept;
}

void Storage::add_view(const Value& view) {
  auto& views = (owner_ ? *owner_ : *this).views_;
  std::erase_if(views, [](const std::weak_ptr<Storage>& one) { return one.expired(); });
  views.push_back(view);
}

void Storage::before_writing() {
  let_go();
  Storage& own = owner_ ? *owner_ : *this;
  for (const std::weak_ptr<Storage>& one : std::exchange(own.views_, {})) {
    if (const Value view = one.lock()) view->let_go();
  }
  own.rounded_ = nullptr;
  ++own.version_;
}

// ---- Kept

Storage& Kept::operator*() const {
  if (value_->version() != version_) {
    throw std::logic_error(
        "Tensor::backward: a tensor of shape " + to_string(value_->shape) +
        " was written to after the loss had been computed from it, and its old numbers are "
        "needed; change weights after backward(), not before");
  }
  return *value_;
}

std::shared_ptr<Node> record(const Shape& shape, std::initializer_list<const Tensor*> inputs) {
  auto node = std::make_shared<Node>();
  node->shape = shape;
  node->order = ++steps_recorded;
  node->inputs.reserve(inputs.size());
  for (const Tensor* input : inputs) node->inputs.push_back(Inside::node(*input));
  return node;
}

std::shared_ptr<Node> record(const Shape& shape, const std::vector<Tensor>& inputs) {
  std::shared_ptr<Node> node = record(shape, {});
  for (const Tensor& input : inputs) node->inputs.push_back(Inside::node(input));
  return node;
}

std::size_t axis_index(const char* who, const Shape& shape, int axis) {
  const int dims = static_cast<int>(shape.size());
  if (dims == 0) {
    throw std::invalid_argument(std::string(who) + ": shape () has no axes, got axis " +
                                std::to_string(axis));
  }
  if (axis < -dims || axis >= dims) {
    throw std::invalid_argument(std::string(who) + ": axis must be in [" + std::to_string(-dims) + ", " +
                                std::to_string(dims - 1) + "] for shape " + to_string(shape) + ", got " +
                                std::to_string(axis));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + dims : axis);
}

// ---- Tensor

Tensor::Tensor(std::shared_ptr<Storage> storage, std::shared_ptr<Node> node)
    : storage_(std::move(storage)), node_(std::move(node)) {}

Tensor Tensor::full(Shape shape, float value) {
  Value storage = make_value(std::move(shape));
  std::fill_n(storage->data(), storage->size(), value);
  return Tensor(std::move(storage), nullptr);
}

Tensor Tensor::from(Shape shape, std::span<const float> values) {
  if (values.size() != element_count(shape)) {
    throw std::invalid_argument("Tensor::from: shape " + to_string(shape) + " needs " +
                                std::to_string(element_count(shape)) + " values, got " +
                                std::to_string(values.size()));
  }
  Value storage = make_value(std::move(shape));
  std::copy(values.begin(), values.end(), storage->data());
  return Tensor(std::move(storage), nullptr);
}

Tensor Tensor::from(Shape shape, std::initializer_list<float> values) {
  return from(std::move(shape), std::span<const float>(values.begin(), values.size()));
}

Tensor Tensor::normal(Shape shape, float standard_deviation, Rng& rng) {
  Tensor x = zeros(std::move(shape));
  for (float& value : x.mutable_values()) value = standard_deviation * rng.normal();
  return x;
}

Tensor Tensor::uniform(Shape shape, float low, float high, Rng& rng) {
  Tensor x = zeros(std::move(shape));
  for (float& value : x.mutable_values()) value = rng.uniform(low, high);
  return x;
}

const Shape& Tensor::shape() const { return storage_->shape; }

std::size_t Tensor::size() const { return storage_->size(); }

std::size_t Tensor::size(int axis) const { return shape()[axis_index("Tensor::size", shape(), axis)]; }

const Value& Inside::view(const Tensor& x) { return x.storage_->rows ? x.storage_->rows : x.storage_; }

const Value& Inside::rows(const Tensor& x) {
  x.storage_->make_rows();
  return view(x);
}

std::span<const float> Tensor::values() const& { return {Inside::rows(*this)->data(), size()}; }

std::span<float> Tensor::mutable_values() const {
  storage_->before_writing();
  return {Inside::rows(*this)->data(), size()};
}

float Tensor::at(std::initializer_list<std::size_t> index) const {
  bool fits = index.size() == dim();
  std::size_t offset = 0;
  for (std::size_t axis = 0; fits && axis < dim(); ++axis) {
    fits = index.begin()[axis] < shape()[axis];
    offset = offset * shape()[axis] + index.begin()[axis];
  }
  if (!fits) {
    std::string text;  // -1 is what was meant where a size_t holds its largest number
    for (const std::size_t i : index)
      text += (text.empty() ? "" : ", ") + std::to_string(static_cast<long long>(i));
    throw std::invalid_argument("Tensor::at: index (" + text + ") is not inside shape " + to_string(shape()));
  }
  return values()[offset];
}

float Tensor::item() const {
  if (size() != 1) {
    throw std::invalid_argument("Tensor::item: the tensor must have one element, got shape " +
                                to_string(shape()));
  }
  return values()[0];
}

Tensor& Tensor::require_grad() {
  if (!node_) {
    node_ = std::make_shared<Node>();
    node_->shape = shape();
  }
  return *this;
}

std::span<const float> Tensor::grad() const {
  if (!node_ || !node_->has_grad) return {};
  return {node_->dy(), node_->grad.size()};
}

std::span<float> Tensor::mutable_grad() const {
  if (!node_)
    throw std::logic_error("Tensor::mutable_grad: this tensor wants no gradient; ask requires_grad() first");
  if (!node_->has_grad) {
    node_->slot();
    std::fill_n(node_->grad.data(), node_->grad.size(), 0.0f);
  }
  return {node_->slot().data, node_->grad.size()};
}

void Tensor::zero_grad() const {
  if (node_) node_->has_grad = false;  // the memory stays for the next step
}

void Tensor::on_gradient(std::function<void()> f) const {
  if (!node_ || node_->order != 0) {
    throw std::logic_error("Tensor::on_gradient: expected a leaf of the tape, made by require_grad(), got " +
                           std::string(node_ ? "a result" : "a tensor that wants no gradient"));
  }
  node_->on_gradient = std::move(f);
}

Tensor Tensor::detach() const { return Tensor(storage_, nullptr); }

Tensor Tensor::with_backward(Shape shape, std::span<const float> values, std::vector<Tensor> inputs,
                             std::function<void(std::span<const float>)> backward) {
  Tensor out = from(std::move(shape), values);
  if (!any_wants_grad(inputs)) return out;
  out.node_ = record(out.shape(), inputs);
  std::vector<Kept> kept;  // which of them the function looks at, nobody knows: none may change
  for (const Tensor& input : inputs) kept.emplace_back(Inside::view(input));
  out.node_->backward = [backward = std::move(backward), kept = std::move(kept)](Node& node) {
    for (const Kept& input : kept) *input;
    backward({node.dy(), node.grad.size()});
  };
  return out;
}

void Tensor::backward() const {
  if (size() != 1) {
    throw std::invalid_argument("Tensor::backward: start from a single number such as a loss, got shape " +
                                to_string(shape()));
  }
  if (!node_) {
    throw std::logic_error(
        "Tensor::backward: this tensor is not on the tape: no input wanted a gradient, or a NoGrad lives");
  }
  // All steps this one rests on, each once.
  std::vector<std::shared_ptr<Node>> steps{node_};
  node_->visited = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::shared_ptr<Node> step = steps[i];
    for (const std::shared_ptr<Node>& input : step->inputs) {
      if (!input) continue;
      if (input->on_gradient && (!input->visited || step->order < input->first_use))
        input->first_use = step->order;
      if (input->visited) continue;
      input->visited = true;
      steps.push_back(input);
    }
  }
  bool freed = false;
  for (const std::shared_ptr<Node>& step : steps) {
    step->visited = false;
    freed = freed || step->freed;
  }
  if (freed) {
    throw std::logic_error(
        "Tensor::backward: the tape behind this tensor was freed by an earlier backward(); "
        "compute the loss again first");
  }
  // Inputs were recorded before results: from the latest step to the earliest, every gradient is complete
  // when it is passed on. Steps are let go one by one, so that what they held is free for the next.
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a->order < b->order; });
  if (node_->backward) node_->has_grad = false;  // left by a backward() whose with_backward() threw
  const GradSlot start = node_->slot();
  start.data[0] = start.add ? start.data[0] + 1.0f : 1.0f;
  while (!steps.empty()) {
    const std::shared_ptr<Node> step = std::move(steps.back());
    steps.pop_back();
    if (!step->backward) continue;  // a leaf: its gradient stays
    if (!step->has_grad) {          // a with_backward() added nothing to it
      const GradSlot none = step->slot();
      std::fill_n(none.data, step->grad.size(), 0.0f);
    }
    step->backward(*step);
    step->backward = nullptr;
    for (const std::shared_ptr<Node>& input : step->inputs) {
      if (!input || !input->on_gradient || input->first_use != step->order) continue;
      input->first_use = 0;  // a step may have it as an input twice
      input->on_gradient();
    }
    step->inputs.clear();
    step->grad = Array();
    step->has_grad = false;
    step->freed = true;
  }
}

std::span<const float> last_row(const Tensor& x) {
  if (x.dim() == 0) throw std::invalid_argument("last_row: x must have an axis, got a scalar");
  return x.values().last(x.shape().back());
}

NoGrad::NoGrad() : before_(recording) { recording = false; }
NoGrad::~NoGrad() { recording = before_; }

bool grad_enabled() { return recording; }

}  // namespace gpt
