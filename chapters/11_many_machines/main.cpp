/// @file main.cpp
/// Chapter 11's program: chapter 6's GPT, trained by several processes at once.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <thread>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "11_many_machines/average_gradients.hpp"
#include "11_many_machines/average_while_backward.hpp"
#include "11_many_machines/launch.hpp"
#include "11_many_machines/mpi_ranks.hpp"
#include "11_many_machines/share_of_batch.hpp"
#include "common/terminal/interrupt.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

/// The text as one of the ranks sees it.
struct SharedText : TextTask {
  SharedText(Corpus corpus, const AnyTokeniser& tokeniser, Ranks& r)
      : TextTask(std::move(corpus), tokeniser), ranks(r) {}

  Batch sample(size_t B, size_t T, Rng& rng) const override {
    return share_of_batch(TextTask::sample(B, T, rng), ranks);
  }
  CurvePoint look(const AnyModel& model, size_t T, size_t step) const override {
    return from_rank_0(step, [&] { return TextTask::look(model, T, step); });
  }
  CurvePoint evaluate(const AnyModel& model, size_t T, size_t step) const override {
    return from_rank_0(step, [&] { return TextTask::evaluate(model, T, step); });
  }

  /// One evaluates, and all hear of it: so they agree on what was best, to the last digit.
  template <class Look>
  CurvePoint from_rank_0(size_t step, const Look& look) const {
    std::array<float, 2> losses{};
    if (ranks.rank() == 0) {
      const CurvePoint point = look();
      losses = {point.train, point.val};
    }
    ranks.broadcast(losses);
    return {step, losses[0], losses[1]};
  }

  Ranks& ranks;
};

const std::map<std::string, GPTSizes> sizes{
    {"small", {.V = 0, .block_size = 0, .C = 64, .H = 4, .L = 4, .dropout = 0.0f}},
    {"laptop", {.V = 0, .block_size = 0, .C = 128, .H = 4, .L = 4, .dropout = 0.0f}},
    {"lecture", {.V = 0, .block_size = 0, .C = 384, .H = 6, .L = 6, .dropout = 0.0f}}};

Chapter chapter(const std::string& size) {
  const bool large = size == "lecture";
  return {.number = 11,
          .title = "many machines",
          .adds = "Several processes learn from a part of each batch, and average what they found.",
          .expect =
              "The losses of one process with the whole batch, in less time if the machine has cores for it.",
          .variant = size,
          .B = large ? size_t{64} : size_t{16},
          .T = large             ? size_t{256}
               : size == "small" ? size_t{32}
                                 : size_t{64},
          .steps = size == "small" ? size_t{1000} : size_t{2000},
          .lr = large ? 3e-4f : 1e-3f,
          .keep_best = true};
}

/// A number that another build of this program has not.
std::uint64_t build() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (std::istreambuf_iterator<char> byte(file), end; byte != end; ++byte)
    hash = (hash ^ static_cast<unsigned char>(*byte)) * 1099511628211u;
  return hash;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::array<Choice, 4> choices{
        {{"--size", "How large a GPT", {"small", "laptop", "lecture"}, "small"},
         {"--average", "When gradients are averaged", {"one-by-one", "after", "while"}, "while"},
         {"--ranks", "Processes to start on this machine", {"1", "2", "4", "8", "16", "32", "64"}, "1"},
         {"--patience", "Seconds to wait for a rank that is silent", {"3", "10", "60", "600"}, "60"}}};
    auto& [size, average, processes, patience] = choices;
    const auto parse = [&] { return parse_command_line(argc, argv, chapter("small").help(), choices); };
    if (!started_by_mpirun()) {
      parse();
      if (processes.value != "1") launch(std::stoul(processes.value), argc, argv);
    }

    MpiRanks ranks(std::stod(patience.value));
    RunOptions options;
    std::unique_ptr<Program> program;
    std::string text = "0";
    ranks.alike([&] {
      options = parse();
      ranks.set_patience(std::stod(patience.value));
      if (options.threads == 0)
        options.threads = std::max<size_t>(1, std::thread::hardware_concurrency() / ranks.neighbours());
      if (ranks.rank() > 0) {
        options.quiet = true;
        options.tokens = 0;
        options.save = options.report = options.trace = std::filesystem::path();
      }
      if (processes.given && std::stoul(processes.value) != ranks.size())
        throw CommandLineError("--ranks: expected as many as mpirun has started, " +
                               std::to_string(ranks.size()) + ", or nothing, got " + processes.value);
      Chapter shared = chapter(size.value);
      shared.task = [&](const RunOptions& o, const SavedRun* saved) {
        return text_task(o, saved, [&](Corpus corpus, const Vocabulary& vocabulary) {
          text = corpus.fingerprint;
          return std::make_unique<SharedText>(std::move(corpus), vocabulary, ranks);
        });
      };
      program = std::make_unique<Program>(shared, options);
      if (program->B() % ranks.size() != 0)
        throw CommandLineError("--batch: expected a multiple of the " + std::to_string(ranks.size()) +
                               " ranks, got " + std::to_string(program->B()));
    });
    ranks.require_same("build of this program", build());
    ranks.require_same("text to learn from", std::stoull("0" + text, nullptr, 16));

    Rng rng(program->seed());
    GPTSizes s = sizes.at(size.value);
    s.V = program->V();
    s.block_size = program->T();
    const GPTLanguageModel model(s, rng);
    //! [team]
    const Parameters weights = model.parameters();
    std::optional<AverageWhileBackward> meanwhile;
    Team team;
    team.leads = ranks.rank() == 0;
    if (!processes.given && ranks.size() > 1)
      team.started_by = "mpirun -n " + std::to_string(ranks.size()) + " ";
    team.begin = [&](const Parameters& all) {
      share_weights(all, ranks);
      if (average.value == "while") meanwhile.emplace(weights, ranks, /*bucket=*/size_t{32'768});
    };
    team.end = [&] { meanwhile.reset(); };
    team.before_step = [&] {
      if (meanwhile)
        meanwhile->finish();
      else if (average.value == "after")
        average_gradients(weights, ranks);
      else
        average_one_by_one(weights, ranks);
    };
    team.anybody = [&](bool me) {
      const std::vector<std::uint64_t> all = ranks.gather(me ? 1 : 0);
      return std::ranges::count(all, 0u) < std::ptrdiff_t(all.size());
    };
    //! [team]
    program->join(team);
    try {
      program->run(model, rng);
    } catch (const Interrupted&) {
      ranks.all_end();  // they have agreed to stop
      throw;
    } catch (const std::exception& error) {
      if (ranks.size() > 1) ranks.abandon(error.what());
      throw;
    }
  });
}
