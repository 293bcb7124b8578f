/// @file measure.cpp
/// One run of chapter 8's measurements, printed as lines of a name and numbers. measure.py starts such runs, many of them,
/// and makes tables and pictures of what they print.
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>

#include "01_bigram/evaluate.hpp"
#include "01_bigram/train.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "08_recurrent/distance.hpp"
#include "08_recurrent/recall.hpp"
#include "08_recurrent/recurrent_language_model.hpp"
#include "common/files/corpus.hpp"
#include "common/kernels/denormals.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/nn/adamw.hpp"
#include "common/terminal/command_line.hpp"
#include "common/terminal/run_program.hpp"

namespace {

using namespace gpt;

enum Option { cell, layers, residual, parameters, what, options };
using Choices = std::array<Choice, options>;

Choices choices() {
  return {{{"--cell", "The model", {"rnn", "lstm", "gpt"}, "lstm"},
           {"--layers", "Of a recurrent net; the GPT has four blocks", {"1", "2", "4"}, "1"},
           {"--residual", "Are there paths around its layers?", {"yes", "no"}, "no"},
           {"--parameters", "As many as the width can make", {"20k", "80k", "300k", "1m", "3m"}, "80k"},
           {"--measure",
            "The loss; the same with distance and positions; recall; or milliseconds a step",
            {"loss", "inside", "recall", "waiting"},
            "loss"}}};
}

/// Seconds of processor time, all threads together.
double processor_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

/// A text to learn from, cut as in all chapters: its last tenth validates.
struct Text {
  explicit Text(const std::string& name) : corpus(open_corpus(name)), vocabulary(corpus.text) {
    ids = vocabulary.encode(corpus.text);
    train = std::span<const int>(ids).first(ids.size() * 9 / 10);
    val = std::span<const int>(ids).subspan(train.size());
  }
  Batch sample(size_t B, size_t T, Rng& rng) const { return sample_batch(train, B, T, rng); }

