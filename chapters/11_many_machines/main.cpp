/// @file main.cpp
/// Chapter 11's program: chapter 6's GPT, trained by several processes at once.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "06_gpt/cached_gpt.hpp"
#include "06_gpt/sizes.hpp"
#include "11_many_machines/launch.hpp"
#include "11_many_machines/mpi_ranks.hpp"
#include "11_many_machines/share_of_batch.hpp"
#include "11_many_machines/together.hpp"
#include "common/kernels/parallel.hpp"
#include "common/terminal/interrupt.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

enum Option { how_large, average, processes, patience, split };

const std::vector<Choice> choices{
    {"--size", "How large a GPT", {"small", "laptop", "lecture"}, "small"},
    {"--average", "When gradients are averaged", {"one-by-one", "after", "while"}, "while"},
    {"--ranks", "Processes to start on this machine", {"1", "2", "4", "8", "16", "32", "64"}, "1"},
    {"--patience", "Seconds to wait for a rank that is silent", {"3", "10", "60", "600"}, "60"},
    {"--split-state", "Each rank keeps the optimiser's means of its own weights", {"no", "yes"}, "no"}};

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
std::unique_ptr<Program> program_of(MpiRanks& ranks, RunOptions options, const std::vector<Choice>& chosen) {
  const std::string P = std::to_string(ranks.size());
  if (chosen[processes].given && chosen[processes].value != P)
    throw CommandLineError("--ranks: expected as many as mpirun has started, " + P + ", or nothing, got " +
                           chosen[processes].value);
  Chapter shared = chapter(chosen[how_large].value);
  if (chosen[split].value == "yes")
    shared.optimizer = [&](const Parameters& all) { return AnyOptimizer(SplitAdamW(all, ranks)); };
  const char* const wish = std::getenv("OMP_NUM_THREADS");
  if (options.threads == 0 && !wished_threads(wish ? wish : ""))
    options.threads = std::max<size_t>(1, usable_cores() / ranks.neighbours());
  auto program = std::make_unique<Program>(shared, ranks.rank() == 0 ? options : in_silence(options));
  if (program->B() % ranks.size() != 0)
    throw CommandLineError("--batch: expected a multiple of the " + P + " ranks, got " +
                           std::to_string(program->B()));
  return program;
}

/// What a program asks of the others, and when.
Team team_of(Ranks& ranks, Together& together) {
  //! [team]
  Team team;
  team.leads = ranks.rank() == 0;
  team.share = [&](const Batch& whole) { return share_of_batch(whole, ranks); };
  team.agree = [&](std::span<float> numbers) { ranks.broadcast(numbers); };
  team.anybody = [&](bool me) { return together.anybody(me); };
  team.begin = [&](const Parameters& all) { together.begin(all); };
  team.before_step = [&] { together.before_step(); };
  team.end = [&] { together.end(); };
  team.remembered = [&](const Parameters& own) { return together.whole(own); };
  return team;
  //! [team]
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::vector<Choice> chosen = choices;
    const auto parse = [&] { return parse_command_line(argc, argv, chapter("small").help(), chosen); };
    if (!started_by_mpirun()) {
      parse();
      if (chosen[processes].value != "1")
        launch(std::stoul(chosen[processes].value), usable_cores(), argc, argv);
    }

    MpiRanks ranks(std::stod(chosen[patience].value));
    std::unique_ptr<Program> program;
    ranks.alike([&] {
      const RunOptions options = parse();
      ranks.set_patience(std::stod(chosen[patience].value));
      program = program_of(ranks, options, chosen);
    });
    ranks.require_same("build of this program", this_program());
    ranks.require_same("text to learn from", program->text());

    Rng rng(program->seed());
    GPTSizes sizes = gpt_sizes.at(chosen[how_large].value);
    sizes.V = program->V();
    sizes.block_size = program->T();
    sizes.dropout = 0;  // what one process drops of a whole batch, several cannot
    const GPTLanguageModel model(sizes, rng);

    Together together(ranks, model.parameters(), chosen[average].value, chosen[split].value == "yes");
    Team team = team_of(ranks, together);
    if (!chosen[processes].given && ranks.size() > 1)
      team.started_by = "mpirun -n " + std::to_string(ranks.size()) + " ";
    program->join(team);
    try {
      program->run(model, rng);
      const std::string memory = chosen[split].given ? together.memory() : "";
      if (!program->quiet() && !memory.empty()) std::printf("%s\n", memory.c_str());
    } catch (const Interrupted&) {
      ranks.all_end();  // they have agreed to stop
      throw;
    } catch (const std::exception& error) {
      if (ranks.size() > 1) ranks.abandon(error.what());
      throw;
    }
  });
}
