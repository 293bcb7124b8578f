/// @file ops_probability.cpp
/// From scores to probabilities, and from probabilities to a loss.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/rows.hpp"
#include "common/tensor/trace.hpp"

namespace gpt {
namespace {

void require_rows(const char* who, const Tensor& x) {
  if (x.dim() == 0 || x.shape().back() == 0) {
    throw std::invalid_argument(std::string(who) + ": x must have a last axis of at least one element, got " +
                                to_string(x.shape()));
  }
}

// The log of the sum of e^x over a row, in two parts: added up, the small one would lose its digits beside a
// large one, and (x - largest) - log_sum would not.
struct LogTotal {
  float largest, log_sum;
};

LogTotal log_total(const float* x, std::size_t n) {
  const float m = row_max(x, n);
  return {m, std::log(row_sum(n, [=](std::size_t i) { return fast_exp(x[i] - m); }))};
}

// Checks logits (B, T, V) against ids (B, T) in [lowest, V).
void require_choices(const char* who, const Tensor& x, const Tokens& ids, int lowest = 0) {
  if (x.dim() != 3 || x.shape()[0] != ids.B || x.shape()[1] != ids.T || ids.ids.size() != ids.B * ids.T) {
    throw std::invalid_argument(std::string(who) + ": tokens (" + std::to_string(ids.B) + ", " +
                                std::to_string(ids.T) + ") with " + std::to_string(ids.ids.size()) +
                                " ids need x (" + std::to_string(ids.B) + ", " + std::to_string(ids.T) +
                                ", V), got " + to_string(x.shape()));
  }
  const int V = static_cast<int>(x.shape()[2]);
  for (const int id : ids.ids) {
    if (id < lowest || id >= V) {
      throw std::invalid_argument(std::string(who) + ": ids must be in [0, " + std::to_string(V) + ")" +
                                  (lowest < 0 ? ", or -1 where nothing counts" : "") + ", got " +
                                  std::to_string(id));
    }
  }
}

}  // namespace

Tensor softmax(const Tensor& x) {
  require_rows("softmax", x);
  Value y = make_value(x.shape());
  const Rows rows(x.shape());
  const float* px = Inside::rows(x)->data();
  float* py = y->data();
  rows.each([&](std::size_t, std::size_t at) { softmax_row(px + at, py + at, rows.width); });
  return result(y, {&x}, [y = Kept(y), rows](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    rows.each([&](std::size_t, std::size_t at) {
      const float *p = y->data() + at, *dy = out.dy() + at;
      const float dot = row_sum(rows.width, [=](std::size_t i) { return p[i] * dy[i]; });
      float* d = dx.data + at;
      for (std::size_t i = 0; i < rows.width; ++i) d[i] = (dx.add ? d[i] : 0.0f) + p[i] * (dy[i] - dot);
    });
  });
}

Tensor log_softmax(const Tensor& x) {
  require_rows("log_softmax", x);
  Value y = make_value(x.shape());
  const Rows rows(x.shape());
  const float* px = Inside::rows(x)->data();
  float* py = y->data();
  rows.each([&](std::size_t, std::size_t at) {
    const LogTotal total = log_total(px + at, rows.width);
    for (std::size_t i = 0; i < rows.width; ++i) py[at + i] = (px[at + i] - total.largest) - total.log_sum;
  });
  return result(y, {&x}, [y = Kept(y), rows](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    rows.each([&](std::size_t, std::size_t at) {
      const float *log_p = y->data() + at, *dy = out.dy() + at;
      const float total = row_sum(rows.width, [=](std::size_t i) { return dy[i]; });
      float* d = dx.data + at;
      for (std::size_t i = 0; i < rows.width; ++i) {
        d[i] = (dx.add ? d[i] : 0.0f) + dy[i] - fast_exp(log_p[i]) * total;
      }
    });
  });
}

Tensor causal_mask(const Tensor& scores) {
  const Shape& shape = scores.shape();
  if (shape.size() < 2 || shape[shape.size() - 1] != shape[shape.size() - 2]) {
    throw std::invalid_argument("causal_mask: scores must be (..., T, T), got " + to_string(shape));
  }
  const std::size_t T = shape.back();
  Value y = make_value(shape);
  const float* px = Inside::rows(scores)->data();
  const Rows rows(shape);
  rows.each([&](std::size_t row, std::size_t at) {
    const std::size_t query = row % T;
    std::copy_n(px + at, query + 1, y->data() + at);
    std::fill_n(y->data() + at + query + 1, T - query - 1, -std::numeric_limits<float>::infinity());
  });
  note("scores", scores);
  return note("masked", result(y, {&scores}, [rows, T](Node& out) {
                const GradSlot dx = out.input(0);
                if (!dx) return;
                rows.each([&](std::size_t row, std::size_t at) {
                  const std::size_t query = row % T;
                  for (std::size_t key = 0; key < T; ++key) {
                    dx.data[at + key] =
                        (dx.add ? dx.data[at + key] : 0.0f) + (key <= query ? out.dy()[at + key] : 0.0f);
                  }
                });
              }));
}

Tensor pick(const Tensor& x, const Tokens& index) {
  require_choices("pick", x, index);
  const std::size_t V = x.shape()[2];
  Value y = make_value({index.B, index.T});
  for (std::size_t i = 0; i < index.ids.size(); ++i) {
    y->data()[i] = Inside::rows(x)->data()[i * V + static_cast<std::size_t>(index.ids[i])];
  }
  return result(y, {&x}, [ids = index.ids, V](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    if (!dx.add) std::fill_n(dx.data, ids.size() * V, 0.0f);
    for (std::size_t i = 0; i < ids.size(); ++i)
      dx.data[i * V + static_cast<std::size_t>(ids[i])] += out.dy()[i];
  });
}

// Composed, this is -mean(pick(log_softmax(logits), targets)), where all targets count.
Tensor cross_entropy(const Tensor& logits, const Tokens& targets) {
  require_choices("cross_entropy", logits, targets, no_target);
  require_rows("cross_entropy", logits);
  const Rows rows(logits.shape());
  const auto counted = static_cast<std::size_t>(
      std::count_if(targets.ids.begin(), targets.ids.end(), [](int id) { return id != no_target; }));
  if (counted == 0)
    throw std::invalid_argument("cross_entropy: needs at least one position that counts, got none");
  const Kept x = Inside::rows(logits);
  const float* const px = x->data();
  auto log_totals = std::make_shared<std::vector<LogTotal>>(rows.rows);
  rows.each([&](std::size_t row, std::size_t at) { (*log_totals)[row] = log_total(px + at, rows.width); });
  double loss = 0;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (targets.ids[row] == no_target) continue;
    const LogTotal total = (*log_totals)[row];
    const float logit = px[row * rows.width + static_cast<std::size_t>(targets.ids[row])];
    loss += total.log_sum - (logit - total.largest);
  }
  Value y = make_value({});
  y->data()[0] = static_cast<float>(loss / static_cast<double>(counted));
  return result(y, {&logits}, [x, rows, counted, log_totals, ids = targets.ids](Node& out) {
    const GradSlot dx = out.input(0);
    if (!dx) return;
    const float share = out.dy()[0] / static_cast<float>(counted);
    const float* const all = x->data();
    rows.each([&](std::size_t row, std::size_t at) {  // d loss / d logits = (softmax - one-hot) / counted
      const float* px = all + at;
      const LogTotal total = (*log_totals)[row];
      float* d = dx.data + at;
      if (!dx.add) std::fill_n(d, rows.width, 0.0f);
      if (ids[row] == no_target) return;
#pragma omp simd
      for (std::size_t i = 0; i < rows.width; ++i)
        d[i] += share * fast_exp((px[i] - total.largest) - total.log_sum);
      d[static_cast<std::size_t>(ids[row])] -= share;
    });
  });
}

}  // namespace gpt
