/// @file ops_recurrent.cpp
/// The long short-term memory over all positions in one operation. Composed, each position is a product of matrices,
/// four slices and a dozen small operations on them.
///
/// A position waits for the one before it, but no sequence waits for another: each thread takes some sequences from
/// their first position to their last, and back again.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "common/kernels/precision.hpp"
#include "common/kernels/vector_math.hpp"
#include "common/tensor/check.hpp"
#include "common/tensor/factor.hpp"
#include "common/tensor/node.hpp"
#include "common/tensor/ops.hpp"
#include "common/tensor/trace.hpp"

namespace gpt {
namespace {

struct Sizes {
  std::size_t B, T, H;
  std::size_t positions() const { return B * T; }
  std::size_t at(std::size_t b, std::size_t t) const { return b * T + t; }
  std::size_t sequences_worth_a_thread() const { return 1 + product_grain / (4 * T * H * H + 1); }
};

// A position of a sequence: from its four gates' sums, x + hW, to the gates and the new state. `c` may be `before`.
void step_forward(std::size_t H, const float* x, const float* hW, const float* before, float* gates, float* c,
                  float* h) {
#pragma omp simd
  for (std::size_t j = 0; j < H; ++j) {
    const float i = fast_logistic(x[j] + hW[j]), f = fast_logistic(x[H + j] + hW[H + j]);
    const float g = fast_tanh(x[2 * H + j] + hW[2 * H + j]), o = fast_logistic(x[3 * H + j] + hW[3 * H + j]);
    gates[j] = i;
    gates[H + j] = f;
    gates[2 * H + j] = g;
    gates[3 * H + j] = o;
    c[j] = f * before[j] + i * g;
    h[j] = o * fast_tanh(c[j]);
  }
}

// The way back: from dy, what the position's output is asked for from above, and dh and dc, what the next position asks of
// its state, to the gradient of the sums; dc becomes what is asked of the cells before.
void step_backward(std::size_t H, const float* gates, const float* before, const float* c, const float* dy,
                   const float* dh, float* dc, float* dsums) {
#pragma omp simd
  for (std::size_t j = 0; j < H; ++j) {
    const float i = gates[j], f = gates[H + j], g = gates[2 * H + j], o = gates[3 * H + j];
    const float said = fast_tanh(c[j]), asked = dy[j] + dh[j];
    const float d = dc[j] + asked * o * (1.0f - said * said);
    dsums[j] = d * g * i * (1.0f - i);
    dsums[H + j] = d * before[j] * f * (1.0f - f);
    dsums[2 * H + j] = d * i * (1.0f - g * g);
    dsums[3 * H + j] = asked * said * o * (1.0f - o);
    dc[j] = d * f;
  }
}

// to (columns, rows) = from (rows, columns), a line of memory at a time.
void transpose(std::size_t rows, std::size_t columns, const float* from, float* to) {
  constexpr std::size_t line = 16;
  parallel_for(
      (columns + line - 1) / line, 1 + plain_grain / (line * rows), [=](std::size_t begin, std::size_t end) {
        for (std::size_t first = begin * line; first < std::min(columns, end * line); first += line) {
          for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t j = first; j < std::min(columns, first + line); ++j)
              to[j * rows + row] = from[row * columns + j];
          }
        }
      });
}

// A forward pass, as the way back needs it.
struct Run {
  Sizes s;
  bool rounds;           // products are made from bfloat16
  Kept weight, h0, c0;   // (H, 4 H), (B, H), (B, H)
  Kept gates, cells, h;  // (B, T, 4 H), (B, T, H), (B, T, H)
};

// The state before each position, (B, T, H): h, one position late.
void states_before(const Run& run, float* before) {
  const Sizes& s = run.s;
  parallel_for(s.B, 1 + plain_grain / (s.T * s.H), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      float* const rows = before + s.at(b, 0) * s.H;
      std::copy_n(run.h0->data() + b * s.H, s.H, rows);
      std::copy_n(run.h->data() + s.at(b, 0) * s.H, (s.T - 1) * s.H, rows + s.H);
    }
  });
}

// From dy of all positions, and dc of the last cells, to the gradient of the sums x + hW, position by position from the
// last. What is left in dc belongs to the first state, and in dh if that is wanted.
void back_through_time(const Run& run, const float* dy, float* dsums, float* dh, float* dc, bool wants_dh) {
  const Sizes& s = run.s;
  const std::size_t H = s.H;
  // Every product is with W^T: it is quicker to turn W once.
  Scratch turned(4 * H * H, run.rounds);
  transpose(H, 4 * H, run.weight->data(), turned.data());
  const Numbers w = turned;
  parallel_for(s.B, s.sequences_worth_a_thread(), [&](std::size_t begin, std::size_t end) {
    Scratch rows((end - begin) * 4 * H, run.rounds);
    for (std::size_t t = s.T; t-- > 0;) {
      for (std::size_t b = begin; b < end; ++b) {
        const float *c = run.cells->data() + s.at(b, t) * H,
                    *before = t == 0 ? run.c0->data() + b * H : c - H;
        float* const row = rows.data() + (b - begin) * 4 * H;
        step_backward(H, run.gates->data() + s.at(b, t) * 4 * H, before, c, dy + s.at(b, t) * H, dh + b * H,
                      dc + b * H, row);
        std::copy_n(row, 4 * H, dsums + s.at(b, t) * 4 * H);
      }
      if (t == 0 && !wants_dh) break;
      multiply(Trans::no, Trans::no, end - begin, H, 4 * H, rows, w, dh + begin * H,
               /*add=*/false);  // dh = dsums W^T
    }
  });
}

