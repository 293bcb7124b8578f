/// @file look_inside.hpp
/// What --trace writes: the numbers inside one forward pass, and what can be read out of them.
///
/// It serves the programs of all chapters, so it speaks of heads, blocks and a stream.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"          // Batch
#include "01_bigram/generate.hpp"       // last_tokens, Sampling
#include "01_bigram/loss.hpp"           // next_token_loss
#include "01_bigram/sample.hpp"         // probabilities, sample
#include "01_bigram/top_k.hpp"          // keep_top_k
#include "common/files/trace_file.hpp"  // Axis, LabelledTensor, labelled
#include "common/nn/nn.hpp"             // LanguageModel, Parameters
#include "common/tensor/check.hpp"      // any
#include "common/tensor/ops.hpp"        // concatenate, layer_norm, linear, softmax, sqrt, sum
#include "common/tensor/rng.hpp"        // Rng
#include "common/tensor/tensor.hpp"     // NoGrad, Tensor, Tokens
#include "common/tensor/trace.hpp"      // TracedTensor, Trace
#include "program/tokeniser.hpp"        // Vocabulary

namespace gpt {

/// 0, 1, ..., V - 1.
inline std::vector<int> all_ids(const AnyTokeniser& tokeniser) {
  std::vector<int> ids(tokeniser.size());
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

/// Each token as text, for the axes of figures.
inline std::vector<std::string> letters(const AnyTokeniser& tokeniser, const std::vector<int>& tokens) {
  std::vector<std::string> all;
  for (const int id : tokens) all.push_back(tokeniser.decode({id}));
  return all;
}

/// A line to look at: what was asked for, else one that most readers know, as far as the vocabulary has its letters.
/// @param longest the model's block size; of a longer text, the end is taken
inline std::vector<int> traced_text(const std::string& prompt, const AnyTokeniser& tokeniser,
                                    std::size_t longest) {
  std::vector<int> line = tokeniser.encode(prompt);
  if (prompt.empty()) {
    for (const char c : std::string("to be or not to be, that is the ")) {
      const std::string letter(1, c);
      if (tokeniser.knows(letter)) line.push_back(tokeniser.encode(letter).front());
    }
    if (line.empty()) line = all_ids(tokeniser);
    line.resize(std::min({line.size(), longest, std::size_t{32}}));
  }
  const std::size_t n = std::min(line.size(), longest);
  return {line.end() - static_cast<std::ptrdiff_t>(n), line.end()};
}

/// What follows each character if nothing before it is known: row i of (V, V) is
/// what the model expects after symbol i.
template <LanguageModel Model>
Tensor followers(const Model& model, std::size_t V) {
  std::vector<int> each(V);
  std::iota(each.begin(), each.end(), 0);
  const Tensor logits = model(Tokens{V, 1, each});  // V texts of one character -> (V, 1, V)
  return reshape(softmax(logits), {V, V});
}

/// One text as it comes to be.
struct SamplePath {
  std::vector<int> drawn;  ///< n tokens
  Tensor probabilities;    ///< (n, V), what each was drawn from
};

/// generate(), with its dice on the table.
template <LanguageModel Model>
SamplePath sample_path(const Model& model, std::vector<int> tokens, std::size_t n, Sampling sampling,
                       Rng& dice) {
  SamplePath path{{}, Tensor::zeros({})};
  std::vector<float> all;
  std::size_t V = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Tensor logits = model(last_tokens(tokens, model.block_size()));  // (1, T, V)
    V = logits.shape().back();
    const std::vector<float> kept = keep_top_k(last_row(logits), sampling.top_k);
    tokens.push_back(sample(kept, sampling.temperature, dice));
    path.drawn.push_back(tokens.back());
    const std::vector<float> p = probabilities(kept, sampling.temperature > 0 ? sampling.temperature : 1.0f);
    all.insert(all.end(), p.begin(), p.end());
  }
  path.probabilities = Tensor::from({n, V}, all);
  return path;
}

/// The length of every position's vector: (1, T, C) -> (1, T).
inline Tensor lengths(const Tensor& x) { return reshape(sqrt(sum(x * x, -1)), {1, x.size(-2)}); }

/// The residual stream on its way up, as the models of chapters 4 to 6 note it.
struct Stream {
  std::vector<std::string> places;  ///< "embedded", "blocks.0.read", "blocks.0.thought", ...
  std::vector<Tensor> tensors;      ///< (1, T, C) each

