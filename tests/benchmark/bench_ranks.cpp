/// @file bench_ranks.cpp
/// Times the steps of several ranks, chapter 11's, a thread on each, with each of the three ways to average.
///
///     mpirun -n 2 bench_ranks [--size small|laptop|lecture] [--batch B] [--steps N] [--timeline]
///
/// Rank 0 prints one JSON object a line, with the median of all steps but the first three. --timeline prints, in their
/// place, a trace for the site: what each rank did when in two steps, the fastest two that follow each other.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "01_bigram/batch.hpp"
#include "01_bigram/loss.hpp"
#include "06_gpt/sizes.hpp"
#include "11_many_machines/averaging.hpp"
#include "11_many_machines/mpi_ranks.hpp"
#include "11_many_machines/share_of_batch.hpp"
#include "common/kernels/denormals.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/nn/adamw.hpp"
#include "common/tensor/rng.hpp"
#include "common/terminal/run_program.hpp"

namespace {

using namespace gpt;
using Clock = std::chrono::steady_clock;

/// What a rank can be at: `work` on either side of backward(), and the packing of messages.
enum class Doing { forward, backward, send, wait, work };

/// Something that a rank was at, in milliseconds since its first step.
struct Span {
  Doing doing;
  double start, end;
};

/// What one rank does, one thing after the other.
class Diary {
 public:
  /// Ends what it was at, and begins something else. @returns what it was at
  Doing turn_to(Doing next) {
    const double now = milliseconds();
    if (now > since_) spans_.push_back({doing_, since_, now});
    since_ = now;
    return std::exchange(doing_, next);
  }
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }
  const std::vector<Span>& spans() const { return spans_; }

 private:
  Clock::time_point start_ = Clock::now();
  double since_ = 0;
  Doing doing_ = Doing::work;
  std::vector<Span> spans_;
};

/// Ranks that write down when they send and when they wait.
class TimedRanks : public Ranks {
 public:
  TimedRanks(Ranks& ranks, Diary& diary) : ranks_(ranks), diary_(diary) {}
  size_t rank() const override { return ranks_.rank(); }
  size_t size() const override { return ranks_.size(); }
  void sum(std::span<float> numbers) override {
    during(Doing::wait, [&] { ranks_.sum(numbers); });
  }
  void begin_sum(std::span<float> numbers) override {
    during(Doing::send, [&] { ranks_.begin_sum(numbers); });
  }
  void finish_sums() override {
    during(Doing::wait, [&] { ranks_.finish_sums(); });
  }
  void broadcast(std::span<float> numbers) override { ranks_.broadcast(numbers); }
  void pass_on(std::span<const float> to_next, std::span<float> from_previous) override {
    ranks_.pass_on(to_next, from_previous);
  }
  std::vector<std::uint64_t> gather(std::uint64_t number) override { return ranks_.gather(number); }

 private:
  template <class Call>
  void during(Doing doing, const Call& call) {
    const Doing before = diary_.turn_to(doing);
    call();
    diary_.turn_to(before);
  }

  Ranks& ranks_;
  Diary& diary_;
};

struct Wish {
  std::string size = "small";
  size_t B = 0, steps = 50;
  bool timeline = false;
};

struct Measured {
  std::vector<double> begun;  ///< when each step did, and the last one ended, in milliseconds
  std::vector<Span> spans;
  size_t parameters;
};

/// Steps of one way to average, as chapter 11's program takes them.
Measured measure(const std::string& way, const Wish& wish, Ranks& all) {
  Rng rng(1337);
  GPTSizes sizes = gpt_sizes.at(wish.size);
  sizes.V = 65;
  sizes.block_size = wish.size == "small" ? 32 : wish.size == "laptop" ? 64 : 256;
  sizes.dropout = 0;
  const GPTLanguageModel model(sizes, rng);
  std::vector<int> text(1'000'000);
  for (int& id : text) id = int(rng.below(sizes.V));
  AdamW optimizer(model.parameters());
  all.gather(0);  // all clocks begin as one
  Diary diary;
  TimedRanks ranks(all, diary);
  Averaging averaging(way, model.parameters(), ranks);
  optimizer.before_step([&] { averaging.before_step(); });
  Measured measured{{}, {}, count(model.parameters())};
  for (size_t step = 0; step < wish.steps; ++step) {
    measured.begun.push_back(diary.milliseconds());
    const Batch batch = share_of_batch(sample_batch(text, wish.B, sizes.block_size, rng), ranks);
    diary.turn_to(Doing::forward);
    const Tensor loss = next_token_loss(model(batch.inputs), batch.targets);
    optimizer.zero_grad();
    diary.turn_to(Doing::backward);
    loss.backward();
    diary.turn_to(Doing::work);
    optimizer.step(1e-3f);
  }
  diary.turn_to(Doing::work);
  measured.begun.push_back(diary.milliseconds());
  measured.spans = diary.spans();
  return measured;
}

