/// @file ops_attention.cpp
/// Causal attention in one pass. Composed, it is softmax(causal_mask(matmul(q, transpose(k)) / sqrt(hs)))
/// times v.
///
/// The (T, T) matrix of weights of one head is made in blocks of query rows that stay in the cache, used, and
/// thrown away; only the logarithm of each row's normaliser is kept, from which the backward pass makes the
/// same weights again. Keys after a block's last query are masked for all of it, and are skipped.
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

constexpr std::size_t block_rows = 64;

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

std::size_t heads_worth_a_thread(const Sizes& s) { return 1 + 300000 / (s.T * s.T * s.hs + 1); }

// scores (rows, keys) = scale * q k^T, and -inf where a key comes after its query
void block_scores(const Sizes& s, const Block& b, const float* q, const float* k, float* scores) {
  gemm(Trans::no, Trans::yes, b.rows(), b.keys(), s.hs, s.scale, q + b.head * s.matrix() + b.first * s.hs,
       s.hs, k + b.head * s.matrix(), s.hs, 0.0f, scores, b.keys());
  for (std::size_t i = 0; i + 1 < b.rows(); ++i) {
    float* row = scores + i * b.keys();
    std::fill(row + b.first + i + 1, row + b.keys(), -std::numeric_limits<float>::infinity());
  }
}

// What dropout does with one weight; the index is its place in (heads, T, T).
void drop(const Sizes& s, const Block& b, const DropoutMask& mask, float* weights) {
  for (std::size_t i = 0; i < b.rows(); ++i) {
    const std::size_t at = (b.head * s.T + b.first + i) * s.T;
    float* row = weights + i * b.keys();
#pragma omp simd
    for (std::size_t j = 0; j < b.keys(); ++j) row[j] *= mask(at + j);
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
  auto log_totals =
      std::make_shared<std::vector<float>>(s.heads * T);  // log of the sum of e^score, for each query

  parallel_for(s.heads, heads_worth_a_thread(s), [&](std::size_t begin, std::size_t end) {
    std::vector<float> weights(std::min(T, block_rows) * T);
    each_block(s, begin, end, [&](const Block& b) {
      block_scores(s, b, vq->data(), vk->data(), weights.data());
      for (std::size_t i = 0; i < b.rows(); ++i) {
        float* row = weights.data() + i * b.keys();
        (*log_totals)[b.head * T + b.first + i] = softmax_row(row, row, b.keys());
      }
      if (mask.active()) drop(s, b, mask, weights.data());
      gemm(Trans::no, Trans::no, b.rows(), hs, b.keys(), 1.0f, weights.data(), b.keys(),
           vv->data() + b.head * s.matrix(), hs, 0.0f, y->data() + b.head * s.matrix() + b.first * hs, hs);
    });
  });

  return result(y, {&q, &k, &v}, [s, vq, vk, vv, y, log_totals, mask](Node& out) {
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
      std::vector<float> weights(std::min(T, block_rows) * T), gradients(weights.size());
      each_block(s, begin, end, [&](const Block& b) {
        const std::size_t head = b.head * s.matrix(), rows = head + b.first * hs;
        const float beta = b.last == T ? 0.0f : 1.0f;  // the last block comes first, and reaches every key
        const float* dy = out.dy() + rows;
        block_scores(s, b, vq->data(), vk->data(), weights.data());
        gemm(Trans::no, Trans::yes, b.rows(), b.keys(), hs, 1.0f, dy, hs, vv->data() + head, hs, 0.0f,
             gradients.data(), b.keys());
        if (mask.active()) drop(s, b, mask, gradients.data());
        for (std::size_t i = 0; i < b.rows(); ++i) {
          float *p = weights.data() + i * b.keys(), *d = gradients.data() + i * b.keys();
          const float log_total = (*log_totals)[b.head * T + b.first + i];
          const float *dy_row = dy + i * hs, *y_row = y->data() + rows + i * hs;
          const float dot = row_sum(hs, [=](std::size_t c) { return dy_row[c] * y_row[c]; });
#pragma omp simd
          for (std::size_t j = 0; j < b.keys(); ++j) {
            p[j] = fast_exp(p[j] - log_total);
            d[j] = p[j] * (d[j] - dot) * s.scale;
          }
        }
        if (mask.active()) drop(s, b, mask, weights.data());
        gemm(Trans::no, Trans::no, b.rows(), hs, b.keys(), 1.0f, gradients.data(), b.keys(),
             vk->data() + head, hs, 0.0f, targets[0] + rows, hs);
        gemm(Trans::yes, Trans::no, b.keys(), hs, b.rows(), 1.0f, gradients.data(), b.keys(),
             vq->data() + rows, hs, beta, targets[1] + head, hs);
        gemm(Trans::yes, Trans::no, b.keys(), hs, b.rows(), 1.0f, weights.data(), b.keys(), dy, hs, beta,
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