  /// @param all what was noted in a forward pass
  explicit Stream(const std::vector<TracedTensor>& all) {
    for (const TracedTensor& noted : all) {
      const std::string last = noted.name.substr(noted.name.rfind('.') + 1);
      if (last != "embedded" && last != "read" && last != "thought") continue;
      places.push_back(noted.name);
      tensors.push_back(noted.tensor);
    }
  }
};

/// What a model would say if its remaining blocks were left out: the last norm (if it has one) and the output
/// layer, applied to the stream ("logit lens", nostalgebraist 2020). Shapes: (1, T, C) -> (1, T, V).
/// @param parameters the model's, which are found by name
/// @returns nothing for a model without an output layer by that name
inline std::optional<Tensor> lens(const Tensor& stream, const Parameters& parameters) {
  const auto find = [&](const std::string& end) -> std::optional<Tensor> {
    for (const Parameter& p : parameters) {
      if (p.name.find("blocks.") == std::string::npos && p.name.ends_with(end)) return p.tensor;
    }
    return std::nullopt;
  };
  const std::optional<Tensor> gain = find("norm.gain"), bias = find("norm.bias");
  const Tensor normal = !gain ? stream : bias ? layer_norm(stream, *gain, *bias) : rms_norm(stream, *gain);
  const std::optional<Tensor> weight = find("output.weight"), offset = find("output.bias");
  if (!weight || !offset) return std::nullopt;
  return softmax(linear(normal, *weight, *offset));
}

/// How much each parameter would have to say about the loss on this batch: the length of its gradient, in
/// their order. Neither the parameters nor their gradients are changed.
template <LanguageModel Model>
std::vector<float> gradient_lengths(const Model& model, const Batch& batch) {
  const Parameters parameters = model.parameters();
  for (const Parameter& p : parameters) p.tensor.zero_grad();
  next_token_loss(model(batch.inputs), batch.targets).backward();
  std::vector<float> all;
  for (const Parameter& p : parameters) {
    double squares = 0;
    for (const float d : p.tensor.grad()) squares += static_cast<double>(d) * static_cast<double>(d);
    all.push_back(static_cast<float>(std::sqrt(squares)));
    p.tensor.zero_grad();
  }
  return all;
}

/// gradient_lengths() at one moment of training.
struct Gradients {
  std::size_t step;            ///< steps taken before
  std::vector<float> lengths;  ///< one for each parameter
};

/// All such moments as a figure: (moments, parameters).
inline LabelledTensor gradients(const Parameters& parameters, const std::vector<Gradients>& moments) {
  Axis step{"step", {}}, parameter{"parameter", {}};
  for (const Parameter& p : parameters) parameter.labels.push_back(p.name);
  std::vector<float> all;
  for (const Gradients& moment : moments) {
    step.labels.push_back(std::to_string(moment.step));
    all.insert(all.end(), moment.lengths.begin(), moment.lengths.end());
  }
  return {"gradients",
          "length of every parameter's gradient",
          {step, parameter},
          Tensor::from({moments.size(), parameters.size()}, all)};
}

/// The tables of a model as training changes them: what each symbol means (V, C), what each place means
/// (block_size, C), and the output layer's (C, V). What a model lacks, or has in more than 10,000 numbers, is left out.
class Tables {
 public:
  /// Is this one of the moments to keep: after 2, 10 and 40 of 100 steps?
  static bool is_moment(std::size_t step, std::size_t steps) {
    return step > 0 && (step == steps / 50 || step == steps / 10 || step == steps * 2 / 5);
  }

  /// Copies the tables, unless they are kept at this step already.
  void keep(std::size_t step, const Parameters& parameters) {
    if (!steps_.empty() && steps_.back() == std::to_string(step)) return;
    steps_.push_back(std::to_string(step));
    for (Table& table : tables_) {
      for (const Parameter& p : parameters) {
        if (p.name != table.name || p.tensor.size() > 10000) continue;
        table.shape = p.tensor.shape();
        table.values.insert(table.values.end(), p.tensor.values().begin(), p.tensor.values().end());
      }
    }
  }

  /// (moments, rows, columns) for each table that is there.
  /// @param symbols the vocabulary's, as text
  std::vector<LabelledTensor> figures(const std::vector<std::string>& symbols) const {
    std::vector<LabelledTensor> all;
    for (const Table& table : tables_) {
      if (table.values.empty()) continue;
      std::vector<Axis> axes{{"step", steps_}};
      for (const std::string& axis : table.axes)
        axes.push_back({axis, axis == "symbol" ? symbols : std::vector<std::string>{}});
      const Shape shape{steps_.size(), table.shape[0], table.shape[1]};
      all.push_back({table.name, table.title, axes, Tensor::from(shape, table.values)});
    }
    return all;
  }

