/// @file ops.hpp
/// The operations on tensors. Each checks its shapes, computes, and knows its own derivative.
///
/// All throw std::invalid_argument with both shapes in the message when these don't fit. An axis may be
/// negative: -1 is the last. `...` in a shape stands for any number of leading axes.
#pragma once

#include <cstddef>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace gpt {

class Rng;

/// @name Arithmetic, element by element
/// Two shapes fit if, aligned at their last axes, each pair of sizes is equal or one of them is 1 or missing;
/// the smaller is repeated (NumPy's broadcasting).
/// @{
Tensor operator+(const Tensor& a, const Tensor& b);  ///< sums
Tensor operator-(const Tensor& a, const Tensor& b);  ///< differences
Tensor operator*(const Tensor& a, const Tensor& b);  ///< products; of matrices, see matmul()
Tensor operator/(const Tensor& a, const Tensor& b);  ///< quotients; infinite or NaN where b is 0
Tensor operator+(const Tensor& a, float b);          ///< adds b to every element
Tensor operator-(const Tensor& a, float b);          ///< takes b off every element
Tensor operator*(const Tensor& a, float b);          ///< b times every element
Tensor operator/(const Tensor& a, float b);          ///< every element divided by b
Tensor operator+(float a, const Tensor& b);          ///< adds a to every element
Tensor operator-(float a, const Tensor& b);          ///< a minus every element
Tensor operator*(float a, const Tensor& b);          ///< a times every element
Tensor operator/(float a, const Tensor& b);          ///< a divided by every element
Tensor operator-(const Tensor& a);                   ///< every element with its sign turned
/// @}

/// @name Functions, element by element
/// @{
Tensor exp(const Tensor& x);   ///< e to the power of x
Tensor log(const Tensor& x);   ///< natural logarithm; -inf at 0, NaN below
Tensor tanh(const Tensor& x);  ///< hyperbolic tangent, in (-1, 1)
Tensor sqrt(const Tensor& x);  ///< square root; NaN below 0
Tensor relu(const Tensor& x);  ///< max(x, 0); its derivative at 0 is taken as 0
/// x times the share of a normal distribution below x, in GPT-2's form
/// \f$ \frac{x}{2} (1 + \tanh(\sqrt{2/\pi}\,(x + 0.044715 x^3))) \f$ (Hendrycks and Gimpel 2016,
/// arXiv:1606.08415, section 2).
Tensor gelu(const Tensor& x);
/// max(x, 0) squared (So et al. 2021, arXiv:2109.08668).
Tensor relu_squared(const Tensor& x);
/// x times the logistic function of it, \f$ x / (1 + e^{-x}) \f$.
Tensor silu(const Tensor& x);
/// silu(gate) * value in one pass.
Tensor silu_gate(const Tensor& gate, const Tensor& value);
/// @}

/// @name Matrices
/// @{

/// (..., M, K) @ (..., K, N) -> (..., M, N). Leading axes are equal, or b has none and serves all of a.
Tensor matmul(const Tensor& a, const Tensor& b);
/// Swaps the last two axes: (..., M, N) -> (..., N, M).
Tensor transpose(const Tensor& x);
/// x @ weight + bias: (..., in) @ (in, out) + (out) -> (..., out)
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);
/// x @ weight: (..., in) @ (in, out) -> (..., out)
Tensor linear(const Tensor& x, const Tensor& weight);
/// @}

/// @name Shapes
/// @{

/// Axis i of the result is axis axes[i] of x. No number moves before somebody asks
/// for the result row after row.
Tensor permute(const Tensor& x, const std::vector<std::size_t>& axes);
/// The same numbers in the same order under another shape with as many elements.
Tensor reshape(const Tensor& x, Shape shape);
/// Elements begin to end - 1 along an axis.
Tensor slice(const Tensor& x, int axis, std::size_t begin, std::size_t end);
/// One after the other along an axis; all other sizes equal.
Tensor concatenate(const std::vector<Tensor>& parts, int axis);
/// @}

/// @name Reductions
/// The axis stays, with size 1, so that the result broadcasts against x;
/// without an axis the result is a scalar.
/// @{
Tensor sum(const Tensor& x, int axis);   ///< sums along an axis
Tensor mean(const Tensor& x, int axis);  ///< means along an axis
Tensor max(const Tensor& x, int axis);   ///< largest; the gradient goes to the first of equal maxima
Tensor sum(const Tensor& x);             ///< of all elements
Tensor mean(const Tensor& x);            ///< of all elements
/// @}