void lstm_backward(const Run& run, std::vector<float> dc, Node& out) {
  const Sizes& s = run.s;
  const GradSlot dx = out.input(0), dw = out.input(1);
  Array buffer;
  const bool direct = dx && !dx.add;
  if (!direct) buffer.resize({s.B, s.T, 4 * s.H});
  float* const dsums = direct ? dx.data : buffer.data();  // which is dx
  std::vector<float> dh(s.B * s.H);
  dc.resize(s.B * s.H);
  back_through_time(run, out.dy(), dsums, dh.data(), dc.data(), out.wants(2));
  if (dw) {  // dW = h^T dsums, of all positions in one product
    Scratch before(s.positions() * s.H, run.rounds);
    states_before(run, before.data());
    const GradientFactor gradient(dsums, s.positions() * 4 * s.H, run.rounds);
    multiply(Trans::yes, Trans::no, s.H, 4 * s.H, s.positions(), before, gradient, dw.data, dw.add);
  }
  if (!direct) fill(dx, buffer.size(), [dsums](std::size_t i) { return dsums[i]; });
  fill(out.input(2), dh.size(), [&dh](std::size_t i) { return dh[i]; });
  fill(out.input(3), dc.size(), [&dc](std::size_t i) { return dc[i]; });
}

// The cells after the last position, a second result of the same step. It comes later on the tape, so on the way back it is
// there first, and leaves its gradient for the other.
Tensor last_cells(const Sizes& s, const Storage& cells, const Tensor& outputs,
                  const std::shared_ptr<std::vector<float>>& gradient) {
  Value last = make_value({s.B, s.H});
  for (std::size_t b = 0; b < s.B; ++b)
    std::copy_n(cells.data() + s.at(b, s.T - 1) * s.H, s.H, last->data() + b * s.H);
  return result(last, {&outputs},
                [gradient](Node& out) { gradient->assign(out.dy(), out.dy() + out.grad.size()); });
}

}  // namespace

LSTMResult lstm(const Tensor& x, const Tensor& weight, const LSTMState& first) {
  if (weight.dim() != 2 || weight.shape()[0] == 0 || weight.shape()[1] != 4 * weight.shape()[0]) {
    throw std::invalid_argument("lstm: weight must be (H, 4 H), got " + to_string(weight.shape()));
  }
  const std::size_t H = weight.shape()[0];
  require_shape("lstm: x", x, {any, any, 4 * H});
  const Sizes s{x.shape()[0], x.shape()[1], H};
  require_shape("lstm: first.h", first.h, {s.B, H});
  require_shape("lstm: first.c", first.c, {s.B, H});

  // Rounded where one product for each position would be.
  const bool rounds = in_bfloat16(s.B, 4 * H, H);
  const Factor w(Inside::rows(weight), rounds);
  const Value vx = Inside::rows(x), h0 = Inside::rows(first.h), c0 = Inside::rows(first.c);
  const Value gates = make_value(x.shape()), cells = make_value({s.B, s.T, H}), y = make_value({s.B, s.T, H});
  parallel_for(s.B, s.sequences_worth_a_thread(), [&](std::size_t begin, std::size_t end) {
    Scratch h((end - begin) * H, rounds), hW((end - begin) * 4 * H, /*rounds=*/false);
    std::copy_n(h0->data() + begin * H, (end - begin) * H, h.data());
    for (std::size_t t = 0; t < s.T; ++t) {
      multiply(Trans::no, Trans::no, end - begin, 4 * H, H, h, w, hW.data(), /*add=*/false);
      for (std::size_t b = begin; b < end; ++b) {
        float *c = cells->data() + s.at(b, t) * H, *out = y->data() + s.at(b, t) * H;
        const float* before = t == 0 ? c0->data() + b * H : c - H;
        step_forward(H, vx->data() + s.at(b, t) * 4 * H, hW.data() + (b - begin) * 4 * H, before,
                     gates->data() + s.at(b, t) * 4 * H, c, out);
        std::copy_n(out, H, h.data() + (b - begin) * H);
      }
    }
  });
  if (Trace::alive()) {
    note("gates", Inside::make(gates, nullptr));
    note("cells", Inside::make(cells, nullptr));
  }

  auto last_dc = std::make_shared<std::vector<float>>();  // empty if nobody asks for it
  const Run run{s, rounds, Inside::rows(weight), h0, c0, gates, cells, y};
  const Tensor outputs = result(y, {&x, &weight, &first.h, &first.c},
                                [run, last_dc](Node& out) { lstm_backward(run, std::move(*last_dc), out); });
  const Tensor h = reshape(slice(outputs, 1, s.T - 1, s.T), {s.B, H});
  return {outputs, {h, last_cells(s, *cells, outputs, last_dc)}};
}

LSTMResult lstm(const Tensor& x, const Tensor& weight) {
  const std::size_t B = x.dim() == 3 ? x.shape()[0] : 0, H = weight.dim() == 2 ? weight.shape()[0] : 0;
  return lstm(x, weight, {Tensor::zeros({B, H}), Tensor::zeros({B, H})});
}

}  // namespace gpt
