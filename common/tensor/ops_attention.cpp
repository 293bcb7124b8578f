/// @file ops_attention.cpp
/// Causal attention in one pass. Composed, it is softmax(causal_mask(matmul(q,
/// transpose(k)) / sqrt(hs))) times v.
///
/// The (T, T) matrix of weights of one head is made in blocks of query rows that stay in the cache, used, and
/// thrown away; only each row's largest score and normaliser are kept, from which the backward pass makes the
/// same weights again. Keys after a block's last query are masked for all of it, and are skipped.
///
/// A block lies transposed in memory, (keys, rows): neighbours belong to different queries, so one vector
/// register holds the same step of several softmaxes, and no sum runs across a register.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/tensor/dropout_mask.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rows.hpp"
#include "common/tensor/trace.hpp"

namespace gpt {
namespace {

constexpr std::size_t block_rows = 32;

struct Sizes {
  std::size_t heads, T, hs;  // heads: B * H, all leading axes
  std::size_t sharing;       // heads of queries that read the same keys and values, neighbours all
  float scale;
  std::size_t groups() const { return heads / sharing; }
};

// One block: queries first to last - 1 of a head, keys 0 to last - 1.
struct Block {
  std::size_t head, group, first, last;
  std::size_t rows() const { return last - first; }
  std::size_t keys() const { return last; }
};

// f(block) for all blocks of the heads that read the keys and values of [begin, end), the last block of each head first.
template <class F>
void each_block(const Sizes& s, std::size_t begin, std::size_t end, const F& f) {
  for (std::size_t head = begin * s.sharing; head < end * s.sharing; ++head) {
    for (std::size_t last = s.T; last > 0;) {
      const std::size_t first = last - 1 - (last - 1) % block_rows;
      f(Block{head, head / s.sharing, first, last});
      last = first;
    }
  }
}

std::size_t groups_worth_a_thread(const Sizes& s) { return 1 + 1000 / (s.sharing * s.T * s.T + 1); }

// The heads' matrices where they lie, each (T, hs): heads that were split off a (B, T, C) tensor have their
// rows C numbers apart, and are used in place.
struct Heads {
  float* data;
  std::vector<std::size_t> starts;  // of each head's matrix
  std::size_t step;                 // from a row to the next

  Heads(float* numbers, const Shape& shape, const Strides& given) : data(numbers) {
    const Strides strides = given.empty() ? row_major(shape) : given;
    const std::size_t leading = shape.size() - 2;
    step = strides[leading];
    starts = {0};
    for (std::size_t axis = 0; axis < leading; ++axis) {
      std::vector<std::size_t> finer;
      finer.reserve(starts.size() * shape[axis]);
      for (const std::size_t start : starts) {
        for (std::size_t i = 0; i < shape[axis]; ++i) finer.push_back(start + i * strides[axis]);
      }
      starts = std::move(finer);
    }
  }
  explicit Heads(Storage& x) : Heads(x.data(), x.shape, x.strides) {}