/// One JSON tensor: rows of rank, what it was at, and from when to when.
void print_timeline(const std::string& way, const Measured& measured, Ranks& ranks, bool is_first) {
  size_t first = 3;  // the two fastest steps that follow each other
  for (size_t step = first; step + 2 < measured.begun.size(); ++step) {
    if (measured.begun[step + 2] - measured.begun[step] < measured.begun[first + 2] - measured.begun[first])
      first = step;
  }
  std::vector<float> window{float(measured.begun[first]), float(measured.begun[first + 2])};
  ranks.broadcast(window);  // rank 0's
  std::vector<float> mine;
  for (const Span& span : measured.spans) {
    const float start = std::max(float(span.start), window[0]), end = std::min(float(span.end), window[1]);
    if (start < end)
      mine.insert(mine.end(), {float(ranks.rank()), float(span.doing), start - window[0], end - window[0]});
  }
  const std::vector<std::uint64_t> sizes = ranks.gather(mine.size());
  std::string values;
  size_t rows = 0;
  for (size_t r = 0; r < ranks.size(); ++r) {
    std::vector<float> theirs(sizes[r], 0.0f);
    if (r == ranks.rank()) theirs = mine;
    ranks.sum(theirs);
    rows += theirs.size() / 4;
    for (const float value : theirs) {
      char text[32];
      std::snprintf(text, sizeof text, "%s%.4g", values.empty() ? "" : ", ", double(value));
      values += text;
    }
  }
  std::printf(
      "%s{\"name\": \"timeline.%s\", \"title\": \"what each rank does when\", \"axes\": [\"span\", "
      "\"field\"], "
      "\"shape\": [%zu, 4],\n \"labels\": {\"field\": [\"rank\", \"doing\", \"start\", \"end\"]}, "
      "\"values\": [%s]}",
      is_first ? "" : ",\n", way.c_str(), rows, values.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    flush_denormals(true);
    set_threads(1);
    Wish wish;
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--timeline")
        wish.timeline = true;
      else if (i + 1 == argc)
        throw CommandLineError(word + ": expected a value");
      else if (word == "--size")
        wish.size = argv[++i];
      else if (word == "--batch")
        wish.B = std::stoul(argv[++i]);
      else if (word == "--steps")
        wish.steps = std::stoul(argv[++i]);
      else
        throw CommandLineError(word + ": expected --size, --batch, --steps or --timeline");
    }
    if (gpt_sizes.count(wish.size) == 0 || wish.steps < 6)
      throw CommandLineError("expected a size that chapter 6 knows, and 6 steps or more");
    if (wish.B == 0) wish.B = wish.size == "lecture" ? 64 : 16;
    MpiRanks ranks(/*patience=*/60);
    if (wish.timeline) {
      std::printf(
          "{\"title\": \"What %zu ranks do when.\", \"run\": \"chapter 11, size %s, two steps of %zu\", "
          "\"tensors\": [\n",
          ranks.size(), wish.size.c_str(), wish.steps);
    }
    bool is_first = true;
    for (const std::string way : {"one-by-one", "after", "while"}) {
      const Measured measured = measure(way, wish, ranks);
      if (wish.timeline) {
        print_timeline(way, measured, ranks, is_first);
        is_first = false;
        continue;
      }
      std::vector<double> steps;
      for (size_t step = 3; step + 1 < measured.begun.size(); ++step)
        steps.push_back(measured.begun[step + 1] - measured.begun[step]);
      std::printf(
          "{\"peer\": \"Bardling\", \"size\": \"%s\", \"ranks\": %zu, \"batch\": %zu, \"parameters\": %zu, "
          "\"average\": \"%s\", "
          "\"step_ms_median\": %.4f}\n",
          wish.size.c_str(), ranks.size(), wish.B, measured.parameters, way.c_str(), median(steps));
      std::fflush(stdout);
    }
    if (wish.timeline) std::printf("\n]}\n");
  });
}