  Corpus corpus;
  Vocabulary vocabulary;
  std::vector<int> ids;
  std::span<const int> train, val;
};

/// Trains, and prints the loss on the way: step, processor seconds of the steps so far, loss.
template <class Model, Task T, class Look>
void learn(const Model& model, const T& task, const RunOptions& given, size_t B, size_t context, size_t steps,
           const Look& look) {
  AdamW optimizer(model.parameters(), {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
  Rng rng(given.seed + 1000);  // the same batches for all models of a seed
  const float highest = given.lr.value_or(3e-3f);
  const auto lr = [&](size_t step) {
    return cosine_schedule(step, steps, highest, std::min<size_t>(50, steps / 2));
  };
  const size_t every = std::max<size_t>(1, given.eval_every.value_or(steps / 8));
  double seconds = 0, start = processor_seconds();
  train(model, optimizer, task, {B, context, steps, lr}, rng, [&](float loss) {
    if (!std::isfinite(loss))
      throw std::runtime_error("measure: the loss is no finite number at step " +
                               std::to_string(optimizer.steps()));
    if (optimizer.steps() % every == 0 || optimizer.steps() == steps) {
      seconds += processor_seconds() - start;
      std::printf("look %zu %.3f %.4f\n", optimizer.steps(), seconds, double(look()));
      start = processor_seconds();
    }
    return true;
  });
  seconds += processor_seconds() - start;
  std::printf("seconds %.3f\n", seconds);
}

void print(const char* name, const std::vector<double>& numbers) {
  std::printf("%s", name);
  for (const double number : numbers) std::printf(" %.6g", number);
  std::printf("\n");
}

/// The lengths of input gradients, the last position first, averaged over windows from all over the validation part.
template <class Model>
void distance(const char* name, const InputGradients<Model>& gradients, std::span<const int> text, size_t T,
              size_t windows) {
  std::vector<double> mean(T, 0.0);
  for (size_t w = 0; w < windows; ++w) {
    const size_t start = w * (text.size() - T - 1) / windows;
    const std::vector<double> lengths = gradients(text.subspan(start, T + 1));
    for (size_t t = 0; t < T; ++t) mean[T - 1 - t] += lengths[t] / double(windows);
  }
  print(name, mean);
}

/// Steps of training, timed: the median's milliseconds, and processor milliseconds a step.
template <class Model>
void waiting(const Model& model, const Text& text, size_t B, size_t T, size_t least) {
  using Clock = std::chrono::steady_clock;
  AdamW optimizer(model.parameters());
  Rng rng(1);
  std::vector<double> ms;
  const auto step = [&] {
    const auto start = Clock::now();
    const Batch batch = text.sample(B, T, rng);
    const Tensor loss = next_token_loss(model(batch.inputs), batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step(1e-3f);
    ms.push_back(1e3 * std::chrono::duration<double>(Clock::now() - start).count());
  };
  for (int warm_up = 0; warm_up < 2; ++warm_up) step();
  ms.clear();
  const double before = processor_seconds();
  const auto start = Clock::now();
  while (ms.size() < least || Clock::now() - start < std::chrono::milliseconds(700)) step();
  std::printf("ms %.4f %.4f\n", median(ms), 1e3 * (processor_seconds() - before) / double(ms.size()));
}

/// The width at which a model comes nearest to so many parameters.
/// @param step  the width is a multiple of it
/// @param make  makes one of a width
template <class Make>
size_t width(size_t wanted, size_t step, const Make& make) {
  const auto off = [&](size_t C) {
    const size_t n = count(make(C).parameters());
    return n > wanted ? n - wanted : wanted - n;
  };
  size_t low = step, high = 2 * step;
  while (count(make(high).parameters()) < wanted) {
    low = high;
    high *= 2;
  }
  while (high - low > step) {
    const size_t middle = (low + high) / (2 * step) * step;
    (count(make(middle).parameters()) < wanted ? low : high) = middle;
  }
  return off(low) < off(high) ? low : high;
}

/// Calls f(make), where make(V) makes the model that was chosen for a vocabulary of V.
template <class F>
void with_model(const Choices& chosen, size_t V, size_t T, Rng& rng, const F& f) {
  const size_t wanted = std::map<std::string, size_t>{
      {"20k", 20'000},
      {"80k", 80'000},
      {"300k", 300'000},
      {"1m", 1'000'000},
      {"3m", 3'000'000}}.at(chosen[parameters].value);
  const auto of_width = [&](size_t step, const auto& make) {
    const size_t C = width(wanted, step, [&](size_t C) {
      Rng unused(1);
      return make(V, C, unused);
    });
    std::printf("channels %zu\n", C);
    f([&](size_t vocabulary) { return make(vocabulary, C, rng); });
  };
  const size_t L = std::stoul(chosen[layers].value);
  const Residual paths = chosen[residual].value == "yes" ? Residual::yes : Residual::no;
  const std::string& kind = chosen[cell].value;
  if (kind == "rnn") {
    of_width(1, [&](size_t vocabulary, size_t C, Rng& dice) {
      return RecurrentLanguageModel<RNN>({vocabulary, C, L, paths}, dice);
    });
  } else if (kind == "lstm") {
    of_width(1, [&](size_t vocabulary, size_t C, Rng& dice) {
      return RecurrentLanguageModel<LSTM>({vocabulary, C, L, paths}, dice);
    });
  } else {
    of_width(4, [&](size_t vocabulary, size_t C, Rng& dice) {
      return GPTLanguageModel({vocabulary, T, C, /*H=*/4, /*L=*/4, /*dropout=*/0.0f}, dice);
    });
  }
}

void measure(const Choices& chosen, const RunOptions& given) {
  const std::string& kind = chosen[what].value;
  const bool inside = kind == "inside";
  set_threads(given.threads > 0 ? given.threads : 1);
  flush_denormals(true);
  Rng rng(given.seed);
  if (kind == "recall") {
    const Recall recall;
    const size_t T = recall.longest();
    with_model(chosen, recall.vocabulary().size(), T, rng, [&](const auto& make) {
      const auto model = make(recall.vocabulary().size());
      std::printf("parameters %zu\n", count(model.parameters()));
      const size_t questions = 250;
      const auto hardest = [&] { return recall_right(model, recall, {8, 0}, 8, 200); };
      learn(model, recall, given, given.batch.value_or(16), T, given.steps.value_or(1500), hardest);
      for (const size_t pairs : {1, 2, 4, 8})
        std::printf("pairs %zu %.4f\n", pairs,
                    double(recall_right(model, recall, {pairs, 0}, pairs, questions)));
      for (const size_t filler : {0, 8, 16, 32, 48, 64})
        std::printf("filler %zu %.4f\n", filler,
                    double(recall_right(model, recall, {1, filler}, 1, questions)));
      for (size_t asked = 0; asked < 8; ++asked)
        std::printf("asked %zu %.4f\n", asked, double(recall_right(model, recall, {8, 0}, asked, questions)));
    });
    return;
  }
  const Text text(given.data);
  const size_t V = text.vocabulary.size();
  const size_t T = given.context.value_or(inside ? 128 : 64), B = given.batch.value_or(inside ? 8 : 16);
  std::printf("corpus %s\n", text.corpus.name.c_str());
  with_model(chosen, V, T, rng, [&](const auto& make) {
    const auto model = make(V);
    std::printf("parameters %zu\n", count(model.parameters()));
    if (kind == "waiting") {
      waiting(model, text, B, T, /*least=*/given.steps.value_or(5));
      return;
    }
    const size_t part = std::max<size_t>(1, text.val.size() / 120'000);
    const auto gradients = InputGradients(model, make(V + T));
    const size_t windows = given.steps.value_or(1000) < 100 ? 4 : 200;
    if (inside) distance("distance_before", gradients, text.val, T, windows);
    const auto look = [&] { return evaluate(model, text.val, T, 12 * part); };
    learn(model, text, given, B, T, given.steps.value_or(inside ? 1000 : 600), look);
    std::printf("train_loss %.5f\n", double(evaluate(model, text.train, T, 10 * part)));
    std::printf("val_loss %.5f\n", double(evaluate(model, text.val, T, part)));
    if (!inside) return;
    distance("distance_after", gradients, text.val, T, windows);
    print("positions", loss_by_position(model, text.val, T, windows < 100 ? 4096 : 16 * part));
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    Choices chosen = choices();
    const RunOptions given = parse_command_line(
        argc, argv, "Chapter 8: one run of its measurements; measure.py starts them.", chosen);
    measure(chosen, given);
  });
}
