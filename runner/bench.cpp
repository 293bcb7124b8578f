#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/terminal/table.hpp"
#include "common/terminal/text.hpp"
#include "runner/commands.hpp"
#include "runner/machine.hpp"
#include "runner/matrix_speed.hpp"
#include "runner/process.hpp"

namespace gpt {
namespace {

/// What several runs of one program measured.
struct Timings {
  std::vector<double> step_ms, tokens_per_s, cached_per_s;  // ours has the cache in tokens_per_s
  std::size_t parameters = 0;
  double gflop = 0;  // in the matrix products of a step
  std::string peer;
};

void add(Timings& timings, const std::string& line, const std::string& program) {
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    throw std::runtime_error(program + " did not print its timings; call it by hand to see why");
  timings.step_ms.push_back(json.at("step_ms_median").get<double>());
  timings.tokens_per_s.push_back(json.at("generate_tokens_per_s").get<double>());
  if (json.contains("cached_tokens_per_s"))
    timings.cached_per_s.push_back(json.at("cached_tokens_per_s").get<double>());
  timings.parameters = json.at("parameters").get<std::size_t>();
  timings.gflop = json.value("gflop", 0.0);
  timings.peer = json.at("peer").get<std::string>();
}

std::string number(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// A Python that has PyTorch; Debian's is not always the first in PATH.
std::optional<std::string> python_with_torch() {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    if (!output_of({python, "-c", "import torch; print(torch.__version__)"}).empty()) return python;
  }
  return std::nullopt;
}

}  // namespace

int bench(const Repository& repository, const BenchOptions& options) {
  const std::size_t thread_count = options.threads > 0 ? options.threads : threads();
  set_threads(thread_count);
  const double peak = matrix_gflops(1024);
  std::printf("%s, %zu thread%s; matrix products by %s reach %.0f GFLOP/s; %s: %.0f.\n",
              processor_name().c_str(), thread_count, thread_count == 1 ? "" : "s", gemm_name().c_str(), peak,
              bfloat16_name().c_str(), bfloat16_gflops(1024));
  const std::optional<std::string> python = python_with_torch();
  std::printf("%s\n\n", python ? "PyTorch is timed in alternation."
                               : "PyTorch is not here (Debian: python3-torch), so nothing to compare with.");
  std::fflush(stdout);

  const std::string ours = (repository.root() / "build/release/bin/bench_models").string();
  const std::string theirs = (repository.root() / "tests" / "benchmark" / "bench_torch.py").string();
  std::vector<Row> rows{{"model", "parameters", "step ms", "GFLOP/s", "of peak", "tokens/s"}};
  if (python)
    rows[0].insert(rows[0].end(),
                   {"PyTorch ms", "step ratio", "tokens/s", "speed-up", "with cache", "speed-up"});
  std::string peer;
  for (const std::string& config : options.configs) {
    const std::vector<std::string> arguments{config, "--threads", std::to_string(thread_count), "--seconds",
                                             number("%g", options.seconds)};
    Timings mine, torch;
    for (std::size_t round = 0; round < options.rounds; ++round) {
      const auto measure = [&](Timings& timings, Command command) {
        command.insert(command.end(), arguments.begin(), arguments.end());
        add(timings, output_of(command), command[0]);
      };
      measure(mine, {ours});
      if (python) measure(torch, {*python, theirs});
    }
    const double ms = median(mine.step_ms), rate = mine.gflop / ms * 1e3;
    Row row{config,
            with_commas(mine.parameters),
            number("%.3f", ms),
            number("%.0f", rate),
            number("%.0f %%", 100 * rate / peak),
            number("%.0f", median(mine.tokens_per_s))};
    if (python) {
      const double torch_ms = median(torch.step_ms), torch_tokens = median(torch.tokens_per_s);
      const double cached = median(torch.cached_per_s), tokens = median(mine.tokens_per_s);
      row.insert(row.end(), {number("%.3f", torch_ms), "1/" + number("%.1f", torch_ms / ms),
                             number("%.0f", torch_tokens), number("%.0f x", tokens / torch_tokens),
                             number("%.0f", cached), number("%.1f x", tokens / cached)});
      peer = torch.peer;
    }
    rows.push_back(row);
    std::fprintf(stderr, "%s done\n", config.c_str());
  }
  std::printf("%s", table(rows, python ? "lrrrrrrrrrrr" : "lrrrrr").c_str());
  std::printf(
      "\nMedians of %zu round%s of %g s each%s. A step is batch, forward, backward and AdamW. GFLOP/s count "
      "the matrix\n"
      "products alone; the bigram has none.\n",
      options.rounds, options.rounds == 1 ? "" : "s", options.seconds,
      peer.empty() ? "" : (", against " + peer).c_str());
  if (python) {
    std::printf(
        "Ours speaks with keys and values kept, an LSTM with its state; PyTorch first by going through the "
        "whole window\nagain, as the lecture does, and then with such a cache too.\n");
  }
  return 0;
}

}  // namespace gpt
