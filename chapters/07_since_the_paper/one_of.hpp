/// @file one_of.hpp
/// Chapter 7. A part that is chosen when the program runs.
#pragma once

#include <variant>

#include "common/gpt.hpp"

namespace gpt {

/// The part that leaves everything as it is. Shapes: any -> the same. No parameters.
struct Nothing {
  Tensor operator()(const Tensor& x) const { return x; }  ///< x itself
  Parameters parameters() const { return {}; }            ///< none
};

/// One of several parts of the same shapes, whose parameters are its own.
template <Module... Parts>
class OneOf {
 public:
  /// @param part the one that was chosen
  template <Module Part>
  OneOf(Part part) : part_(std::move(part)) {}

  /// What the part makes of x.
  Tensor operator()(const Tensor& x) const {
    return std::visit([&](const auto& part) { return part(x); }, part_);
  }

  /// Its weights.
  Parameters parameters() const {
    return std::visit([](const auto& part) { return part.parameters(); }, part_);
  }

 private:
  std::variant<Parts...> part_;
};

}  // namespace gpt
