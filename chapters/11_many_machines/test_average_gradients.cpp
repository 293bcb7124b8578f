#include "11_many_machines/average_gradients.hpp"

#include "11_many_machines/thread_ranks.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

/// Weights of a few shapes with gradients that differ from rank to rank: gradient i of rank r is 1 + i + 100 r.
Parameters weights_with_gradients(std::size_t rank, const std::vector<Shape>& shapes) {
  Parameters weights;
  float next = 1 + 100.0f * float(rank);
  for (const Shape& shape : shapes) {
    weights.push_back({"w" + std::to_string(weights.size()), Tensor::zeros(shape).require_grad()});
    for (float& g : weights.back().tensor.mutable_grad()) g = next++;
  }
  return weights;
}

const std::vector<Shape> shapes{{2, 3}, {5}, {1}, {7, 2}};

using Average = void (*)(const Parameters&, Ranks&);

/// What P ranks have after averaging, and in how many messages.
std::size_t averaged(Average average, std::size_t P, std::vector<Parameters>& of_rank) {
  of_rank.clear();
  for (std::size_t r = 0; r < P; ++r) of_rank.push_back(weights_with_gradients(r, shapes));
  return on_threads(P, [&](Ranks& ranks) { average(of_rank[ranks.rank()], ranks); });
}

void expect_means(const std::string& who, Average average) {
  for (const std::size_t P : {2, 3, 5, 1}) {
    std::vector<Parameters> of_rank;
    averaged(average, P, of_rank);
    for (std::size_t r = 0; r < P; ++r) {
      float i = 1;
      for (const auto& [name, weight] : of_rank[r]) {
        for (const float g : weight.grad()) {
          const float mean = i + 100.0f * float(P - 1) / 2;
          expect(P == 1 || std::abs(g - mean * float(P)) > 1e-3f || mean == 0,
                 who + ": gradients are added up; divide the sum by the number of ranks");
          const float own = i + 100.0f * float(r);
          expect(std::abs(g - own) > 1e-3f || std::abs(mean - own) < 1e-3f,
                 who + ": rank " + std::to_string(r) + " has kept its own gradients");
          expect_close(who + ", " + std::to_string(P) + " ranks: gradient of " + name + " on rank " +
                           std::to_string(r),
                       g, mean, 1e-3f);
          ++i;
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("average_one_by_one: the mean over all ranks, on all of them", "[ch11][average_gradients]") {
  expect_means("average_one_by_one", average_one_by_one);
}

TEST_CASE("average_gradients: the mean over all ranks, on all of them", "[ch11][average_gradients]") {
  expect_means("average_gradients", average_gradients);
}

TEST_CASE("average_gradients: one message, whatever the number of weights", "[ch11][average_gradients]") {
  std::vector<Parameters> of_rank;
  const std::size_t each = averaged(average_one_by_one, 2, of_rank);
  expect(each == shapes.size(),
         "average_one_by_one: expected a message for each of the 4 weights, got " + std::to_string(each));
  const std::size_t together = averaged(average_gradients, 2, of_rank);
  expect(together == 1,
         "average_gradients: expected one message for all weights together, got " + std::to_string(together));
}

TEST_CASE("average_gradients: a weight without a gradient counts as zeros", "[ch11][average_gradients]") {
  // Rank 1's part of the batch did not reach the weight.
  std::vector<Tensor> weight;
  for (int r = 0; r < 2; ++r) weight.push_back(Tensor::zeros({3}).require_grad());
  for (float& g : weight[0].mutable_grad()) g = 4;
  on_threads(2, [&](Ranks& ranks) { average_gradients({{"w", weight[ranks.rank()]}}, ranks); });
  for (const Tensor& w : weight) {
    expect(w.grad().size() == 3,
           "average_gradients: a weight that one rank has no gradient for has none at the end");
    for (const float g : w.grad()) expect_close("average_gradients of 4 and nothing, on 2 ranks", g, 2.0f);
  }
}

TEST_CASE("share_weights: all ranks begin with rank 0's", "[ch11][average_gradients]") {
  std::vector<Parameters> of_rank(3);
  for (std::size_t r = 0; r < 3; ++r) {
    of_rank[r] = {{"a", Tensor::full({2, 2}, float(r + 1))}, {"b", Tensor::full({3}, float(10 * (r + 1)))}};
  }
  on_threads(3, [&](Ranks& ranks) { share_weights(of_rank[ranks.rank()], ranks); });
  for (const Parameters& weights : of_rank) {
    expect_close("share_weights: a", weights[0].tensor, {1, 1, 1, 1});
    expect_close("share_weights: b", weights[1].tensor, {10, 10, 10});
  }
}
