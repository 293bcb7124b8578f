#include "common/tensor/trace.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "common/tensor/ops.hpp"
#include "common/tensor/rng.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

std::vector<std::string> names(const Trace& trace) {
  std::vector<std::string> all;
  for (const TracedTensor& noted : trace.noted()) all.push_back(noted.name);
  return all;
}

const Tensor one = Tensor::from({1}, {1});

// Two levels of lists, as blocks of heads are.
struct Leaf {
  float value;
};
struct Branch {
  std::vector<Leaf> leaves;
  void walk() const {
    for (const Leaf& leaf : numbered("leaves", leaves)) note("value", Tensor::from({1}, {leaf.value}));
    note("end", one);
  }
};
const std::vector<Branch> branches{{{{1}, {2}}}, {{{3}}}};

bool same_numbers(const Tensor& a, const Tensor& b) { return a.values().data() == b.values().data(); }

TEST_CASE("note: hands its tensor on, and keeps nothing where nobody asks", "[trace]") {
  CHECK_FALSE(Trace::alive());
  const Tensor x = Tensor::from({2}, {3, 4});
  CHECK(same_numbers(note("x", x), x));
  const Trace trace;
  CHECK(Trace::alive());
  CHECK(trace.noted().empty());
  CHECK(same_numbers(note("x", x), x));
}

TEST_CASE("Trace: keeps names and numbers, in order", "[trace]") {
  const Trace trace;
  note("a", Tensor::from({2}, {3, 4}));
  note("b", one);
  REQUIRE(names(trace) == std::vector<std::string>{"a", "b"});
  CHECK(trace.noted()[0].tensor.at({1}) == 4);
}

TEST_CASE("Trace: keeps tensors off the tape, and leaves the forward pass on it", "[trace]") {
  Tensor x = Tensor::from({2}, {3, 4});
  x.require_grad();
  const Trace trace;
  const Tensor y = note("y", x * x);
  CHECK_FALSE(trace.noted()[0].tensor.requires_grad());
  sum(y).backward();
  CHECK(x.grad()[0] == 6);
}

TEST_CASE("Trace: a name that comes again gets a number", "[trace]") {
  const Trace trace;
  for (int i = 0; i < 3; ++i) note("a", one);
  CHECK(names(trace) == std::vector<std::string>{"a", "a (2)", "a (3)"});
}

TEST_CASE("numbered: names what is noted in a loop by the loop's number, also in loops within", "[trace]") {
  const Trace trace;
  for (const Branch& branch : numbered("branches", branches)) branch.walk();
  note("last", one);
  CHECK(names(trace) == std::vector<std::string>{"branches.0.leaves.0.value", "branches.0.leaves.1.value",
                                                 "branches.0.end", "branches.1.leaves.0.value",
                                                 "branches.1.end", "last"});
  CHECK(trace.noted()[3].tensor.item() == 3);
}

TEST_CASE("numbered: is the list itself while nobody asks", "[trace]") {
  std::vector<const Branch*> met;
  for (const Branch& branch : numbered("branches", branches)) met.push_back(&branch);
  CHECK(met == std::vector<const Branch*>{&branches[0], &branches[1]});
  const std::vector<Leaf> none;
  for (const Leaf& leaf : numbered("leaves", none)) FAIL(leaf.value);
}

TEST_CASE("numbered: a loop that is left early, by an exception or a break, leaves no trace of its name",
          "[trace]") {
  const Trace trace;
  const auto fail_in_second = [] {
    for (const Branch& branch : numbered("branches", branches)) {
      if (&branch == &branches[1]) throw std::runtime_error("enough");
    }
  };
  CHECK_THROWS_AS(fail_in_second(), std::runtime_error);
  note("a", one);
  for (const Branch& branch : numbered("branches", branches)) {
    branch.walk();
    break;
  }
  note("b", one);
  CHECK(names(trace).front() == "a");
  CHECK(names(trace).back() == "b");
}