 private:
  struct Table {
    std::string name, title;
    std::vector<std::string> axes;
    Shape shape;
    std::vector<float> values;
  };
  std::vector<std::string> steps_;
  std::vector<Table> tables_{
      {"token_embedding.weight", "what each symbol means", {"symbol", "channel"}, {}, {}},
      {"position_embedding.weight", "what each place means", {"place", "channel"}, {}, {}},
      {"output.weight", "what speaks for each symbol", {"channel", "symbol"}, {}, {}}};
};

/// The places of a text that excite each hidden unit most, in a model of one block: the characters that end there, as many
/// as the model sees at once.
/// @param text ids; of a long text, its first 200,000
/// @param n    places for each unit, no two with the same characters
/// @returns (units * n), those of a unit together, the strongest first; 0 where nothing more excites it. Nothing for a model
/// that notes no hidden units or those of several blocks, and for a text that is too short
template <LanguageModel Model>
std::optional<LabelledTensor> contexts(const Model& model, const AnyTokeniser& tokeniser,
                                       std::span<const int> text, std::size_t n) {
  const NoGrad no_grad;
  const std::size_t T = model.block_size();
  text = text.first(std::min<std::size_t>(text.size(), 200000));
  if (T > text.size()) return std::nullopt;  // or sees no end
  struct Place {
    float value;
    std::span<const int> tokens;
  };
  std::vector<std::vector<Place>> best;  // for each unit
  for (std::size_t start = 0; start + T <= text.size();) {
    Tokens windows{0, T, {}};
    const std::size_t first = start;
    for (; windows.B < 512 && start + T <= text.size(); ++start) append(windows, text.subspan(start, T));
    std::vector<Tensor> hidden;  // (B, T, units)
    {
      const Trace trace;
      model(windows);
      for (const TracedTensor& noted : trace.noted())
        if (noted.name.ends_with("hidden")) hidden.push_back(noted.tensor);
    }
    if (hidden.size() != 1) return std::nullopt;
    best.resize(hidden[0].size(-1));
    for (std::size_t b = 0; b < windows.B; ++b) {
      const std::span<const int> tokens = text.subspan(first + b, T);
      for (std::size_t unit = 0; unit < best.size(); ++unit) {
        std::vector<Place>& places = best[unit];
        const float value = hidden[0].values()[((b + 1) * T - 1) * best.size() + unit];
        const auto same = [&](const Place& p) { return std::ranges::equal(p.tokens, tokens); };
        if (value <= (places.size() < n ? 0.0f : places.back().value) || std::ranges::any_of(places, same))
          continue;
        const auto weaker = [&](const Place& p) { return p.value < value; };
        places.insert(std::ranges::find_if(places, weaker), {value, tokens});
        if (places.size() > n) places.pop_back();
      }
    }
  }
  std::vector<float> values;
  Axis context{"context", {}};
  for (std::vector<Place>& places : best) {
    places.resize(n, {0, {}});
    for (const Place& place : places) {
      values.push_back(place.value);
      context.labels.push_back(tokeniser.decode({place.tokens.begin(), place.tokens.end()}));
    }
  }
  return LabelledTensor{"contexts",
                        "the places that excite each hidden unit most",
                        {context},
                        Tensor::from({values.size()}, values)};
}

/// Everything to be seen while a model reads one line.
/// @param text  at most block_size tokens
/// @param start what the sample of the path continues
/// @param dice  draw it
template <LanguageModel Model>
std::vector<LabelledTensor> look_inside(const Model& model, const AnyTokeniser& tokeniser,
                                        const std::vector<int>& text, const std::vector<int>& start,
                                        Sampling sampling, Rng& dice) {
  const NoGrad no_grad;
  const std::vector<std::string> line = letters(tokeniser, text);
  const std::vector<std::string> symbols = letters(tokeniser, all_ids(tokeniser));
  const Axis position{"position", line}, next{"next", symbols};

  std::vector<TracedTensor> noted;
  Tensor logits = Tensor::zeros({});
  {
    const Trace trace;
    logits = model(Tokens{1, text.size(), text});  // (1, T, V)
    noted = trace.noted();
  }
  std::vector<LabelledTensor> all = labelled(noted, line);
  const std::size_t T = text.size(), V = tokeniser.size();

  const Stream stream(noted);
  if (stream.tensors.size() > 2) {  // more than one block's
    std::vector<Tensor> rows, said;
    Axis after{"after", stream.places}, block{"after", {}};
    for (std::size_t i = 0; i < stream.tensors.size(); ++i) {
      rows.push_back(lengths(stream.tensors[i]));
      if (stream.places[i].ends_with("read")) continue;  // half a block
      if (const std::optional<Tensor> p = lens(stream.tensors[i], model.parameters())) {
        said.push_back(*p);
        block.labels.push_back(stream.places[i]);
      }
    }
    all.push_back({"stream", "length of the residual stream", {after, position}, concatenate(rows, 0)});
    if (!said.empty())
      all.push_back(
          {"lens", "what each block would already say", {block, position, next}, concatenate(said, 0)});
  }
  all.push_back({"predictions", "what comes next", {position, next}, reshape(softmax(logits), {T, V})});

  std::vector<Tensor> at_temperatures;
  Axis temperature{"temperature", {"0.5", "0.8", "1", "1.5"}};
  for (const std::string& t : temperature.labels) {
    const std::vector<float> p = probabilities(last_row(logits), std::stof(t));
    at_temperatures.push_back(Tensor::from({1, V}, p));
  }
  all.push_back({"temperatures",
                 "the last prediction at four temperatures",
                 {temperature, next},
                 concatenate(at_temperatures, 0)});

  if (model.block_size() == no_limit) {
    all.insert(all.begin(), {"following",
                             "how likely each character is to follow",
                             {Axis{"last", symbols}, next},
                             followers(model, V)});
  }
  const SamplePath path = sample_path(model, start, 24, sampling, dice);
  all.push_back({"path",
                 "the path of one sample",
                 {Axis{"step", letters(tokeniser, path.drawn)}, next},
                 path.probabilities});
  return all;
}

}  // namespace gpt
