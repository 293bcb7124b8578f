/// @file test_gemm.cpp
/// Matrix products against a plain loop in double precision.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/tensor/rng.hpp"
#include "tests/kernels/product_in_double.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/with_threads.hpp"

namespace gpt {
namespace {

using Numbers = std::vector<float>;
using Kernel = void (*)(Trans, Trans, std::size_t, std::size_t, std::size_t, float, const float*, std::size_t,
                        const float*, std::size_t, float, float*, std::size_t);

struct Product {
  Trans trans_a = Trans::no, trans_b = Trans::no;
  std::size_t M, N, K;
  float alpha = 1, beta = 0;
  std::size_t gap_a = 0, gap_b = 0, gap_c = 0;  // numbers between the end of a row and the start of the next

  std::size_t lda() const { return (trans_a == Trans::no ? K : M) + gap_a; }
  std::size_t ldb() const { return (trans_b == Trans::no ? N : K) + gap_b; }
  std::size_t ldc() const { return N + gap_c; }
  Numbers a(Rng& rng) const { return random((trans_a == Trans::no ? M : K) * lda(), rng); }
  Numbers b(Rng& rng) const { return random((trans_b == Trans::no ? K : N) * ldb(), rng); }
  Numbers c(Rng& rng) const { return random(M * ldc(), rng); }