TEST_CASE("Trace: one that begins or ends within a loop does no harm", "[trace]") {
  for (const Branch& branch : numbered("branches", branches)) {
    const Trace trace;
    branch.walk();
    CHECK(names(trace).back() == "end");
  }
  const Trace trace;
  note("a", one);
  CHECK(names(trace) == std::vector<std::string>{"a"});
}

TEST_CASE("Trace: a second one is refused while the first lives, and the first goes on", "[trace]") {
  const Trace trace;
  CHECK_THROWS_AS(Trace(), std::logic_error);
  note("a", one);
  CHECK(names(trace) == std::vector<std::string>{"a"});
}

TEST_CASE("Trace: the next one can come when the first is gone, also by an exception", "[trace]") {
  const auto fail = [] {
    const Trace trace;
    throw std::runtime_error("enough");
  };
  CHECK_THROWS_AS(fail(), std::runtime_error);
  CHECK_FALSE(Trace::alive());
  const Trace next;
  CHECK(next.noted().empty());
}

TEST_CASE("causal_mask: notes the scores that it gets and those that it leaves", "[trace]") {
  const Tensor scores = Tensor::from({2, 2}, {1, 2, 3, 4});
  const Trace trace;
  const Tensor masked = causal_mask(scores);
  REQUIRE(names(trace) == std::vector<std::string>{"scores", "masked"});
  CHECK(same_numbers(trace.noted()[0].tensor, scores));
  CHECK(same_numbers(trace.noted()[1].tensor, masked));
}

TEST_CASE("causal_attention: shows the weights of the plain operations, and they give its result",
          "[trace]") {
  Rng rng(1);
  const Shape shape{2, 3, 5, 4};  // (B, H, T, hs)
  const Tensor q = Tensor::normal(shape, 1.0f, rng), k = Tensor::normal(shape, 1.0f, rng),
               v = Tensor::normal(shape, 1.0f, rng);
  const Tensor without = causal_attention(q, k, v);
  const Trace trace;
  const Tensor with = causal_attention(q, k, v);
  REQUIRE(names(trace) == std::vector<std::string>{"scores", "masked", "weights"});
  const Tensor scores = matmul(q, transpose(k)) * 0.5f;  // 1 / sqrt(hs)
  const std::vector<Tensor> expected{scores, causal_mask(scores), softmax(causal_mask(scores))};
  for (std::size_t i = 0; i < 3; ++i) {
    INFO(trace.noted()[i].name);
    REQUIRE(trace.noted()[i].tensor.shape() == Shape{2, 3, 5, 5});
    for (std::size_t e = 0; e < expected[i].size(); ++e)
      REQUIRE(trace.noted()[i].tensor.values()[e] == expected[i].values()[e]);
  }
  const Tensor read = matmul(trace.noted()[2].tensor, v);
  for (std::size_t e = 0; e < read.size(); ++e) {
    REQUIRE(with.values()[e] == without.values()[e]);
    REQUIRE_THAT(read.values()[e], Catch::Matchers::WithinAbs(with.values()[e], 1e-5));
  }
}

TEST_CASE("causal_attention: what it shows costs the tape nothing, and dropout is not in it", "[trace]") {
  Rng rng(1);
  const Tensor q = Tensor::normal({1, 3, 2}, 1.0f, rng).require_grad();
  const Rng::State before = rng.state();
  const Tensor without = causal_attention(q, q, q, 0.5f, rng);
  rng.restore(before);
  const Trace trace;
  const Tensor with = causal_attention(q, q, q, 0.5f, rng);
  CHECK_FALSE(trace.noted()[2].tensor.requires_grad());
  for (std::size_t e = 0; e < with.size(); ++e) CHECK(with.values()[e] == without.values()[e]);
  const Tensor total = sum(trace.noted()[2].tensor, -1);
  for (const float row : total.values()) CHECK_THAT(row, Catch::Matchers::WithinAbs(1, 1e-6));
}

}  // namespace
}  // namespace gpt
