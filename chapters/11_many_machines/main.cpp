/// @file main.cpp
/// Chapter 11's program: chapter 6's GPT, trained by several processes at once.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <thread>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/sizes.hpp"
#include "11_many_machines/averaging.hpp"
#include "11_many_machines/launch.hpp"
#include "11_many_machines/mpi_ranks.hpp"
#include "11_many_machines/share_of_batch.hpp"
#include "11_many_machines/split_adamw.hpp"
#include "common/terminal/interrupt.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

Chapter chapter(const std::string& size) {
  Chapter chapter{
      .number = 11,
      .title = "many machines",
      .adds = "Several processes learn from a part of each batch, and average what they found.",
      .expect =
          "The losses of one process with the whole batch, in less time if the machine has cores for it.",
      .variant = size,
      .B = 16,
      .T = 32,
      .steps = 1000,
      .keep_best = true};
  if (size == "laptop") chapter.T = 64, chapter.steps = 2000;
  if (size == "lecture") chapter.B = 64, chapter.T = 256, chapter.steps = 2000, chapter.lr = 3e-4f;
  return chapter;
}

/// The program of one rank.
std::unique_ptr<Program> program_of(const MpiRanks& ranks, const Chapter& chapter, RunOptions options) {
  if (options.threads == 0)
    options.threads = std::max<size_t>(1, std::thread::hardware_concurrency() / ranks.neighbours());
  auto program = std::make_unique<Program>(chapter, ranks.rank() == 0 ? options : in_silence(options));
  if (program->B() % ranks.size() != 0)
    throw CommandLineError("--batch: expected a multiple of the " + std::to_string(ranks.size()) +
                           " ranks, got " + std::to_string(program->B()));
  return program;
}

/// What a program asks of the others, answered by its ranks.
Team team_of(Ranks& ranks) {
  Team team;
  team.leads = ranks.rank() == 0;
  team.share = [&](const Batch& whole) { return share_of_batch(whole, ranks); };
  team.agree = [&](std::span<float> numbers) { ranks.broadcast(numbers); };
  team.anybody = [&](bool me) { return std::ranges::count(ranks.gather(me ? 1 : 0), 1u) > 0; };
  return team;
}

/// The optimiser's memory, as it lies on the ranks.
void say_what_is_remembered(Ranks& ranks, size_t numbers, const Program& program) {
  const std::vector<std::uint64_t> all = ranks.gather(numbers);
  if (program.quiet() || all[0] == 0) return;
  std::printf("The optimiser's running means, in megabytes:");
  for (size_t r = 0; r < all.size(); ++r)
    std::printf(" %.2f on rank %zu%s", 4e-6 * double(all[r]), r, r + 1 < all.size() ? "," : ".\n");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::array<Choice, 5> choices{
        {{"--size", "How large a GPT", {"small", "laptop", "lecture"}, "small"},
         {"--average", "When gradients are averaged", {"one-by-one", "after", "while"}, "while"},
         {"--ranks", "Processes to start on this machine", {"1", "2", "4", "8", "16", "32", "64"}, "1"},
         {"--patience", "Seconds to wait for a rank that is silent", {"3", "10", "60", "600"}, "60"},
         {"--split-state", "Each rank keeps the optimiser's means of its own weights", {"no", "yes"}, "no"}}};
    const Choice &size = choices[0], &average = choices[1], &processes = choices[2], &patience = choices[3],
                 &split = choices[4];
    const auto parse = [&] { return parse_command_line(argc, argv, chapter("small").help(), choices); };
    if (!started_by_mpirun()) {
      parse();
      if (processes.value != "1") launch(std::stoul(processes.value), argc, argv);
    }

    MpiRanks ranks(std::stod(patience.value));
    std::unique_ptr<Program> program;
    ranks.alike([&] {
      const RunOptions options = parse();
      ranks.set_patience(std::stod(patience.value));
      if (processes.given && std::stoul(processes.value) != ranks.size())
        throw CommandLineError("--ranks: expected as many as mpirun has started, " +
                               std::to_string(ranks.size()) + ", or nothing, got " + processes.value);
      Chapter shared = chapter(size.value);
      if (split.value == "yes")
        shared.optimizer = [&](const Parameters& weights) {
          return AnyOptimizer(SplitAdamW(weights, ranks));
        };
      program = program_of(ranks, shared, options);
    });
    ranks.require_same("build of this program", this_program());
    ranks.require_same("text to learn from", program->text());

    Rng rng(program->seed());
    GPTSizes sizes = gpt_sizes.at(size.value);
    sizes.V = program->V();
    sizes.block_size = program->T();
    sizes.dropout = 0;  // what one process drops of a whole batch, several cannot
    const GPTLanguageModel model(sizes, rng);

    std::optional<Averaging> averaging;
    Team team = team_of(ranks);
    if (!processes.given && ranks.size() > 1)
      team.started_by = "mpirun -n " + std::to_string(ranks.size()) + " ";
    const Parameters weights = model.parameters();
    size_t remembered = 0;  // numbers of the optimiser on this rank
    team.begin = [&](const Parameters& all) {
      remembered = count(all) - count(weights);
      share_weights(split.value == "yes" ? weights : all, ranks);
      averaging.emplace(average.value, weights, ranks);
    };
    if (split.value == "yes")
      team.remembered = [&](const Parameters& own) { return whole_state(weights, own, ranks); };
    team.before_step = [&] { averaging->before_step(); };
    team.end = [&] { averaging.reset(); };
    program->join(team);
    try {
      program->run(model, rng);
      if (split.given) say_what_is_remembered(ranks, remembered, *program);
    } catch (const Interrupted&) {
      ranks.all_end();  // they have agreed to stop
      throw;
    } catch (const std::exception& error) {
      if (ranks.size() > 1) ranks.abandon(error.what());
      throw;
    }
  });
}
