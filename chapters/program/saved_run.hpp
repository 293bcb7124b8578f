/// @file saved_run.hpp
/// A run in a file: the weights, and all that is needed to go on as if
/// the program had never stopped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/files/checkpoint.hpp"  // Checkpoint, load_checkpoint, save_checkpoint
#include "common/files/report.hpp"      // CurvePoint
#include "common/files/weights.hpp"     // restore, stored
#include "common/nn/nn.hpp"             // Parameters
#include "common/nn/optimizer.hpp"      // Optimizer
#include "common/tensor/rng.hpp"        // Rng

namespace gpt {

/// Where a run stands. In the file, all but the weights are metadata.
struct SavedRun {
  int chapter;            ///< whose model it is
  std::string variant;    ///< the chapter's own option, "" if it has none
  std::string symbols;    ///< the vocabulary
  std::size_t batch;      ///< B
  std::size_t context;    ///< T
  std::size_t step;       ///< steps behind it
  Rng::State rng;         ///< the next batch will be the one that would have come
  Checkpoint checkpoint;  ///< the weights and the optimiser's means; empty while saving
  float lowest_val = std::numeric_limits<float>::infinity();  ///< validation loss of the best look so far
  std::string text = {};               ///< AnyTask::fingerprint() of what it learned from
  std::string corpus = {};             ///< AnyTask::name() of the same
  std::vector<CurvePoint> curve = {};  ///< all looks at the losses so far
  bool is_best = false;                ///< was it saved at its lowest validation loss?
  Checkpoint best = {};                ///< the run as it was then, where it has gone on since; else empty
};

/// Stands before the names of the best run's tensors and metadata in the file.
inline constexpr const char* best_prefix = "best.";

/// Numbers as text with a blank between two.
template <class Numbers>
std::string join(const Numbers& numbers) {
  std::ostringstream text;
  for (const auto n : numbers) text << (text.tellp() > 0 ? " " : "") << n;
  return text.str();
}

/// A loss with all its digits: what is read back is the same number. "inf" where there is none yet.
inline std::string in_full(float loss) {
  std::ostringstream text;
  text.precision(std::numeric_limits<float>::max_digits10);
  text << loss;
  return text.str();
}

/// All that a file holds of a run.
/// @param state what its optimiser remembers
/// @throws std::runtime_error if a weight is NaN or infinite
inline Checkpoint checkpoint_of(const SavedRun& run, const Parameters& parameters, const Parameters& state) {
  std::vector<int> codes;  // as numbers, since a character may be half of a letter in UTF-8
  for (const char c : run.symbols) codes.push_back(static_cast<unsigned char>(c));
  Checkpoint checkpoint{{{"format", "bardling"},
                         {"chapter", std::to_string(run.chapter)},
                         {"variant", run.variant},
                         {"vocabulary", join(codes)},
                         {"batch", std::to_string(run.batch)},
                         {"context", std::to_string(run.context)},
                         {"step", std::to_string(run.step)},
                         {"rng", join(run.rng)},
                         {"lowest_val", in_full(run.lowest_val)},
                         {"text", run.text},
                         {"corpus", run.corpus},
                         {"best", run.is_best ? "yes" : "no"}},
                        stored(parameters)};
  std::string& curve = checkpoint.metadata["curve"];
  for (const CurvePoint& point : run.curve) {
    curve += std::to_string(point.step) + " " + in_full(point.train) + " " + in_full(point.val) + " ";
  }
  for (StoredTensor& tensor : stored(state)) checkpoint.tensors.push_back(std::move(tensor));
  // A run within the run, by names of its own.
  for (const auto& [name, value] : run.best.metadata) checkpoint.metadata[best_prefix + name] = value;
  for (const StoredTensor& tensor : run.best.tensors) {
    checkpoint.tensors.push_back({best_prefix + tensor.name, tensor.shape, tensor.values});
  }
  return checkpoint;
}

/// Takes the run within the run out of a checkpoint.
inline Checkpoint take_best(Checkpoint& checkpoint) {
  Checkpoint best;
  const std::string prefix = best_prefix;
  for (auto at = checkpoint.metadata.begin(); at != checkpoint.metadata.end();) {
    if (at->first.starts_with(prefix)) {
      best.metadata[at->first.substr(prefix.size())] = at->second;
      at = checkpoint.metadata.erase(at);
    } else {
      ++at;
    }
  }
  for (StoredTensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    best.tensors.push_back(
        {tensor.name.substr(prefix.size()), std::move(tensor.shape), std::move(tensor.values)});
  }
  std::erase_if(checkpoint.tensors,
                [&](const StoredTensor& tensor) { return tensor.name.starts_with(prefix); });
  return best;
}

/// @throws std::runtime_error if the file is not a checkpoint, or one of another chapter or variant
inline SavedRun load_run(const std::filesystem::path& file, int chapter, const std::string& variant) {
  Checkpoint checkpoint = load_checkpoint(file);
  const auto entry = [&](const char* name) {
    const auto found = checkpoint.metadata.find(name);
    if (found == checkpoint.metadata.end()) {
      throw std::runtime_error(file.string() + ": its metadata has no \"" + name +
                               "\"; was it saved by a chapter's --save?");
    }
    return found->second;
  };
  const auto not_ours = [&](const char* name) {
    return std::runtime_error(file.string() + ": metadata \"" + name + "\" is not what --save writes: \"" +
                              entry(name) + "\"");
  };
  const auto numbers = [&](const char* name, std::size_t count, std::uint64_t largest) {
    std::vector<std::uint64_t> all;
    std::istringstream text(entry(name));
    for (std::uint64_t n; text >> n;) all.push_back(n);
    bool right = text.eof() && (count == 0 ? !all.empty() : all.size() == count);
    for (const std::uint64_t n : all) right = right && n <= largest;
    if (!right) throw not_ours(name);
    return all;
  };
  if (entry("chapter") != std::to_string(chapter) || entry("variant") != variant) {
    const auto name = [](const std::string& number, const std::string& kind) {
      return "chapter " + number + (kind.empty() ? "" : " (" + kind + ")");
    };
    throw std::runtime_error(file.string() + " holds the model of " +
                             name(entry("chapter"), entry("variant")) + ", and this is " +
                             name(std::to_string(chapter), variant));
  }
  constexpr std::uint64_t largest_size = 1u << 30;
  SavedRun run{chapter, variant, {}, 0, 0, 0, {}, {}};
  for (const std::uint64_t code : numbers("vocabulary", 0, 255)) run.symbols += static_cast<char>(code);
  run.batch = numbers("batch", 1, largest_size)[0];
  run.context = numbers("context", 1, largest_size)[0];
  run.step = numbers("step", 1, largest_size)[0];
  const std::vector<std::uint64_t> words = numbers("rng", 4, UINT64_MAX);
  std::copy(words.begin(), words.end(), run.rng.begin());
  // Dice of zeros would throw zeros for ever, and no seed leads there.
  if (run.rng == Rng::State{}) throw not_ours("rng");
  const std::string lowest = entry("lowest_val");
  char* end = nullptr;
  run.lowest_val = std::strtof(lowest.c_str(), &end);
  if (lowest.empty() || *end != '\0' || !(run.lowest_val >= 0)) throw not_ours("lowest_val");
  if (run.context == 0)
    throw std::runtime_error(file.string() + ": metadata \"context\" must be positive, got 0");
  // Files from before these were written have none of them.
  const auto if_there = [&](const char* name) {
    const auto found = checkpoint.metadata.find(name);
    return found == checkpoint.metadata.end() ? std::string() : found->second;
  };
  run.text = if_there("text");
  run.corpus = if_there("corpus");
  run.is_best = if_there("best") == "yes";
  std::istringstream curve(if_there("curve"));
  std::string step, train, val;
  while (curve >> step >> train >> val) {
    run.curve.push_back({std::strtoull(step.c_str(), nullptr, 10), std::strtof(train.c_str(), nullptr),
                         std::strtof(val.c_str(), nullptr)});
  }
  run.best = take_best(checkpoint);
  run.checkpoint = std::move(checkpoint);
  return run;
}

/// Puts a saved run's numbers into a model of the same sizes, its optimiser and its dice.
/// @throws std::runtime_error if a weight is missing or has another shape, or another optimiser has trained it
template <Optimizer O>
void resume(const SavedRun& run, const Parameters& parameters, O& optimizer, Rng& rng) {
  Parameters all = parameters;
  for (Parameter& state : optimizer.state()) {
    const bool is_there = std::ranges::count(run.checkpoint.tensors, state.name, &StoredTensor::name) > 0;
    if (!is_there) {
      throw std::runtime_error("the run has no " + state.name +
                               ", which the optimiser needs to go on - was it trained by another optimiser?");
    }
    all.push_back(std::move(state));
  }
  restore(all, run.checkpoint);
  optimizer.set_steps(run.step);
  rng.restore(run.rng);
}

}  // namespace gpt
