/// @file test_reference_ops.cpp
/// Every operation gives PyTorch's numbers, forwards and backwards.
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "07_since_the_paper/rotate.hpp"
#include "common/tensor/ops.hpp"
#include "tests/reference/reference.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

namespace {

using Inputs = std::vector<Tensor>;

/// What to do for the cases whose name begins so; the rest of a case's name, after the colon,
/// tells it from the others.
using Operation = std::function<Tensor(const Inputs&, const Tokens&)>;

Tensor composed_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(q.size(-1)));
  return matmul(softmax(causal_mask(matmul(q, transpose(k)) * scale)), v);
}

/// All that it gives beside each other, (B, T + 2, H): outputs, last h, last c.
Tensor all_of(const LSTMResult& result) {
  const std::size_t B = result.outputs.shape()[0], H = result.outputs.shape()[2];
  return concatenate({result.outputs, reshape(result.last.h, {B, 1, H}), reshape(result.last.c, {B, 1, H})},
                     1);
}

/// For operations on one tensor.
Operation unary(Tensor (*f)(const Tensor&)) {
  return [f](const Inputs& in, const Tokens&) { return f(in[0]); };
}

const std::map<std::string, Operation> operations = {
    {"add", [](const Inputs& in, const Tokens&) { return in[0] + in[1]; }},
    {"subtract", [](const Inputs& in, const Tokens&) { return in[0] - in[1]; }},
    {"multiply", [](const Inputs& in, const Tokens&) { return in[0] * in[1]; }},
    {"divide", [](const Inputs& in, const Tokens&) { return in[0] / in[1]; }},
    {"add_number", [](const Inputs& in, const Tokens&) { return in[0] + 1.5f; }},
    {"subtract_number", [](const Inputs& in, const Tokens&) { return in[0] - 1.5f; }},
    {"multiply_number", [](const Inputs& in, const Tokens&) { return in[0] * 1.5f; }},
    {"divide_number", [](const Inputs& in, const Tokens&) { return in[0] / 1.5f; }},
    {"number_add", [](const Inputs& in, const Tokens&) { return 1.5f + in[0]; }},
    {"number_subtract", [](const Inputs& in, const Tokens&) { return 1.5f - in[0]; }},
    {"number_multiply", [](const Inputs& in, const Tokens&) { return 1.5f * in[0]; }},
    {"number_divide", [](const Inputs& in, const Tokens&) { return 1.5f / in[0]; }},
    {"negate", [](const Inputs& in, const Tokens&) { return -in[0]; }},
    {"exp", unary(exp)},
    {"log", unary(log)},
    {"tanh", unary(tanh)},
    {"sqrt", unary(sqrt)},
    {"relu", unary(relu)},
    {"gelu", unary(gelu)},
    {"silu", unary(silu)},
    {"relu_squared", unary(relu_squared)},
    {"silu_gate", [](const Inputs& in, const Tokens&) { return silu_gate(in[0], in[1]); }},
    {"rms_norm", [](const Inputs& in, const Tokens&) { return rms_norm(in[0], in[1]); }},
    {"rotate",
     [](const Inputs& in, const Tokens&) { return Rotation(in[0].size(-2), in[0].size(-1))(in[0]); }},
    {"grouped_causal_attention",
     [](const Inputs& in, const Tokens&) { return causal_attention(in[0], in[1], in[2]); }},
    {"matmul", [](const Inputs& in, const Tokens&) { return matmul(in[0], in[1]); }},
    {"matmul_a_transposed", [](const Inputs& in, const Tokens&) { return matmul(transpose(in[0]), in[1]); }},
    {"matmul_b_transposed", [](const Inputs& in, const Tokens&) { return matmul(in[0], transpose(in[1])); }},
    {"matmul_both_transposed",
     [](const Inputs& in, const Tokens&) { return matmul(transpose(in[0]), transpose(in[1])); }},
    {"transpose", unary(transpose)},
    {"linear", [](const Inputs& in, const Tokens&) { return linear(in[0], in[1]); }},
    {"linear_with_bias", [](const Inputs& in, const Tokens&) { return linear(in[0], in[1], in[2]); }},
    {"permute_10",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {1, 0});
     }},
    {"permute_201",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {2, 0, 1});
     }},
    {"permute_120",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {1, 2, 0});
     }},
    {"permute_102",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {1, 0, 2});
     }},
    {"permute_210",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {2, 1, 0});
     }},
    {"permute_0213",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {0, 2, 1, 3});
     }},
    {"permute_3102",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {3, 1, 0, 2});
     }},
    {"permute_2301",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {2, 3, 0, 1});
     }},
    {"permute_0123",
     [](const Inputs& in, const Tokens&) {
       return permute(in[0], {0, 1, 2, 3});
     }},
    {"reshape_to_4x6",
     [](const Inputs& in, const Tokens&) {
       return reshape(in[0], {4, 6});
     }},
    {"reshape_to_2x3x4",
     [](const Inputs& in, const Tokens&) {
       return reshape(in[0], {2, 3, 4});
     }},
    {"reshape_to_scalar", [](const Inputs& in, const Tokens&) { return reshape(in[0], {}); }},
    {"reshape_to_2x1x3x2",
     [](const Inputs& in, const Tokens&) {
       return reshape(in[0], {2, 1, 3, 2});
     }},
    {"slice_axis_0_from_1_to_3", [](const Inputs& in, const Tokens&) { return slice(in[0], 0, 1, 3); }},
    {"slice_axis_1_from_0_to_1", [](const Inputs& in, const Tokens&) { return slice(in[0], 1, 0, 1); }},
    {"slice_axis_-1_from_2_to_5", [](const Inputs& in, const Tokens&) { return slice(in[0], -1, 2, 5); }},
    {"slice_axis_0_from_0_to_2", [](const Inputs& in, const Tokens&) { return slice(in[0], 0, 0, 2); }},
    {"concatenate_axis_0", [](const Inputs& in, const Tokens&) { return concatenate(in, 0); }},
    {"concatenate_axis_1", [](const Inputs& in, const Tokens&) { return concatenate(in, 1); }},
    {"concatenate_axis_-1", [](const Inputs& in, const Tokens&) { return concatenate(in, -1); }},
    {"concatenate_axis_-2", [](const Inputs& in, const Tokens&) { return concatenate(in, -2); }},
    {"sum_axis_0", [](const Inputs& in, const Tokens&) { return sum(in[0], 0); }},
    {"sum_axis_1", [](const Inputs& in, const Tokens&) { return sum(in[0], 1); }},
    {"sum_axis_-1", [](const Inputs& in, const Tokens&) { return sum(in[0], -1); }},
    {"sum_axis_-2", [](const Inputs& in, const Tokens&) { return sum(in[0], -2); }},
    {"sum_all", [](const Inputs& in, const Tokens&) { return sum(in[0]); }},
    {"mean_axis_0", [](const Inputs& in, const Tokens&) { return mean(in[0], 0); }},
    {"mean_axis_1", [](const Inputs& in, const Tokens&) { return mean(in[0], 1); }},
    {"mean_axis_-1", [](const Inputs& in, const Tokens&) { return mean(in[0], -1); }},
    {"mean_axis_-2", [](const Inputs& in, const Tokens&) { return mean(in[0], -2); }},
    {"mean_all", [](const Inputs& in, const Tokens&) { return mean(in[0]); }},
    {"max_axis_0", [](const Inputs& in, const Tokens&) { return max(in[0], 0); }},
    {"max_axis_1", [](const Inputs& in, const Tokens&) { return max(in[0], 1); }},
    {"max_axis_-1", [](const Inputs& in, const Tokens&) { return max(in[0], -1); }},
    {"max_axis_-2", [](const Inputs& in, const Tokens&) { return max(in[0], -2); }},
    {"softmax", unary(softmax)},
    {"log_softmax", unary(log_softmax)},
    {"causal_mask", unary(causal_mask)},
    {"softmax_of_causal_mask", [](const Inputs& in, const Tokens&) { return softmax(causal_mask(in[0])); }},
    {"pick", [](const Inputs& in, const Tokens& ids) { return pick(in[0], ids); }},
    {"cross_entropy", [](const Inputs& in, const Tokens& ids) { return cross_entropy(in[0], ids); }},
    {"embedding", [](const Inputs& in, const Tokens& ids) { return embedding(in[0], ids); }},
    {"layer_norm", [](const Inputs& in, const Tokens&) { return layer_norm(in[0], in[1], in[2]); }},
    {"layer_norm_epsilon_0.1",
     [](const Inputs& in, const Tokens&) { return layer_norm(in[0], in[1], in[2], /*epsilon=*/0.1f); }},
    {"causal_attention",
     [](const Inputs& in, const Tokens&) { return causal_attention(in[0], in[1], in[2]); }},
    {"composed_causal_attention",
     [](const Inputs& in, const Tokens&) { return composed_attention(in[0], in[1], in[2]); }},
    {"used_twice", [](const Inputs& in, const Tokens&) { return (in[0] + in[0]) * in[0]; }},
    {"lstm", [](const Inputs& in,
                const Tokens&) { return all_of(lstm(linear(in[0], in[1], in[2]), in[3], {in[4], in[5]})); }},
    {"lstm_from_zeros",
     [](const Inputs& in, const Tokens&) { return all_of(lstm(linear(in[0], in[1], in[2]), in[3])); }},
    {"attends_to_itself",
     [](const Inputs& in, const Tokens&) { return causal_attention(in[0], in[0], in[0]); }},
};

