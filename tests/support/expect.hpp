/// @file expect.hpp
/// What chapters' tests expect, said in the terms of their subject: "row 3 of the
/// attention weights sums to 1.37, expected 1" helps a learner more than "false ==
/// true" does. All of them end the test at the first that fails.
///
/// `what` begins each message: name the thing that is looked at, "Head(8, 4), 2nd head".
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/nn/nn.hpp"          // Parameters
#include "common/tensor/check.hpp"   // Shape
#include "common/tensor/tensor.hpp"  // Tensor

namespace gpt {

/// Thrown by all of them; Catch2 shows its text.
class Unmet : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The door for everything that has no function of its own: `message` tells what is
/// wrong if this does not hold.
void expect(bool holds, const std::string& message);

/// "WHAT: expected shape (2, 4, 8), got (2, 8, 4)"
void expect_shape(const std::string& what, const Tensor& got, const Shape& expected);

/// "WHAT: expected 0.5 at (1, 2), got 0.7". Values are row-major; 0.7 may be off by `tolerance`, or by that
/// share of what was expected if this is larger than 1. Infinities equal themselves, NaN equals nothing.
void expect_close(const std::string& what, const Tensor& got, const std::vector<float>& expected,
                  float tolerance = 1e-5f);
/// The same against another tensor, whose shape is expected too.
void expect_close(const std::string& what, const Tensor& got, const Tensor& expected,
                  float tolerance = 1e-5f);
/// The numbers that a typical mistake would give, and a name for that mistake.
struct Mistake {
  std::vector<float> gives;
  std::string what;
};

/// The same, with an eye for typical mistakes: "WHAT: expected 5 at (0, 1, 0), got 4.4:
/// the scores are not scaled"
void expect_close(const std::string& what, const Tensor& got, const std::vector<float>& expected,
                  const std::vector<Mistake>& mistakes, float tolerance = 1e-5f);
/// "WHAT: expected 4.17, got 3.9"
void expect_close(const std::string& what, float got, float expected, float tolerance = 1e-5f);

/// "WHAT: expected 3, got 4"
void expect_equal(const std::string& what, long long got, long long expected);
/// "WHAT: expected "abc", got "abd""
void expect_equal(const std::string& what, const std::string& got, const std::string& expected);
/// "WHAT: expected 7 at index 3, got 8", or, if the lengths differ, both lists
void expect_equal(const std::string& what, const std::vector<int>& got, const std::vector<int>& expected);

/// f gives the same when it is called again, and leaves these tensors as they were: "WHAT: 0.5 at (1, 2) of x became 0.7:
/// what is passed in is read, and never written to"
void expect_pure(const std::string& what, const std::function<Tensor()>& f, const Parameters& inputs);

/// Every row along the last axis sums to 1: "row 3 of WHAT sums to 1.37, expected 1"
void expect_rows_sum_to_1(const std::string& what, const Tensor& weights);

/// Changes one position of x (B, T, C) after the other: what f gives for the positions before it must stay
/// the same. "WHAT: position 2 changed when token 5 did: the mask lets the future through"
void expect_causal(const std::string& what, const std::function<Tensor(const Tensor&)>& f, const Tensor& x);

/// Compares what backward() leaves in grad() of each input with central differences of f.
/// "WHAT: the gradient of query.weight at (0, 3) should be 0.25, got 0.5"
/// @param f      computes a tensor of any shape from the inputs, anew on each call
/// @param inputs on the tape already (require_grad()); f must read them through their handles.
///               Values should keep away from kinks, such as that of ReLU at 0
void expect_gradient(const std::string& what, const std::function<Tensor()>& f, const Parameters& inputs,
                     float tolerance = 1e-2f);
/// The same for one input, which is named "its input" in messages.
void expect_gradient(const std::string& what, const std::function<Tensor()>& f, const Tensor& input,
                     float tolerance = 1e-2f);

/// f must throw std::invalid_argument, its text must contain `text`.
/// "WHAT: expected an error that says "must be positive", but there was none"
void expect_error(const std::string& what, const std::function<void()>& f, const std::string& text);

/// The weights' names and shapes, in order.
/// "WHAT: expected weight 2 to be key.weight (8, 4), got query.weight (8, 4)"
void expect_parameters(const std::string& what, const Parameters& got,
                       const std::vector<std::pair<std::string, Shape>>& expected);

}  // namespace gpt
