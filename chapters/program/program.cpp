#include "program/program.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "01_bigram/train.hpp"
#include "common/files/weights.hpp"
#include "common/kernels/denormals.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/parallel.hpp"
#include "common/kernels/precision.hpp"
#include "common/terminal/interrupt.hpp"
#include "common/terminal/progress.hpp"

namespace gpt {
namespace {

float median(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

std::string Chapter::settings() const {
  std::ostringstream text;
  text << "--batch " << B << " --context " << T << " --lr " << lr << " --steps " << steps;
  return text.str();
}

std::string Chapter::help() const {
  return "Chapter " + std::to_string(number) + ": " + title + ". Unless told otherwise: " + settings();
}

Program::Program(Chapter chapter, RunOptions options)
    : chapter_(std::move(chapter)), options_(std::move(options)) {
  if (!options_.load.empty()) {
    saved_ = load_run(options_.load, chapter_.number, chapter_.variant);
    if (!options_.steps) chapter_.steps = saved_->step;  // nothing said of training: speak
    chapter_.T = saved_->context;
    chapter_.B = std::max<std::size_t>(1, saved_->batch);
  }
  if (options_.batch) chapter_.B = *options_.batch;
  if (options_.context) chapter_.T = *options_.context;
  if (options_.steps) chapter_.steps = *options_.steps;
  if (options_.lr) chapter_.lr = *options_.lr;
  if (options_.threads > 0) set_threads(options_.threads);
  flush_denormals(true);
  if (options_.precision == "bfloat16") set_precision(Precision::bfloat16);
  task_ = chapter_.task(options_, saved_ ? &*saved_ : nullptr);
  task_->require_context(chapter_.T);
}

void Program::run(const AnyModel& model, Rng& rng) {
  AdamW optimizer(model.parameters(), chapter_.optimizer);
  if (saved_) resume(*saved_, model.parameters(), optimizer, rng);
  introduce(model);
  look_at_gradients(model, optimizer, rng);
  train(model, optimizer, rng);
  compare(model);
  speak(model);
  if (!options_.report.empty()) write_report(options_.report, report_);
  look_at_gradients(model, optimizer, rng);
  if (!options_.trace.empty()) write_trace(options_.trace, inside(model));
}

void Program::introduce(const AnyModel& model) {
  report_.chapter = chapter_.number;
  report_.title = chapter_.title;
  report_.variant = chapter_.variant;
  report_.corpus = task_->name();
  report_.parameters = count(model.parameters());
  report_.batch = chapter_.B;
  report_.context = chapter_.T;
  report_.lr = chapter_.lr;
  report_.seed = options_.seed;
  report_.threads = threads();
  report_.gemm = precision() == Precision::bfloat16 ? bfloat16_name() : gemm_name();
  if (options_.quiet) return;
  std::printf("Chapter %d: %s\n%s\n%s\n\n", chapter_.number, chapter_.title.c_str(), chapter_.adds.c_str(),
              chapter_.expect.c_str());
  std::printf("%s. Model: %zu parameters. Matrix products: %s, %zu thread%s.\n", task_->describe().c_str(),
              report_.parameters, report_.gemm.c_str(), threads(), threads() == 1 ? "" : "s");
  std::fflush(stdout);
}

void Program::train(const AnyModel& model, AdamW& optimizer, Rng& rng) {
  report_.steps = optimizer.steps();
  if (optimizer.steps() >= chapter_.steps) {
    if (options_.steps && saved_) {
      throw std::invalid_argument(
          "--steps " + std::to_string(chapter_.steps) + ": " + options_.load.string() + " has " +
          std::to_string(optimizer.steps()) +
          " steps behind it; name a higher number to train on, or none to hear it speak");
    }
    return;
  }
  const std::size_t steps = chapter_.steps;
  const std::size_t eval_every = options_.eval_every.value_or(std::max<std::size_t>(1, steps / 10));
  const Training plan{chapter_.B, chapter_.T, steps, [this](std::size_t step) {
                        return chapter_.schedule ? chapter_.schedule(step, chapter_.steps, chapter_.lr)
                                                 : chapter_.lr;
                      }};
  Progress progress("Chapter " + std::to_string(chapter_.number), optimizer.steps(), steps, options_.quiet);
  const Interrupt interrupt;

  best_ = {};
  lowest_val_ = saved_ ? saved_->lowest_val : std::numeric_limits<float>::infinity();
  const auto look = [&] {
    const CurvePoint point = task_->look(model, chapter_.T, optimizer.steps());
    report_.curve.push_back(point);
    const bool is_best = point.val < lowest_val_;
    progress.evaluated(point.step, point.train, point.val, is_best);
    if (!is_best) return is_best;
    lowest_val_ = point.val;
    if (!chapter_.keep_best || point.step == 0) return is_best;
    best_ = stored(model.parameters());
    if (!options_.save.empty()) save(options_.save, model, optimizer, rng);
    return is_best;
  };

  const Clock::time_point start = Clock::now();
  if (optimizer.steps() % eval_every == 0) look();
  std::vector<float> step_ms;
  Clock::time_point step_start = Clock::now();
  gpt::train(model, optimizer, *task_, plan, rng, [&](float loss) {
    step_ms.push_back(static_cast<float>(1e3 * seconds_since(step_start)));
    if (!std::isfinite(loss)) {
      throw std::runtime_error("training: the loss is not a finite number at step " +
                               std::to_string(optimizer.steps()) +
                               ", and from there nothing can be learned; try a lower --lr");
    }
    progress.step(optimizer.steps(), loss);
    if (interrupt.requested()) return false;
    if (optimizer.steps() < steps && optimizer.steps() % eval_every == 0) look();
    step_start = Clock::now();
    return !interrupt.requested();
  });
  report_.seconds = seconds_since(start);
  report_.step_ms_median = median(step_ms);
  report_.steps = optimizer.steps();
  report_.interrupted = optimizer.steps() < steps;
  const bool last_is_best = look();
  progress.finish();

  if (report_.interrupted) {
    const std::filesystem::path file = interrupted_file();
    save(file, model, optimizer, rng);
    std::fprintf(stderr, "Stopped after step %zu; saved in %s. To go on: --load %s --steps %zu\n",
                 optimizer.steps(), file.string().c_str(), file.string().c_str(), steps);
  } else if (chapter_.keep_best && !last_is_best && !best_.empty()) {
    restore(model.parameters(), Checkpoint{{}, best_});
    if (!options_.quiet) std::printf("Back to the weights with the lowest validation loss.\n");
  } else if (!options_.save.empty() && !(chapter_.keep_best && !last_is_best && saved_)) {
    save(options_.save, model, optimizer, rng);
  }
}

void Program::save(const std::filesystem::path& file, const AnyModel& model, const AdamW& optimizer,
                   const Rng& rng) const {
  const SavedRun run{chapter_.number, chapter_.variant,  task_->tokeniser().symbols(),
                     chapter_.B,      chapter_.T,        optimizer.steps(),
                     rng.state(),     /*checkpoint=*/{}, lowest_val_};
  save_run(file, run, model.parameters(), optimizer);
}

/// The losses over both parts, and the published one if the run is comparable.
void Program::compare(const AnyModel& model) {
  const CurvePoint exact = task_->evaluate(model, chapter_.T, report_.steps);
  report_.val_loss = exact.val;
  report_.train_loss = exact.train;
  const bool default_sizes = !options_.batch && !options_.context && !options_.lr;
  if (task_->published() && default_sizes) report_.published_val_loss = chapter_.published_val_loss;
  if (options_.quiet) return;
  std::printf("Loss after %zu steps: train %.3f, val %.3f", report_.steps, report_.train_loss,
              report_.val_loss);
  if (report_.published_val_loss) std::printf(" (published: %.2f)", *report_.published_val_loss);
  std::printf(". Knowing nothing would be ln %zu = %.3f.\n", V(), std::log(static_cast<double>(V())));
  std::printf("%s\n", task_->examine(model).c_str());
}

void Program::speak(const AnyModel& model) {
  Rng dice(options_.seed);  // of its own, so that a model says the same whether it was trained or loaded
  const bool prompted = !options_.prompt.empty();
  std::vector<int> tokens = start();
  const std::size_t given = prompted ? 0 : tokens.size();  // the start that nobody asked for is not printed
  if (!options_.quiet && prompted) std::printf("%s", options_.prompt.c_str());
  const auto print = [this](int id) {
    if (options_.quiet) return;
    std::printf("%s", task_->tokeniser().decode({id}).c_str());
    std::fflush(stdout);
  };
  tokens = generate(model, std::move(tokens), options_.tokens, Sampling{options_.temperature, options_.top_k},
                    dice, print);
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(given));
  report_.sample = task_->tokeniser().decode(tokens);
  if (!options_.quiet) std::printf("\n");
}

/// For --trace: the gradients of one batch, of dice of its own, so that the run is the same with and without.
void Program::look_at_gradients(const AnyModel& model, const AdamW& optimizer, Rng& rng) {
  if (options_.trace.empty() || (!gradients_.empty() && gradients_.back().step == optimizer.steps())) return;
  const Rng::State before = rng.state();  // dropout draws too
  Rng dice(options_.seed);
  const Batch batch = task_->sample(chapter_.B, chapter_.T, dice);
  gradients_.push_back({optimizer.steps(), gradient_lengths(model, batch)});
  rng.restore(before);
}

/// For --trace: a forward pass over the prompt, or over a line of our own.
TraceFile Program::inside(const AnyModel& model) const {
  const AnyTokeniser& tokeniser = task_->tokeniser();
  const std::vector<int> text = traced_text(options_.prompt, tokeniser, model.block_size());
  std::ostringstream run;
  run << "chapter " << chapter_.number << (chapter_.variant.empty() ? "" : ", " + chapter_.variant) << ", "
      << report_.steps << " steps, ";
  if (!saved_) run << "seed " << options_.seed << ", ";  // of a run that was loaded, nobody knows
  run << task_->name();
  Rng dice(options_.seed);
  TraceFile trace{"Chapter " + std::to_string(chapter_.number) + " reads \"" + tokeniser.decode(text) + "\".",
                  run.str(),
                  look_inside(model, tokeniser, text, start(), {options_.temperature, options_.top_k}, dice)};
  trace.tensors.push_back(gradients(model.parameters(), gradients_));
  return trace;
}

/// What the model goes on with.
std::vector<int> Program::start() const {
  return options_.prompt.empty() ? task_->start() : task_->tokeniser().encode(options_.prompt);
}

std::filesystem::path Program::interrupted_file() const {
  if (!chapter_.keep_best && !options_.save.empty()) return options_.save;
  std::filesystem::path file = "chapter_" + std::to_string(chapter_.number);
  if (!options_.save.empty()) file = options_.save;
  return file.replace_extension(".interrupted.safetensors");
}

int run_chapter(int argc, char** argv, const Chapter& chapter, const RunModel& run) {
  return run_program([&] {
    Program program(chapter, parse_command_line(argc, argv, chapter.help()));
    Rng rng(program.seed());
    run(program, rng);
  });
}

int run_chapter(int argc, char** argv, const std::string& option, const std::string& help,
                const std::vector<Chapter>& variants, const std::string& standard, const RunModel& run) {
  return run_program([&] {
    Choice choice{option, help, {}, standard};
    std::string text = "Chapter " + std::to_string(variants.front().number) + ". Unless told otherwise:";
    for (const Chapter& variant : variants) {
      choice.values.push_back(variant.variant);
      text += "\n  " + option + " " + variant.variant + " has " + variant.settings();
    }
    const RunOptions options = parse_command_line(argc, argv, text, &choice);
    Program program(*std::ranges::find(variants, choice.value, &Chapter::variant), options);
    Rng rng(program.seed());
    run(program, rng);
  });
}

}  // namespace gpt