std::string operation_name(const std::string& case_name) { return case_name.substr(0, case_name.find(':')); }

}  // namespace

TEST_CASE("reference: every operation has cases, and every case an operation", "[reference][ops]") {
  std::set<std::string> in_file;
  for (const std::string& case_name : Reference("operations").cases())
    in_file.insert(operation_name(case_name));
  std::set<std::string> here;
  for (const auto& [name, operation] : operations) here.insert(name);
  CHECK(in_file == here);
}

TEST_CASE("reference: operations and their gradients agree with PyTorch to 1e-5", "[reference][ops]") {
  const Reference reference("operations");
  for (const std::string& case_name : reference.cases()) {
    INFO(case_name);
    Inputs inputs = reference.numbered(case_name, "in");
    for (Tensor& x : inputs) x.require_grad();
    const Tokens ids = reference.has(case_name, "ids") ? reference.tokens(case_name, "ids") : Tokens{};

    const Tensor out = operations.at(operation_name(case_name))(inputs, ids);
    const Tensor expected = reference.tensor(case_name, "out");
    REQUIRE(to_string(out.shape()) == to_string(expected.shape()));
    CHECK(distance(out.values(), expected.values()) <= 1e-5);

    sum(out * reference.tensor(case_name, "r")).backward();
    const std::vector<Tensor> gradients = reference.numbered(case_name, "grad");
    REQUIRE(gradients.size() == inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      INFO("gradient of input " << i);
      CHECK(distance(inputs[i].grad(), gradients[i].values()) <= 1e-5);
    }
  }
}

TEST_CASE("reference: distance sees what is wrong", "[reference]") {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto apart = [](std::vector<float> a, std::vector<float> b) { return distance(a, b); };
  CHECK(apart({1, -2, infinity}, {1, -2, infinity}) == 0);
  CHECK(apart({3}, {2}) == 0.5);        // 1 / ((2 + 2) / 2)
  CHECK(apart({4, 1}, {4, 0}) == 0.5);  // 1 / ((0 + 4) / 2)
  CHECK(apart({1, 0}, {0, 0}) > 1);     // all should be 0
  CHECK(apart({1, 2}, {1}) == infinity);
  CHECK(apart({NAN, 2}, {1, 2}) == infinity);
  CHECK(apart({infinity, 2}, {-infinity, 2}) == infinity);
}
