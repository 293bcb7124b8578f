/// @file test_gemm_bfloat16.cpp
/// Products of bfloat16 against the same numbers multiplied in double.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "common/kernels/gemm_bfloat16.hpp"
#include "common/tensor/rng.hpp"
#include "tests/kernels/product_in_double.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

// Our own kernel instead of oneDNN for one scope: then bfloat16 goes by way of float32, on every machine.
class InFloat32 {
 public:
  explicit InFloat32(bool yes) : before_(uses_portable_gemm()) { use_portable_gemm(yes || before_); }
  ~InFloat32() { use_portable_gemm(before_); }

 private:
  bool before_;
};

struct Case {
  Trans trans_a, trans_b;
  std::size_t M, N, K;
  bool add = false;
  std::size_t gap = 0;  // numbers between the end of a stored row and the start of the next

  std::size_t lda() const { return (trans_a == Trans::no ? K : M) + gap; }
  std::size_t ldb() const { return (trans_b == Trans::no ? N : K) + gap; }
  std::size_t ldc() const { return N + gap; }
};

std::vector<BFloat16> random(std::size_t n, Rng& rng) {
  std::vector<BFloat16> numbers(n);
  for (BFloat16& x : numbers) x = to_bfloat16(rng.uniform(-1, 1));
  return numbers;
}

std::vector<float> in_float(const std::vector<BFloat16>& numbers) {
  std::vector<float> floats;
  for (const BFloat16 x : numbers) floats.push_back(to_float(x));
  return floats;
}

struct Factors {
  std::vector<BFloat16> a, b;
  Factors(const Case& c, Rng& rng)
      : a(random((c.trans_a == Trans::no ? c.M : c.K) * c.lda(), rng)),
        b(random((c.trans_b == Trans::no ? c.K : c.N) * c.ldb(), rng)) {}
};

void run(const Case& c, const Factors& f, std::vector<float>& result) {
  gemm_bfloat16(c.trans_a, c.trans_b, c.M, c.N, c.K, f.a.data(), c.lda(), f.b.data(), c.ldb(), c.add,
                result.data(), c.ldc());
}

// The largest error, in units of what rounding float32 sums may cost; infinite if a gap was written to.
double worst(const Case& c) {
  Rng rng(c.M * 10000 + c.N * 100 + c.K);
  const Factors f(c, rng);
  std::vector<float> before(c.M * c.ldc());
  for (float& x : before) x = rng.uniform(-1, 1);
  std::vector<float> result = before;
  run(c, f, result);
  const std::vector<double> products =
      product_in_double(c.trans_a, c.trans_b, c.M, c.N, c.K, in_float(f.a), c.lda(), in_float(f.b), c.ldb());
  double worst = 0;
  for (std::size_t i = 0; i < c.M; ++i) {
    for (std::size_t j = 0; j < c.ldc(); ++j) {
      const std::size_t at = i * c.ldc() + j;
      if (j >= c.N) {
        if (result[at] != before[at]) return std::numeric_limits<double>::infinity();
        continue;
      }
      const double expected = products[i * c.N + j] + (c.add ? before[at] : 0.0f);
      worst = std::max(worst, std::abs(result[at] - expected) / (1 + std::sqrt(static_cast<double>(c.K))));
    }
  }
  return worst;
}

constexpr double rounding = 2e-6;  // of sums in float32: rounding the results to bfloat16 would cost 4e-3
const std::vector<std::pair<Trans, Trans>> transposes{
    {Trans::no, Trans::no}, {Trans::no, Trans::yes}, {Trans::yes, Trans::no}, {Trans::yes, Trans::yes}};

TEST_CASE("gemm_bfloat16: worked out by hand", "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  // (1 2; 3 4) (5 6; 7 8) = (19 22; 43 50), all of them bfloat16 exactly; added to (1 1; 1 1)
  std::vector<BFloat16> a, b;
  for (const float x : {1, 2, 3, 4}) a.push_back(to_bfloat16(x));
  for (const float x : {5, 6, 7, 8}) b.push_back(to_bfloat16(x));
  std::vector<float> c{1, 1, 1, 1};
  gemm_bfloat16(Trans::no, Trans::no, 2, 2, 2, a.data(), 2, b.data(), 2, /*add=*/true, c.data(), 2);
  CHECK(c == std::vector<float>{20, 23, 44, 51});
  gemm_bfloat16(Trans::no, Trans::yes, 2, 2, 2, a.data(), 2, b.data(), 2, /*add=*/false, c.data(), 2);
  CHECK(c == std::vector<float>{17, 23, 39, 53});  // (1 2; 3 4) (5 7; 6 8)
}

