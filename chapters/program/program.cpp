#include "program/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "01_bigram/evaluate.hpp"        // evaluate
#include "01_bigram/generate.hpp"        // generate, Sampling
#include "common/files/weights.hpp"      // restore, stored
#include "common/kernels/gemm.hpp"       // gemm_name
#include "common/kernels/parallel.hpp"   // set_threads, threads
#include "common/nn/nn.hpp"              // count
#include "common/terminal/progress.hpp"  // Progress

namespace gpt {
namespace {

float median(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
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
    : chapter_(std::move(chapter)), options_(std::move(options)), corpus_(open_corpus(options_.data)) {
  if (!options_.load.empty()) {
    saved_ = load_run(options_.load, chapter_.number, chapter_.variant);
    if (!options_.steps) chapter_.steps = saved_->step;  // nothing said of training: speak
    chapter_.T = saved_->context;
    chapter_.B = std::max<std::size_t>(1, saved_->batch);
  }
  vocabulary_ = Vocabulary(saved_ ? saved_->symbols : corpus_.text);
  ids_ = vocabulary_.encode(corpus_.text);
  if (options_.batch) chapter_.B = *options_.batch;
  if (options_.context) chapter_.T = *options_.context;
  if (options_.steps) chapter_.steps = *options_.steps;
  if (options_.lr) chapter_.lr = *options_.lr;
  if (options_.threads > 0) set_threads(options_.threads);
  const std::size_t cut = ids_.size() * 9 / 10;  // the first nine tenths to learn from
  text_ = {std::span<const int>(ids_).first(cut), std::span<const int>(ids_).subspan(cut)};
  if (text_.val.size() < chapter_.T + 1) {
    throw std::invalid_argument("--context " + std::to_string(chapter_.T) + " is too long for " +
                                corpus_.name + ": its last tenth, which validates, has " +
                                std::to_string(text_.val.size()) + " characters");
  }
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
  report_.corpus = corpus_.name;
  report_.parameters = count(model.parameters());
  report_.batch = chapter_.B;
  report_.context = chapter_.T;
  report_.lr = chapter_.lr;
  report_.seed = options_.seed;
  report_.threads = threads();
  report_.gemm = gemm_name();
  if (options_.quiet) return;
  std::printf("Chapter %d: %s\n%s\n%s\n\n", chapter_.number, chapter_.title.c_str(), chapter_.adds.c_str(),
              chapter_.expect.c_str());
  std::printf(
      "%s: %zu characters, %zu different. Model: %zu parameters. Matrix products: %s, %zu thread%s.\n",
      corpus_.name.c_str(), corpus_.text.size(), V(), report_.parameters, report_.gemm.c_str(), threads(),
      threads() == 1 ? "" : "s");
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
  const float lr = chapter_.lr;
  const auto schedule = chapter_.schedule;
  const Training plan{chapter_.B, chapter_.T, steps,
                      options_.eval_every.value_or(std::max<std::size_t>(1, steps / 10)),
                      [=](std::size_t step) { return schedule ? schedule(step, steps, lr) : lr; }};
  Progress progress("Chapter " + std::to_string(chapter_.number), optimizer.steps(), steps, options_.quiet);

  best_ = {};
  lowest_val_ = saved_ ? saved_->lowest_val : std::numeric_limits<float>::infinity();
  const auto look = [&](const CurvePoint& point) {
    const bool is_best = point.val < lowest_val_;
    progress.evaluated(point.step, point.train, point.val, is_best);
    if (!is_best) return;
    lowest_val_ = point.val;
    if (!chapter_.keep_best || point.step == 0) return;
    best_ = stored(model.parameters());
    if (!options_.save.empty()) save(options_.save, model, optimizer, rng);
  };
  const TrainingRun run = gpt::train(model, optimizer, plan, text_, rng, progress, look);
  const CurvePoint last = quick_look(model, text_, chapter_.T, optimizer.steps());
  const bool last_is_best = last.val < lowest_val_;
  look(last);
  progress.finish();

  report_.curve = run.curve;
  report_.curve.push_back(last);
  report_.steps = optimizer.steps();
  report_.seconds = run.seconds;
  report_.step_ms_median = median(run.step_ms);
  report_.interrupted = run.interrupted;
  if (run.interrupted) {
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
  const SavedRun run{chapter_.number,   chapter_.variant, vocabulary_.symbols(), chapter_.B, chapter_.T,
                     optimizer.steps(), rng.state(),      /*checkpoint=*/{},     lowest_val_};
  save_run(file, run, model.parameters(), optimizer);
}

/// The losses over both parts, and the published one if the run is comparable.
void Program::compare(const AnyModel& model) {
  report_.val_loss = evaluate(model, text_.val, chapter_.T);
  report_.train_loss = evaluate(model, text_.train, chapter_.T, text_.train.size() / text_.val.size());
  const bool default_sizes = !options_.batch && !options_.context && !options_.lr;
  if (corpus_.published && default_sizes) report_.published_val_loss = chapter_.published_val_loss;
  if (options_.quiet) return;
  std::printf("Loss after %zu steps: train %.3f, val %.3f", report_.steps, report_.train_loss,
              report_.val_loss);
  if (report_.published_val_loss) std::printf(" (published: %.2f)", *report_.published_val_loss);
  std::printf(". Knowing nothing would be ln %zu = %.3f.\n\n", V(), std::log(static_cast<double>(V())));
}

void Program::speak(const AnyModel& model) {
  Rng dice(options_.seed);  // of its own, so that a model says the same whether it was trained or loaded
  const bool prompted = !options_.prompt.empty();
  std::vector<int> tokens = vocabulary_.encode(prompted ? options_.prompt : start());
  const std::size_t given = prompted ? 0 : tokens.size();  // the start that nobody asked for is not printed
  if (!options_.quiet && prompted) std::printf("%s", options_.prompt.c_str());
  const auto print = [this](int id) {
    if (options_.quiet) return;
    std::printf("%s", vocabulary_.decode({id}).c_str());
    std::fflush(stdout);
  };
  tokens = generate(model, std::move(tokens), options_.tokens, Sampling{options_.temperature, options_.top_k},
                    dice, print);
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(given));
  report_.sample = vocabulary_.decode(tokens);
  if (!options_.quiet) std::printf("\n");
}

/// For --trace: the gradients of one batch, of dice of its own, so that the run is the same with and without.
void Program::look_at_gradients(const AnyModel& model, const AdamW& optimizer, Rng& rng) {
  if (options_.trace.empty() || (!gradients_.empty() && gradients_.back().step == optimizer.steps())) return;
  const Rng::State before = rng.state();  // dropout draws too
  Rng dice(options_.seed);
  const Batch batch = sample_batch(text_.train, chapter_.B, chapter_.T, dice);
  gradients_.push_back({optimizer.steps(), gradient_lengths(model, batch)});
  rng.restore(before);
}

/// For --trace: a forward pass over the prompt, or over a line of our own.
TraceFile Program::inside(const AnyModel& model) const {
  const std::string text = traced_text(options_.prompt, vocabulary_, model.block_size());
  std::ostringstream run;
  run << "chapter " << chapter_.number << (chapter_.variant.empty() ? "" : ", " + chapter_.variant) << ", "
      << report_.steps << " steps, ";
  if (!saved_) run << "seed " << options_.seed << ", ";  // of a run that was loaded, nobody knows
  run << corpus_.name;
  Rng dice(options_.seed);
  TraceFile trace{"Chapter " + std::to_string(chapter_.number) + " reads \"" + text + "\".", run.str(),
                  look_inside(model, vocabulary_, text,
                              vocabulary_.encode(options_.prompt.empty() ? start() : options_.prompt),
                              {options_.temperature, options_.top_k}, dice)};
  trace.tensors.push_back(gradients(model.parameters(), gradients_));
  return trace;
}

/// What to continue when nothing was asked: the end of a line.
std::string Program::start() const {
  const std::string& symbols = vocabulary_.symbols();
  return symbols.find('\n') != std::string::npos ? "\n" : symbols.substr(0, 1);
}

std::filesystem::path Program::interrupted_file() const {
  if (!chapter_.keep_best && !options_.save.empty()) return options_.save;
  std::filesystem::path file = "chapter_" + std::to_string(chapter_.number);
  if (!options_.save.empty()) file = options_.save;
  return file.replace_extension(".interrupted.safetensors");
}

}  // namespace gpt
