/// @file tensor.hpp
/// A block of float32 numbers that remembers how it was computed.
///
/// The letters used throughout: B sequences in a batch, T positions in a sequence, C channels, H heads, hs
/// head size (C / H), V vocabulary size. Layout is row-major: the last axis is contiguous.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/tensor/shape.hpp"  // Shape

// The attention mask is made of infinities, and a run that went wrong shows as NaN: both are gone with these flags.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error \
    "Bardling does not compute right with -ffast-math, -Ofast or -ffinite-math-only: take them out of CXXFLAGS"
#endif

namespace gpt {

struct Storage;  // node.hpp: shape and numbers
struct Node;     // node.hpp: one step on the tape
class Rng;

/// Token ids, which are integers and never live in a Tensor: B rows of T ids, row after row.
struct Tokens {
  std::size_t B;         ///< sequences
  std::size_t T;         ///< positions in each
  std::vector<int> ids;  ///< (B, T)
};

/// As a target: whatever the model says here does not count.
inline constexpr int no_target = -1;

/// A handle to numbers and to their place on the tape. Copying a Tensor copies the handle, not the numbers;
/// and as with a pointer, a const handle does not make constant what it points to.
///
/// Every operation of ops.hpp that sees an input which wants a gradient writes itself on the tape: which
/// inputs it had, and how to pass a gradient back to them. backward() reads the tape from its end
/// (reverse-mode automatic differentiation, Baydin et al. 2018, arXiv:1502.05767, section 3.2).
class Tensor {
 public:
  static Tensor zeros(Shape shape) { return full(std::move(shape), 0.0f); }  ///< 0 everywhere
  static Tensor full(Shape shape, float value);                              ///< value everywhere
  /// These numbers, row after row.
  /// @throws std::invalid_argument unless values holds one number for each element of shape
  static Tensor from(Shape shape, std::span<const float> values);
  /// The same with the numbers written out: `Tensor::from({2, 2}, {1, 2, 3, 4})`.
  static Tensor from(Shape shape, std::initializer_list<float> values);
  /// Independent draws from a normal distribution with mean 0.
  static Tensor normal(Shape shape, float standard_deviation, Rng& rng);
  /// Independent draws from [low, high).
  static Tensor uniform(Shape shape, float low, float high, Rng& rng);

  const Shape& shape() const;                         ///< sizes of the axes, outermost first
  std::size_t dim() const { return shape().size(); }  ///< number of axes
  std::size_t size() const;                           ///< number of elements
  /// Size of one axis; negative axes count from the end.
  /// @throws std::invalid_argument if there is no such axis
  std::size_t size(int axis) const;

  std::span<const float> values() const&;  ///< all elements, row-major
  /// What `softmax(x).values()` would point to is gone when the line ends: name the tensor first.
  std::span<const float> values() const&& = delete;
  /// The same for those who write weights: optimisers, initialisers, checkpoints.
  std::span<float> mutable_values() const;
  /// One element. @throws std::invalid_argument unless index names one
  float at(std::initializer_list<std::size_t> index) const;
  /// The only element. @throws std::invalid_argument unless there is exactly one
  float item() const;

  bool requires_grad() const { return node_ != nullptr; }  ///< is it on the tape?
  /// Makes this tensor a leaf of the tape, as weights are: backward() will leave its gradient here.
  Tensor& require_grad();
  /// d loss / d this, row-major; empty until a backward() reached this tensor.
  std::span<const float> grad() const;
  /// The same to add to, zeros at first. For operations written outside the library, see with_backward().
  std::span<float> mutable_grad() const;
  void zero_grad() const;  ///< forgets the gradient
  /// Calls f in every backward() that reaches this leaf, as soon as its gradient is complete: those of other
  /// leaves may still be to come. An empty f takes it off again.
  /// @throws std::logic_error unless this is a leaf, see require_grad()
  void on_gradient(std::function<void()> f) const;
  Tensor detach() const;  ///< the same numbers, off the tape

  /// Fills grad() of every leaf this scalar was computed from, adding to what is there,
  /// and frees the tape behind it.
  /// @throws std::invalid_argument unless this is a single number
  /// @throws std::logic_error if it is not on the tape, or the tape behind it was
  /// freed by an earlier backward()
  void backward() const;

  /// An operation of your own: its result, its inputs, and how a gradient of the result goes back to them.
  /// @param values   the result, row-major
  /// @param backward is given d loss / d result and adds to mutable_grad() of each input that wants a gradient;
  ///                 it must not capture the result itself
  static Tensor with_backward(Shape shape, std::span<const float> values, std::vector<Tensor> inputs,
                              std::function<void(std::span<const float>)> backward);

 private:
  friend struct Inside;  // node.hpp: for operations
  Tensor(std::shared_ptr<Storage> storage, std::shared_ptr<Node> node);

  std::shared_ptr<Storage> storage_;
  std::shared_ptr<Node> node_;  // null while off the tape
};

/// The last row: of logits (1, T, V), those of the last position. Valid while x lives.
/// @throws std::invalid_argument if x is a scalar
std::span<const float> last_row(const Tensor& x);
std::span<const float> last_row(Tensor&&) = delete;  // its numbers would be gone

/// While one of these lives, nothing is written on the tape: for evaluation and for generating text.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// False while a NoGrad lives. Dropout drops only while this is true.
bool grad_enabled();

}  // namespace gpt