TEST_CASE("gemm_bfloat16: sums are float32: 1 added to 256 is not lost", "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  // As bfloat16, 256 + 1 would be 256 again. 512 rows, so that the library is asked too.
  const std::size_t M = 512, K = 257;
  std::vector<BFloat16> a(M * K, to_bfloat16(1.0f)), b(K * 3, to_bfloat16(1.0f));
  std::vector<float> c(M * 3);
  gemm_bfloat16(Trans::no, Trans::no, M, 3, K, a.data(), K, b.data(), 3, /*add=*/false, c.data(), 3);
  CHECK(std::count(c.begin(), c.end(), 257.0f) == static_cast<std::ptrdiff_t>(c.size()));
}

TEST_CASE("gemm_bfloat16: every combination of odd sizes and transposes against a loop in double",
          "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  for (const auto& [trans_a, trans_b] : transposes) {
    for (const std::size_t M : {1, 2, 7, 16, 33}) {
      for (const std::size_t N : {1, 5, 17, 64}) {
        for (const std::size_t K : {1, 2, 3, 31, 65}) {
          INFO("M " << M << " N " << N << " K " << K);
          CHECK(worst({trans_a, trans_b, M, N, K}) < rounding);
        }
      }
    }
  }
}

TEST_CASE("gemm_bfloat16: rows further apart than their length, and sums that are added",
          "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  for (const auto& [trans_a, trans_b] : transposes) {
    for (const bool add : {false, true}) {
      CHECK(worst({trans_a, trans_b, 13, 35, 21, add, 3}) < rounding);
      CHECK(worst({trans_a, trans_b, 1, 35, 21, add, 3}) < rounding);
      CHECK(worst({trans_a, trans_b, 53, 75, 61, add, 5}) < rounding);
    }
  }
}

TEST_CASE("gemm_bfloat16: large sizes, shared among threads", "[gemm][bfloat16]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  const InFloat32 way(GENERATE(false, true));
  for (const auto& [trans_a, trans_b] : transposes) {
    CHECK(worst({trans_a, trans_b, 331, 67, 259, true, 1}) < rounding);
    CHECK(worst({trans_a, trans_b, 20, 301, 1000, false, 2}) < rounding);
    CHECK(worst({trans_a, trans_b, 1, 1001, 700, true, 1}) < rounding);
    CHECK(worst({trans_a, trans_b, 1501, 1, 700, false, 1}) < rounding);
    CHECK(worst({trans_a, trans_b, 3, 2, 70'000}) < 2 * rounding);  // a row, a thread
  }
}

TEST_CASE("gemm_bfloat16: without add what was in C does not matter, even NaN", "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  Rng rng(4);
  for (const std::size_t M : {1, 9, 200}) {
    const Case c{Trans::no, Trans::no, M, 17, 70};
    const Factors f(c, rng);
    std::vector<float> from_nan(M * 17, std::numeric_limits<float>::quiet_NaN()), from_zero(M * 17);
    run(c, f, from_nan);
    run(c, f, from_zero);
    CHECK(from_nan == from_zero);
  }
}

TEST_CASE("gemm_bfloat16: sizes of 0", "[gemm][bfloat16]") {
  const InFloat32 way(GENERATE(false, true));
  const std::vector<BFloat16> none(4);
  std::vector<float> c{3, 4};
  gemm_bfloat16(Trans::no, Trans::no, 0, 2, 2, none.data(), 2, none.data(), 2, false, c.data(), 2);
  gemm_bfloat16(Trans::no, Trans::no, 2, 0, 2, none.data(), 2, none.data(), 1, false, c.data(), 1);
  CHECK(c == std::vector<float>{3, 4});
  gemm_bfloat16(Trans::no, Trans::no, 1, 2, 0, none.data(), 1, none.data(), 2, true, c.data(), 2);
  CHECK(c == std::vector<float>{3, 4});
  gemm_bfloat16(Trans::no, Trans::no, 1, 2, 0, none.data(), 1, none.data(), 2, false, c.data(), 2);
  CHECK(c == std::vector<float>{0, 0});
}

TEST_CASE("gemm_bfloat16: the same product gives the same bits every time, with any number of threads fixed",
          "[gemm][bfloat16]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  const InFloat32 way(GENERATE(false, true));
  Rng rng(6);
  const Case c{Trans::yes, Trans::no, 200, 150, 300};
  const Factors f(c, rng);
  std::vector<float> first(200 * 150);
  run(c, f, first);
  for (int again = 0; again < 5; ++again) {
    std::vector<float> next(200 * 150);
    run(c, f, next);
    CHECK(std::memcmp(first.data(), next.data(), first.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("gemm_bfloat16: says which way it goes", "[gemm][bfloat16]") {
  const std::string name = bfloat16_name();
  if (has_fast_bfloat16()) {
    CHECK((name == "bfloat16 by oneDNN (AVX512_BF16)" || name == "bfloat16 by oneDNN (AMX)"));
  } else {
    CHECK(name == "bfloat16 rounded, multiplied in float32");
  }
  const InFloat32 way(true);
  CHECK_FALSE(has_fast_bfloat16());
  CHECK(bfloat16_name() == "bfloat16 rounded, multiplied in float32");
}

}  // namespace
}  // namespace gpt