  float* row(std::size_t head, std::size_t i) const { return data + starts[head] + i * step; }
};

bool rows_in_one_piece(const Strides& strides) { return strides.empty() || strides.back() == 1; }

Value with_whole_rows(const Tensor& x) {
  return rows_in_one_piece(Inside::view(x)->strides) ? Inside::view(x) : Inside::rows(x);
}

// scores (keys, rows) = scale * k q^T, and -inf where a key comes after its query
void block_scores(const Sizes& s, const Block& b, const Heads& q, const Heads& k, float* scores) {
  gemm(Trans::no, Trans::yes, b.keys(), b.rows(), s.hs, s.scale, k.row(b.group, 0), k.step,
       q.row(b.head, b.first), q.step, 0.0f, scores, b.rows());
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

// Dropout's factors for a column of weights: one key, and the queries of a block. A weight's index is its
// place in (heads, T, T).
struct DropoutColumn {
  DropoutMask mask;
  std::uint32_t first, step;
  DropoutColumn(const Sizes& s, const Block& b, std::size_t key, const DropoutMask& m)
      : mask(m),
        first(static_cast<std::uint32_t>((b.head * s.T + b.first) * s.T + key)),
        step(static_cast<std::uint32_t>(s.T)) {}
  float operator()(std::size_t i) const { return mask(first + static_cast<std::uint32_t>(i) * step); }
};

void drop(const Sizes& s, const Block& b, const DropoutMask& mask, float* weights) {
  for (std::size_t key = 0; key < b.keys(); ++key) {
    float* row = weights + key * b.rows();
    const DropoutColumn factor(s, b, key, mask);
#pragma omp simd
    for (std::size_t i = 0; i < b.rows(); ++i) row[i] *= factor(i);
  }
}

// How many heads of queries share one of keys: 1 if the shapes are equal, 0 if they do not fit.
std::size_t heads_that_share(const Shape& q, const Shape& k) {
  const std::size_t axes = q.size();
  if (axes < 2 || k.size() != axes || q.back() == 0) return 0;
  if (q == k) return 1;
  if (axes < 3) return 0;
  const std::size_t H = q[axes - 3], G = k[axes - 3];
  Shape all = k;
  all[axes - 3] = H;
  return all == q && G > 0 && H % G == 0 ? H / G : 0;
}

// Nobody sees the weights below, so those who look inside get them from the plain
// operations, before any dropout.
void show_weights(const Tensor& q, const Tensor& k, float scale) {
  const NoGrad no_grad;
  if (q.shape() == k.shape())
    return void(note("weights", softmax(causal_mask(matmul(q, transpose(k)) * scale))));
  // (..., H, T, hs) as (..., G, n T, hs): a group's queries below each other, before the keys that they share.
  Shape shape = k.shape(), scores = q.shape();
  shape[shape.size() - 2] *= heads_that_share(q.shape(), k.shape());
  scores.back() = k.size(-2);
  const Tensor grouped = matmul(reshape(q, shape), transpose(k)) * scale;
  note("weights", softmax(causal_mask(reshape(grouped, scores))));
}

Tensor attend(const Tensor& query, const Tensor& key, const Tensor& value, const DropoutMask& mask) {
  const Shape& shape = query.shape();
  const std::size_t sharing = heads_that_share(shape, key.shape());
  if (sharing == 0 || key.shape() != value.shape()) {
    throw std::invalid_argument(
        "causal_attention: q, k and v must have one shape (..., T, hs), or k and v fewer heads that divide "
        "those of q, "
        "got " +
        to_string(shape) + ", " + to_string(key.shape()) + " and " + to_string(value.shape()));
  }
  const std::size_t T = shape[shape.size() - 2], hs = shape.back();
  const Sizes s{T == 0 ? 0 : query.size() / (T * hs), T, hs, sharing,
                1.0f / std::sqrt(static_cast<float>(hs))};
  if (Trace::alive()) show_weights(query, key, s.scale);
  const Kept vq = with_whole_rows(query), vk = with_whole_rows(key), vv = with_whole_rows(value);
  Value vy = make_value(shape, vq->strides);
  auto normalisers = std::make_shared<Normalisers>(s.heads * T);

  {
    const Heads q(*vq), k(*vk), v(*vv), y(*vy);
    parallel_for(s.groups(), groups_worth_a_thread(s), [&](std::size_t begin, std::size_t end) {
      std::vector<float> weights(std::min(T, block_rows) * T);
      each_block(s, begin, end, [&](const Block& b) {
        float* factors = &normalisers->factor[b.head * T + b.first];
        block_scores(s, b, q, k, weights.data());
        exponentials(b.keys(), b.rows(), weights.data(), &normalisers->largest[b.head * T + b.first],
                     factors);
        if (mask.active()) drop(s, b, mask, weights.data());
        gemm(Trans::yes, Trans::no, b.rows(), hs, b.keys(), 1.0f, weights.data(), b.rows(), v.row(b.group, 0),
             v.step, 0.0f, y.row(b.head, b.first), y.step);
        for (std::size_t i = 0; i < b.rows(); ++i) {
          float* row = y.row(b.head, b.first + i);
#pragma omp simd
          for (std::size_t c = 0; c < hs; ++c) row[c] *= factors[i];
        }
      });
    });
  }

  return result(vy, {&query, &key, &value}, [s, vq, vk, vv, vy = Kept(vy), normalisers, mask](Node& out) {
    // With P the weights, D dropout's factors, and dP = D * (dY V^T):
    // dV = (D P)^T dY,  dS = P * (dP - rowsum(dY * Y)),  dQ = scale dS K,  dK = scale dS^T Q.
    const std::size_t T = s.T, hs = s.hs;
    if (!rows_in_one_piece(out.grad_strides)) out.make_contiguous();
    const Heads q(*vq), k(*vk), v(*vv), y(*vy), dy(out.grad.data(), out.shape, out.grad_strides);
    // An input that has a gradient already gets its share from a buffer, for the
    // blocks below write before they add.
    std::vector<Array> buffers(3);
    std::vector<GradSlot> slots;
    std::vector<Heads> targets;
    for (const Kept& input : {vq, vk, vv}) {
      const std::size_t i = slots.size();
      slots.push_back(out.input(i, input->strides));
      const bool direct = slots[i] && !slots[i].add;
      if (!direct) buffers[i].resize(input->shape);
      targets.emplace_back(direct ? slots[i].data : buffers[i].data(), input->shape,
                           slots[i] ? out.inputs[i]->grad_strides : Strides{});
    }
    const Heads &dq = targets[0], &dk = targets[1], &dv = targets[2];
    parallel_for(s.groups(), groups_worth_a_thread(s), [&](std::size_t begin, std::size_t end) {
      std::vector<float> weights(std::min(T, block_rows) * T), gradients(weights.size()), dots(block_rows);
      each_block(s, begin, end, [&](const Block& b) {
        // The last block of a group's first head comes first, and reaches every key: it writes, all others add.
        const float beta = b.last == T && b.head % s.sharing == 0 ? 0.0f : 1.0f;
        const float* dy_rows = dy.row(b.head, b.first);
        for (std::size_t i = 0; i < b.rows(); ++i) {
          const float *dy_row = dy_rows + i * dy.step, *y_row = y.row(b.head, b.first + i);
          dots[i] = row_sum(hs, [=](std::size_t c) { return dy_row[c] * y_row[c]; });
        }
        block_scores(s, b, q, k, weights.data());
        gemm(Trans::no, Trans::yes, b.keys(), b.rows(), hs, 1.0f, v.row(b.group, 0), v.step, dy_rows, dy.step,
             0.0f, gradients.data(), b.rows());
        const float *largest = &normalisers->largest[b.head * T + b.first], *dot = dots.data();
        const float* factor = &normalisers->factor[b.head * T + b.first];
        for (std::size_t key = 0; key < b.keys(); ++key) {
          float *p = weights.data() + key * b.rows(), *d = gradients.data() + key * b.rows();
          if (mask.active()) {
            const DropoutColumn drops(s, b, key, mask);
#pragma omp simd
            for (std::size_t i = 0; i < b.rows(); ++i) {
              const float weight = fast_exp(p[i] - largest[i]) * factor[i], kept = drops(i);
              p[i] = weight * kept;
              d[i] = weight * (d[i] * kept - dot[i]) * s.scale;
            }
          } else {
#pragma omp simd
            for (std::size_t i = 0; i < b.rows(); ++i) {
              p[i] = fast_exp(p[i] - largest[i]) * factor[i];
              d[i] = p[i] * (d[i] - dot[i]) * s.scale;
            }
          }
        }
        // The first query sees one key, whose weight is 1 whatever the score.
        if (b.first == 0) gradients[0] = 0.0f;
        gemm(Trans::yes, Trans::no, b.rows(), hs, b.keys(), 1.0f, gradients.data(), b.rows(),
             k.row(b.group, 0), k.step, 0.0f, dq.row(b.head, b.first), dq.step);
        gemm(Trans::no, Trans::no, b.keys(), hs, b.rows(), 1.0f, gradients.data(), b.rows(),
             q.row(b.head, b.first), q.step, beta, dk.row(b.group, 0), dk.step);
        gemm(Trans::no, Trans::no, b.keys(), hs, b.rows(), 1.0f, weights.data(), b.rows(), dy_rows, dy.step,
             beta, dv.row(b.group, 0), dv.step);
      });
    });
    for (std::size_t i = 0; i < 3; ++i) {
      const float* from = targets[i].data;
      if (slots[i] && slots[i].add)
        fill(slots[i], buffers[i].size(), [from](std::size_t e) { return from[e]; });
    }
  });
}

}  // namespace

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v, float p, Rng& rng) {
  return attend(q, k, v, DropoutMask("causal_attention", p, rng));
}

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  Rng unused(0);
  return causal_attention(q, k, v, /*p=*/0.0f, unused);
}

}  // namespace gpt