  static Numbers random(std::size_t n, Rng& rng) {
    Numbers values(n);
    for (float& v : values) v = rng.uniform(-1, 1);
    return values;
  }
};

void run(Kernel kernel, const Product& p, const Numbers& a, const Numbers& b, Numbers& c) {
  kernel(p.trans_a, p.trans_b, p.M, p.N, p.K, p.alpha, a.data(), p.lda(), b.data(), p.ldb(), p.beta, c.data(),
         p.ldc());
}

// The largest error against the definition, and whether the gaps between C's rows are untouched.
struct Outcome {
  double worst = 0;
  bool gaps_kept = true;
};

Outcome compare(Kernel kernel, const Product& p, std::uint64_t seed) {
  Rng rng(seed);
  const Numbers a = p.a(rng), b = p.b(rng), before = p.c(rng);
  Numbers c = before;
  run(kernel, p, a, b, c);
  const std::vector<double> products =
      product_in_double(p.trans_a, p.trans_b, p.M, p.N, p.K, a, p.lda(), b, p.ldb());
  Outcome outcome;
  for (std::size_t i = 0; i < p.M; ++i) {
    for (std::size_t j = 0; j < p.ldc(); ++j) {
      const std::size_t at = i * p.ldc() + j;
      if (j >= p.N) {
        outcome.gaps_kept = outcome.gaps_kept && c[at] == before[at];
        continue;
      }
      const double expected =
          p.alpha * products[i * p.N + j] + (p.beta == 0 ? 0.0 : static_cast<double>(p.beta) * before[at]);
      const double scale = 1 + std::sqrt(static_cast<double>(p.K));
      outcome.worst = std::max(outcome.worst, std::abs(c[at] - expected) / scale);
    }
  }
  return outcome;
}

struct NamedKernel {
  const char* name;
  Kernel run;
};
const std::vector<NamedKernel> kernels{{"gemm", gemm}, {"gemm_portable", gemm_portable}};

void gemm_by_definition(Trans trans_a, Trans trans_b, std::size_t M, std::size_t N, std::size_t K,
                        float alpha, const float* A, std::size_t lda, const float* B, std::size_t ldb,
                        float beta, float* C, std::size_t ldc) {
  use_gemm_by_definition(true);
  gemm(trans_a, trans_b, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
  use_gemm_by_definition(false);
}

TEST_CASE("gemm: worked out by hand", "[gemm]") {
  // 2 * (1 2; 3 4) (5 6; 7 8) + 10 * (1 1; 1 1) = 2 * (19 22; 43 50) + 10
  const Numbers a{1, 2, 3, 4}, b{5, 6, 7, 8};
  for (const NamedKernel& kernel : kernels) {
    Numbers c{1, 1, 1, 1};
    kernel.run(Trans::no, Trans::no, 2, 2, 2, 2.0f, a.data(), 2, b.data(), 2, 10.0f, c.data(), 2);
    INFO(kernel.name);
    CHECK(c == Numbers{48, 54, 96, 110});
  }
}

// The largest error over all combinations of these sizes and of transposes.
double worst_of(Kernel kernel, const std::vector<std::size_t>& sizes) {
  double worst = 0;
  for (const Trans trans_a : {Trans::no, Trans::yes}) {
    for (const Trans trans_b : {Trans::no, Trans::yes}) {
      for (const std::size_t M : sizes) {
        for (const std::size_t N : sizes) {
          for (const std::size_t K : sizes) {
            const Product p{trans_a, trans_b, M, N, K};
            worst = std::max(worst, compare(kernel, p, M * 10000 + N * 100 + K).worst);
          }
        }
      }
    }
  }
  return worst;
}

TEST_CASE("gemm: every combination of odd sizes and transposes against a loop in double", "[gemm]") {
  for (const NamedKernel& kernel : kernels) {
    INFO(kernel.name);
    // Around the edges of tiles of 6 x 16, 8 x 16 and 8 x 8, and beyond 100,000 products, from where on oneDNN is
    // asked.
    CHECK(worst_of(kernel.run, {1, 2, 5, 6, 7, 8, 9, 15, 16, 17, 33}) < 1e-6);
    CHECK(worst_of(kernel.run, {47, 64, 79}) < 1e-6);
  }
}

TEST_CASE("gemm: by its definition", "[gemm]") {
  CHECK(worst_of(gemm_by_definition, {1, 5, 17}) < 1e-6);
  CHECK(compare(gemm_by_definition, Product{Trans::no, Trans::yes, 13, 35, 21, -0.5f, 0.25f, 3, 5, 7}, 1)
            .worst < 1e-6);
}

TEST_CASE("gemm: long sums, which are done in parts", "[gemm]") {
  const std::size_t K = GENERATE(255, 256, 257, 511, 512, 513, 1000);
  for (const NamedKernel& kernel : kernels) {
    for (const float beta : {0.0f, 1.0f, 0.25f}) {
      INFO(kernel.name << " K " << K << " beta " << beta);
      CHECK(compare(kernel.run, Product{Trans::no, Trans::no, 7, 19, K, 0.5f, beta}, 7).worst < 3e-6);
      CHECK(compare(kernel.run, Product{Trans::yes, Trans::yes, 25, 40, K, 0.5f, beta}, 8).worst < 3e-6);
    }
  }
}

TEST_CASE("gemm: rows further apart than their length, with alpha and beta", "[gemm]") {
  for (const NamedKernel& kernel : kernels) {
    for (const Trans trans_a : {Trans::no, Trans::yes}) {
      for (const Trans trans_b : {Trans::no, Trans::yes}) {
        for (const float alpha : {1.0f, -0.5f, 0.0f}) {
          for (const float beta : {0.0f, 1.0f, 0.25f}) {
            const Product small{trans_a, trans_b, 13, 35, 21, alpha, beta, 3, 5, 7};
            const Product large{trans_a, trans_b, 53, 75, 61, alpha, beta, 3, 5, 7};
            for (const Product& p : {small, large}) {
              const Outcome outcome = compare(kernel.run, p, 1);
              INFO(kernel.name << " M " << p.M << " alpha " << alpha << " beta " << beta);
              CHECK(outcome.worst < 1e-6);
              CHECK(outcome.gaps_kept);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("gemm: large sizes, shared among threads", "[gemm]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  for (const NamedKernel& kernel : kernels) {
    for (const Trans trans_a : {Trans::no, Trans::yes}) {
      for (const Trans trans_b : {Trans::no, Trans::yes}) {
        // More rows than columns, more columns than rows, a single row, a single column.
        for (const Shape& sizes :
             {Shape{331, 67, 259}, Shape{20, 301, 1000}, Shape{1, 1001, 700}, Shape{3001, 1, 700}}) {
          const Product p{trans_a, trans_b, sizes[0], sizes[1], sizes[2], -0.5f, 0.25f, 1, 2, 3};
          const Outcome outcome = compare(kernel.run, p, 2);
          INFO(kernel.name << " " << to_string(sizes));
          CHECK(outcome.worst < 3e-6);
          CHECK(outcome.gaps_kept);
        }
      }
    }
  }
}

TEST_CASE("gemm: with beta 0 what was in C does not matter, even NaN", "[gemm]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  Rng rng(4);
  for (const NamedKernel& kernel : kernels) {
    for (const Trans trans_a : {Trans::no, Trans::yes}) {
      for (const Trans trans_b : {Trans::no, Trans::yes}) {
        for (const std::size_t K : {5, 700}) {
          const Product p{trans_a, trans_b, 9, 17, K};
          const Numbers a = p.a(rng), b = p.b(rng);
          Numbers from_nan(9 * 17, nan), from_inf(9 * 17, inf), from_zero(9 * 17, 0);
          run(kernel.run, p, a, b, from_nan);
          run(kernel.run, p, a, b, from_inf);
          run(kernel.run, p, a, b, from_zero);
          INFO(kernel.name << " K " << K);
          CHECK(from_nan == from_zero);
          CHECK(from_inf == from_zero);
        }
      }
    }
  }
}

TEST_CASE("gemm: sizes of 0", "[gemm]") {
  for (const NamedKernel& kernel : kernels) {
    INFO(kernel.name);
    const Numbers none(1);
    Numbers c{3, 4};
    kernel.run(Trans::no, Trans::no, 0, 2, 2, 1, none.data(), 2, none.data(), 2, 0, c.data(), 2);
    kernel.run(Trans::no, Trans::no, 2, 0, 2, 1, none.data(), 2, none.data(), 1, 0, c.data(), 1);
    CHECK(c == Numbers{3, 4});
    kernel.run(Trans::no, Trans::no, 1, 2, 0, 1, none.data(), 1, none.data(), 2, 0.5f, c.data(), 2);
    CHECK(c == Numbers{1.5f, 2});
    kernel.run(Trans::no, Trans::no, 1, 2, 0, 1, none.data(), 1, none.data(), 2, 0, c.data(), 2);
    CHECK(c == Numbers{0, 0});
  }
}

TEST_CASE("gemm: NaN and infinity in A and B reach C", "[gemm]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const NamedKernel& kernel : kernels) {
    const Numbers a{nan, 0, inf, 1}, b{0, 1};
    Numbers c(2);
    kernel.run(Trans::no, Trans::no, 2, 1, 2, 1, a.data(), 2, b.data(), 1, 0, c.data(), 1);
    INFO(kernel.name);
    CHECK(std::isnan(c[0]));  // NaN * 0
    CHECK(std::isnan(c[1]));  // inf * 0
  }
}

TEST_CASE("gemm: oneDNN and our own kernel agree", "[gemm]") {
  Rng rng(5);
  const Product p{Trans::no, Trans::yes, 65, 130, 384};
  const Numbers a = p.a(rng), b = p.b(rng);
  Numbers by_default(65 * 130), own(65 * 130), by_wish(65 * 130);
  run(gemm, p, a, b, by_default);
  run(gemm_portable, p, a, b, own);
  double worst = 0;
  for (std::size_t i = 0; i < own.size(); ++i)
    worst = std::max<double>(worst, std::abs(by_default[i] - own[i]));
  CHECK(worst < 2e-5);

  const std::string before = gemm_name();
  CHECK((before == "oneDNN" || before == "portable"));
  use_portable_gemm(true);
  CHECK(gemm_name() == "portable");
  run(gemm, p, a, b, by_wish);
  CHECK(by_wish == own);
  use_portable_gemm(before == "portable");
  CHECK(gemm_name() == before);
}

TEST_CASE("gemm: the same product gives the same bits every time, with any number of threads fixed",
          "[gemm]") {
  const std::size_t threads = GENERATE(1, 2, 3);
  const WithThreads with(threads);
  Rng rng(6);
  for (const NamedKernel& kernel : kernels) {
    const Product p{Trans::no, Trans::no, 200, 150, 300};
    const Numbers a = p.a(rng), b = p.b(rng);
    Numbers first(200 * 150);
    run(kernel.run, p, a, b, first);
    for (int again = 0; again < 5; ++again) {
      Numbers next(200 * 150);
      run(kernel.run, p, a, b, next);
      INFO(kernel.name);
      CHECK(std::memcmp(first.data(), next.data(), first.size() * sizeof(float)) == 0);
    }
  }
}

}  // namespace
}  // namespace gpt
