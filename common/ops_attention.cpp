/// @file ops_attention.cpp
/// Causal attention in one pass. Composed, it is softmax(causal_mask(matmul(q, transpose(k)) / sqrt(hs)))
/// times v.
///
/// The (T, T) matrix of weights of one head is made in blocks of query rows that stay in the cache, used, and
/// thrown away; only each row's largest score and normaliser are kept, from which the backward pass makes the
/// same weights again. Keys after a block's last query are masked for all of it, and are skipped.
///
/// A block lies transposed in memory, (keys, rows): neighbours belong to different queries, so one vector
/// register holds the same step of several softmaxes, and no sum runs across a register.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "common/dropout_mask.hpp"
#include "common/gemm.hpp"
#include "common/node.hpp"
#include "common/ops.hpp"
#include "common/rows.hpp"
#include "common/trace.hpp"

namespace gpt {
namespace {

constexpr std::size_t block_rows = 32;

struct Sizes {
  std::size_t heads, T, hs;  // heads: B * H, all leading axes
  float scale;
  std::size_t matrix() const { return T * hs; }  // numbers in one head's q, k, v or output
};

// One block: queries first to last - 1 of a head, keys 0 to last - 1.
struct Block {
  std::size_t head, first, last;
  std::size_t rows() const { return last - first; }
  std::size_t keys() const { return last; }
};

// f(block) for all blocks of the heads in [begin, end), the last block of each head first.
template <class F>
void each_block(const Sizes& s, std::size_t begin, std::size_t end, const F& f) {
  for (std::size_t head = begin; head < end; ++head) {
    for (std::size_t last = s.T; last > 0;) {
      const std::size_t first = last - 1 - (last - 1) % block_rows;
      f(Block{head, first, last});
      last = first;
    }
  }
}

std::size_t heads_worth_a_thread(const Sizes& s) { return 1 + 1000 / (s.T * s.T + 1); }

// scores (keys, rows) = scale * k q^T, and -inf where a key comes after its query
void block_scores(const Sizes& s, const Block& b, const float* q, const float* k, float* scores) {
  gemm(Trans::no, Trans::yes, b.keys(), b.rows(), s.hs, s.scale, k + b.head * s.matrix(), s.hs,
       q + b.head * s.matrix() + b.first * s.hs, s.hs, 0.0f, scores, b.rows());
  for (std::size_t key = b.first + 1; key < b.last; ++key) {
    std::fill_n(scores + key * b.rows(), key - b.first, -std::numeric_limits<float>::infinity());
  }
}

// What makes the weights of a query out of its scores: e^(score - largest) * factor.
struct Normalisers {
  std::vector<float> largest, factor;  // one for each query
  explicit Normalisers(std::size_t queries) : largest(queries), factor(queries) {}
};

// scores (keys, rows) become e^(score - largest), and the columns' normalisers are found.
void exponentials(std::size_t keys, std::size_t rows, float* scores, float* largest, float* factor) {
  std::fill_n(largest, rows, -std::numeric_limits<float>::infinity());
  std::fill_n(factor, rows, 0.0f);
  for (std::size_t key = 0; key < keys; ++key) {
    const float* row = scores + key * rows;
#pragma omp simd
    for (std::size_t i = 0; i < rows; ++i) largest[i] = row[i] > largest[i] ? row[i] : largest[i];
  }
  for (std::size_t key = 0; key < keys; ++key) {
    float* row = scores + key * rows;
#pragma omp simd
    for (std::size_t i = 0; i < rows; ++i) {
      row[i] = fast_exp(row[i] - largest[i]);
      factor[i] += row[i];
    }
  }
#pragma omp simd
  for (std::size_t i = 0; i < rows; ++i) factor[i] = 1.0f / factor[i];
}

// What dropout does with the weights (keys, rows); a weight's index is its place in (heads, T, T).
void drop(const Sizes& s, const Block& b, const DropoutMask& mask, float* weights) {
  const std::size_t at = (b.head * s.T + b.first) * s.T;
  for (std::size_t key = 0; key < b.keys(); ++key) {
    float* row = weights + key * b.rows();
#pragma omp simd
    for (std::size_t i = 0; i < b.rows(); ++i) row[i] *= mask(at + i * s.T + key);
  }
}

// Nobody sees the weights below, so those who look inside get them from the plain operations, before any
// dropout.
void show_weights(const Tensor& q, const Tensor& k, float scale) {
  const NoGrad no_grad;
  note("weights", softmax(causal_mask(matmul(q, transpose(k)) * scale)));
}

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const DropoutMask& mask) {
  if (q.dim() < 2 || q.shape() != k.shape() || q.shape() != v.shape() || q.shape().back() == 0) {
    throw std::invalid_argument("causal_attention: q, k and v must have one shape (..., T, hs), got " +
                                to_string(q.shape()) + ", " + to_string(k.shape()) + " and " +
                                to_string(v.shape()));
  }
  const Shape& shape = q.shape();
  const std::size_t T = shape[shape.size() - 2], hs = shape.back();
  const Sizes s{T == 0 ? 0 : q.size() / (T * hs), T, hs, 1.0f / std::sqrt(static_cast<float>(hs))};
  if (Trace::alive()) show_weights(q, k, s.scale);
  const Value vq = q.storage(), vk = k.storage(), vv = v.storage();
  Value y = make_value(shape);
  auto normalisers = std::make_shared<Normalisers>(s.heads * T);

  parallel_for(s.heads, heads_worth_a_thread(s), [&](std::size_t begin, std::size_t end) {
    std::vector<float> weights(std::min(T, block_rows) * T);
    each_block(s, begin, end, [&](const Block& b) {
      const std::size_t query = b.head * T + b.first;
      block_scores(s, b, vq->data(), vk->data(), weights.data());
      exponentials(b.keys(), b.rows(), weights.data(), &normalisers->largest[query],
                   &normalisers->factor[query]);
      if (mask.active()) drop(s, b, mask, weights.data());
      float* out = y->data() + query * hs;
      gemm(Trans::yes, Trans::no, b.rows(), hs, b.keys(), 1.0f, weights.data(), b.rows(),
           vv->data() + b.head * s.matrix(), hs, 0.0f, out, hs);
      for (std::size_t i = 0; i < b.rows(); ++i, out += hs) {
        const float factor = normalisers->factor[query + i];
#pragma omp simd
        for (std::size_t c = 0; c < hs; ++c) out[c] *= factor;
      }
    });
  });

  return result(y, {&q, &k, &v}, [s, vq, vk, vv, y, normalisers, mask](Node& out) {
    // With P the weights, D dropout's factors, and dP = D * (dY V^T):
    // dV = (D P)^T dY,  dS = P * (dP - rowsum(dY * Y)),  dQ = scale dS K,  dK = scale dS^T Q.
    const std::size_t T = s.T, hs = s.hs;
    // An input that has a gradient already gets its share from a buffer, for the blocks below write before
    // they add.
    std::vector<Array> buffers(3);
    std::vector<GradSlot> slots(3);
    std::vector<float*> targets(3, nullptr);
    for (std::size_t i = 0; i < 3; ++i) {
      slots[i] = out.input(i);
      if (!slots[i] || slots[i].add) buffers[i].resize(out.shape);
      targets[i] = !slots[i] || slots[i].add ? buffers[i].data() : slots[i].data;
    }
    parallel_for(s.heads, heads_worth_a_thread(s), [&](std::size_t begin, std::size_t end) {
      std::vector<float> weights(std::min(T, block_rows) * T), gradients(weights.size()), dots(block_rows);
      each_block(s, begin, end, [&](const Block& b) {
        const std::size_t head = b.head * s.matrix(), rows = head + b.first * hs;
        const float beta = b.last == T ? 0.0f : 1.0f;  // the last block comes first, and reaches every key
        const float *dy = out.dy() + rows, *py = y->data() + rows;
        for (std::size_t i = 0; i < b.rows(); ++i) {
          dots[i] = row_sum(hs, [=](std::size_t c) { return dy[i * hs + c] * py[i * hs + c]; });
        }
        block_scores(s, b, vq->data(), vk->data(), weights.data());
        gemm(Trans::no, Trans::yes, b.keys(), b.rows(), hs, 1.0f, vv->data() + head, hs, dy, hs, 0.0f,
             gradients.data(), b.rows());
        if (mask.active()) drop(s, b, mask, gradients.data());
        const float *largest = &normalisers->largest[b.head * T + b.first], *dot = dots.data();
        const float* factor = &normalisers->factor[b.head * T + b.first];
        for (std::size_t key = 0; key < b.keys(); ++key) {
          float *p = weights.data() + key * b.rows(), *d = gradients.data() + key * b.rows();
#pragma omp simd
          for (std::size_t i = 0; i < b.rows(); ++i) {
            p[i] = fast_exp(p[i] - largest[i]) * factor[i];
            d[i] = p[i] * (d[i] - dot[i]) * s.scale;
          }
        }
        if (mask.active()) drop(s, b, mask, weights.data());
        gemm(Trans::yes, Trans::no, b.rows(), hs, b.keys(), 1.0f, gradients.data(), b.rows(),
             vk->data() + head, hs, 0.0f, targets[0] + rows, hs);
        gemm(Trans::no, Trans::no, b.keys(), hs, b.rows(), 1.0f, gradients.data(), b.rows(),
             vq->data() + rows, hs, beta, targets[1] + head, hs);
        gemm(Trans::no, Trans::no, b.keys(), hs, b.rows(), 1.0f, weights.data(), b.rows(), dy, hs, beta,
             targets[2] + head, hs);
      });
    });
    for (std::size_t i = 0; i < 3; ++i) {
      const float* from = targets[i];
      if (slots[i] && slots[i].add)
        fill(slots[i], out.grad.size(), [from](std::size_t e) { return from[e]; });
    }
  });
}

}  // namespace

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v, float p, Rng& rng) {
  return attend(q, k, v, DropoutMask("causal_attention", p, rng));
}

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  Rng never_drawn(0);
  return causal_attention(q, k, v, /*p=*/0.0f, never_drawn);
}

}  // namespace gpt