/// @name Probabilities
/// @{

/// \f$ e^{x_i} / \sum_j e^{x_j} \f$ along the last axis, computed from x - max(x) so that nothing overflows.
Tensor softmax(const Tensor& x);
/// log(softmax(x)) along the last axis, without losing small probabilities.
Tensor log_softmax(const Tensor& x);
/// Scores (..., T, T) with -inf wherever the column (a key) comes after the row (the query).
Tensor causal_mask(const Tensor& scores);
/// One entry of the last axis for each token: out[b, t] = x[b, t, index[b, t]]; (B, T, V) -> (B, T).
/// @throws std::invalid_argument if an index is not in [0, V)
Tensor pick(const Tensor& x, const Tokens& index);
/// Mean over all positions that count of -log softmax(logits)[target], in nats; (B, T, V) -> scalar.
/// @param targets (B, T), each in [0, V), or no_target (-1) where the answer does not count
/// @throws std::invalid_argument if a target is none of these, or none counts
Tensor cross_entropy(const Tensor& logits, const Tokens& targets);
/// @}

/// @name Parts of networks
/// @{

/// Row ids[b, t] of a table for every token: (V, C) -> (B, T, C).
/// @throws std::invalid_argument if an id is not in [0, V)
Tensor embedding(const Tensor& table, const Tokens& tokens);
/// Each last-axis row to mean 0 and variance 1, then times gain plus bias, both (C)
/// (Ba et al. 2016, arXiv:1607.06450).
/// @param epsilon is added to the variance (over C, not C - 1)
Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias, float epsilon = 1e-5f);
/// Each last-axis row divided by its root mean square, then times gain (C): a layer norm without mean and bias
/// (Zhang and Sennrich 2019, arXiv:1910.07467).
/// @param epsilon is added to the mean square
Tensor rms_norm(const Tensor& x, const Tensor& gain, float epsilon = 1e-5f);
/// Turns channels i and i + hs / 2 of position t, as a point in a plane, by the angle whose cosine and sine stand in
/// row t: (..., T, hs), twice (T, hs / 2) -> (..., T, hs) (Su et al. 2021, arXiv:2104.09864).
/// @throws std::invalid_argument if hs is odd
Tensor rotate(const Tensor& x, const Tensor& cosines, const Tensor& sines);
/// Each element is 0 with probability p, else times 1 / (1 - p); the identity under
/// NoGrad (Srivastava et al. 2014).
/// @param p in [0, 1)
Tensor dropout(const Tensor& x, float p, Rng& rng);
/// softmax(causal_mask(q k^T / sqrt(hs))) v in one pass, for any number of heads:
/// all (..., T, hs) -> (..., T, hs). The matrix of weights is never stored; the
/// backward pass computes it again (Dao et al. 2022, arXiv:2205.14135).
///
/// With n times as many heads of queries as of keys and values, q (..., n G, T, hs) and k, v (..., G, T, hs), head h
/// reads the keys and values of head h / n (Ainslie et al. 2023, arXiv:2305.13245); nothing is copied.
Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v);
/// The same with dropout on the weights. @param p in [0, 1)
Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v, float p, Rng& rng);
/// @}

/// @name Recurrent networks
/// @{

/// What an LSTM carries from one position to the next, both (B, H).
struct LSTMState {
  Tensor h;  ///< its output at the position
  Tensor c;  ///< its memory, the cells
};
/// What lstm() gives.
struct LSTMResult {
  Tensor outputs;  ///< h of all positions, (B, T, H)
  LSTMState last;  ///< after the last of them: where the next call goes on
};
/// A long short-term memory over all positions in one operation (Hochreiter and Schmidhuber 1997; with the forget gate of
/// Gers et al. 2000). At each position, with the four gates' sums beside each other in one row of x + h W,
///
/// \f[ [i, f, g, o] = x + h W, \quad
///     c \leftarrow \sigma(f)\, c + \sigma(i) \tanh(g), \quad h \leftarrow \sigma(o) \tanh(c) \f]
///
/// @param x      what the gates get from the input, (B, T, 4 H): one linear() for all positions, with the bias
/// @param weight W, (H, 4 H)
/// @param first  the state before the first position
/// @throws std::invalid_argument if the shapes do not fit
LSTMResult lstm(const Tensor& x, const Tensor& weight, const LSTMState& first);
/// The same from a state of zeros.
LSTMResult lstm(const Tensor& x, const Tensor& weight);
/// @}

}  // namespace gpt
