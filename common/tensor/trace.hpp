/// @file trace.hpp
/// A look inside a forward pass: the numbers that the code gives a name are kept
/// while somebody asks for them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace gpt {

/// A tensor on its way through a model, and where: "blocks.2.heads.1.weights".
struct TracedTensor {
  std::string name;  ///< the lists it was met in, as parameters are named, and its own name last
  Tensor tensor;     ///< off the tape
};

/// While one of these lives, it keeps what is noted:
///
///     const Trace trace;
///     const Tensor logits = model(tokens);
///     for (const TracedTensor& noted : trace.noted()) show(noted.name, noted.tensor);
///
/// For forward passes on one thread; one that is trained meanwhile would be kept whole, step after step.
class Trace {
 public:
  /// @throws std::logic_error if another one lives
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  /// In the order in which they came. A name that comes again gets a number: "weights", "weights (2)".
  const std::vector<TracedTensor>& noted() const { return noted_; }

  static bool alive() { return current_ != nullptr; }  ///< is anybody asking?

 private:
  friend Tensor note(const char* name, Tensor tensor);
  template <class Part>
  friend class Numbered;
  void keep(const char* name, const Tensor& tensor);

  static inline Trace* current_ = nullptr;
  std::string place_;  // where the forward pass is, "blocks.2."
  std::vector<TracedTensor> noted_;
};

/// Gives a tensor a name for those who look inside, and hands it on:
/// `const Tensor weights = note("weights", softmax(scores));`. While no Trace lives, that is all it does.
inline Tensor note(const char* name, Tensor tensor) {
  if (Trace::alive()) Trace::current_->keep(name, tensor);
  return tensor;
}

/// What numbered() makes.
template <class Part>
class Numbered {
 public:
  /// Stands at one part of the list, which the trace's place then names.
  class Iterator {
   public:
    /// @param at where in the list
    Iterator(const Numbered& all, std::size_t at) : all_(&all), at_(at) {}
    /// The part; from now on, what is noted belongs to it.
    const Part& operator*() const {
      if (Trace::alive()) place() = all_->before_ + all_->name_ + "." + std::to_string(at_) + ".";
      return all_->parts_[at_];
    }
    /// To the next part.
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    /// Do both stand at the same part?
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const Numbered* all_;
    std::size_t at_;
  };

  /// @param name  of the list
  /// @param parts must outlive this object
  Numbered(const char* name, const std::vector<Part>& parts) : name_(name), parts_(parts) {
    if (Trace::alive()) before_ = place();
  }
  ~Numbered() {
    if (Trace::alive()) place() = before_;
  }
  Numbered(const Numbered&) = delete;
  Numbered& operator=(const Numbered&) = delete;

  Iterator begin() const { return {*this, 0}; }            ///< the first part
  Iterator end() const { return {*this, parts_.size()}; }  ///< after the last

 private:
  static std::string& place() { return Trace::current_->place_; }

  const char* name_;
  const std::vector<Part>& parts_;
  std::string before_;  // the place before the loop
};

/// The parts of a list for a loop, each by its number: in `for (const Head& head :
/// numbered("heads", heads_))`, what head 1 notes as "weights" is named "heads.1.weights".
/// While no Trace lives, it is the list itself.
template <class Part>
Numbered<Part> numbered(const char* name, const std::vector<Part>& parts) {
  return {name, parts};
}
template <class Part>
Numbered<Part> numbered(const char* name,
                        std::vector<Part>&& parts) = delete;  // it would be gone in the loop

}  // namespace gpt
