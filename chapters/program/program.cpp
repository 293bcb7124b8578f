#include "program/program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "01_bigram/train.hpp"
#include "common/files/atomic_file.hpp"
#include "common/files/shell_word.hpp"
#include "common/files/weights.hpp"
#include "common/kernels/denormals.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/median.hpp"
#include "common/kernels/parallel.hpp"
#include "common/kernels/precision.hpp"
#include "common/terminal/interrupt.hpp"
#include "common/terminal/progress.hpp"

namespace gpt {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail_at(std::size_t step) {
  throw std::runtime_error("training: the loss is not a finite number at step " + std::to_string(step) +
                           ", and from there nothing can be learned; try a lower --lr");
}

/// Saves where it was wished, or else where it can be, so that no training is lost.
/// @returns the file
/// @throws std::runtime_error if it could be saved nowhere
std::filesystem::path save_somewhere(const std::filesystem::path& file, const Checkpoint& checkpoint) {
  try {
    save_checkpoint(file, checkpoint);
    return file;
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::error_code ignored;
    if (std::filesystem::file_size(file, ignored) == 0)
      std::filesystem::remove(file, ignored);  // a place held
    for (const std::filesystem::path& folder :
         {std::filesystem::current_path(ignored), std::filesystem::temp_directory_path(ignored)}) {
      const std::filesystem::path other = folder / ("rescued_" + std::to_string(::getpid()) + ".safetensors");
      try {
        save_checkpoint(other, checkpoint);
        std::fprintf(stderr, "Saved in %s instead.\n", other.string().c_str());
        return other;
      } catch (const std::runtime_error&) {
      }
    }
    throw;
  }
}

/// Takes a name that nobody has: name.safetensors, or else name-2.safetensors and so on. An empty file holds the place, so
/// that two runs that are stopped at once have two.
/// @returns the file; where none can be made, the first name, and who writes there says why not
std::filesystem::path free_file(const std::filesystem::path& folder, const std::string& name) {
  const auto numbered = [&](int n) {
    return folder / (name + (n == 1 ? "" : "-" + std::to_string(n)) + ".safetensors");
  };
  for (int n = 1; n < 10000; ++n) {
    const int taken = ::open(numbered(n).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (taken >= 0) {
      ::close(taken);
      return numbered(n);
    }
    if (errno != EEXIST) break;
  }
  return numbered(1);
}

/// Control characters, which a vocabulary of old may hold, would be obeyed by the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) c = ' ';
  }
  return text;
}

/// A loss that was reached by looking at the answer is none.
/// @throws std::runtime_error if an earlier position changes when the last character does
void require_causal(const AnyModel& model, std::size_t V) {
  const NoGrad no_grad;
  const std::size_t T = std::min<std::size_t>(model.block_size(), 8);
  Tokens tokens{1, T, {}};
  for (std::size_t t = 0; t < T; ++t) tokens.ids.push_back(static_cast<int>(t * 7 % V));
  const Tensor before = model(tokens);
  tokens.ids.back() = static_cast<int>((static_cast<std::size_t>(tokens.ids.back()) + 1) % V);
  const Tensor after = model(tokens);
  for (std::size_t i = 0; i + before.size() / T < before.size(); ++i) {
    if (std::abs(before.values()[i] - after.values()[i]) <= 1e-3f) continue;
    throw std::runtime_error("the model reads ahead: position " + std::to_string(i / (before.size() / T)) +
                             " changed when a later character did - its loss means nothing");
  }
}

/// What one of a team learns from.
struct SharedTask {
  const AnyTask& task;
  const Team& team;
  Batch sample(std::size_t B, std::size_t T, Rng& rng) const { return team.share(task.sample(B, T, rng)); }
};

}  // namespace

bool added_by_learn(const std::string& option) {
  const char* const added = std::getenv("BARDLING_ADDED");
  return added != nullptr && (std::string(added) + " ").find(option + " ") != std::string::npos;
}

RunOptions in_silence(RunOptions options) {
  options.quiet = true;
  options.tokens = 0;
  options.save = options.report = options.trace = std::filesystem::path();
  return options;
}

std::string Chapter::settings() const {
  std::ostringstream text;
  text << "--batch " << B << " --context " << T << " --lr " << lr << " --steps " << steps;
  return text.str();
}

std::string Chapter::help() const {
  return "Chapter " + std::to_string(number) + ": " + title + ". Unless told otherwise: " + settings();
}

Program::Program(Chapter chapter, RunOptions options)
    : published_steps_(chapter.steps), chapter_(std::move(chapter)), options_(std::move(options)) {
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
  try {
    task_->start(options_.prompt);
  } catch (const std::invalid_argument& error) {
    throw CommandLineError("--prompt: " + std::string(error.what()));
  }
  if (!options_.save.empty()) require_writable("--save", options_.save);
  if (!options_.report.empty()) require_writable("--report", options_.report);
  if (!options_.trace.empty()) require_writable("--trace", options_.trace);
}

void Program::run(const AnyModel& model, Rng& rng) {
  AnyOptimizer optimizer = chapter_.optimizer(model.parameters());
  if (saved_) {
    try {
      resume(*saved_, model.parameters(), optimizer, rng);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(options_.load.string() + ": " + error.what());
    }
  }
  introduce(model);
  look_at_gradients(model, optimizer, rng);
  keep_tables(model, optimizer.steps());
  wait_for_leader();
  const std::size_t before = optimizer.steps();
  train(model, optimizer, rng);
  const bool only_speaks = saved_ && optimizer.steps() == before;  // then it does so at once
  if (only_speaks) speak(model);
  // Somebody has asked, and wants no examination.
  const bool answers = only_speaks && !options_.prompt.empty();
  compare(model, answers ? Examine::no : Examine::yes);
  if (std::getenv("BARDLING_CHALLENGE") != nullptr) require_causal(model, V());
  if (only_speaks)
    report_.curve.clear();  // that of the run that was loaded: nothing was learned in this one
  else
    speak(model);
  if (!options_.report.empty()) write_report(options_.report, report_);
  look_at_gradients(model, optimizer, rng);
  keep_tables(model, optimizer.steps());
  if (!options_.trace.empty()) write_trace(options_.trace, inside(model));
}

void Program::introduce(const AnyModel& model) {
  report_.chapter = chapter_.number;
  report_.title = chapter_.title;
  report_.variant = chapter_.variant;
  report_.corpus = task_->name();
  report_.fingerprint = task_->fingerprint();
  report_.parameters = count(model.parameters());
  report_.batch = chapter_.B;
  report_.context = chapter_.T;
  report_.lr = chapter_.lr;
  report_.seed = options_.seed;
  report_.threads = ready_threads();
  if (report_.threads < threads()) {
    std::fprintf(stderr, "%zu threads were to work, and the system grants %zu: those do the work of all.\n",
                 threads(), report_.threads);
  }
  report_.gemm = precision() == Precision::bfloat16 ? bfloat16_name() : gemm_name();
  if (options_.quiet) return;
  std::printf("Chapter %d: %s\n%s\n%s\n\n", chapter_.number, chapter_.title.c_str(), chapter_.adds.c_str(),
              chapter_.expect.c_str());
  std::printf("%s. Model: %zu parameters. Matrix products: %s, %zu thread%s.\n", task_->describe().c_str(),
              report_.parameters, report_.gemm.c_str(), report_.threads, report_.threads == 1 ? "" : "s");
  std::fflush(stdout);
}

void Program::train(const AnyModel& model, AnyOptimizer& optimizer, Rng& rng) {
  report_.steps = optimizer.steps();
  // What a run that was loaded knew of its losses counts if it goes on with the same text.
  if (saved_ && (saved_->text.empty() || saved_->text == task_->fingerprint())) {
    lowest_val_ = saved_->lowest_val;
    report_.curve = saved_->curve;
    if (saved_->is_best) best_ = saved_->checkpoint;
    if (!saved_->best.tensors.empty()) best_ = saved_->best;
  }
  if (optimizer.steps() >= chapter_.steps) {
    if (options_.steps && saved_) {
      throw std::invalid_argument(
          "--steps " + std::to_string(chapter_.steps) + ": " + options_.load.string() + " has " +
          std::to_string(optimizer.steps()) +
          " steps behind it; name a higher number to train on, or none to hear it speak");
    }
    save_as_it_is(model, optimizer, rng, saved_ && saved_->is_best);
    return;
  }
  const std::size_t steps = chapter_.steps;
  const std::size_t eval_every = options_.eval_every.value_or(std::max<std::size_t>(1, steps / 10));
  const auto lr = [this](std::size_t step) {
    return chapter_.schedule ? chapter_.schedule(step, chapter_.steps, chapter_.lr) : chapter_.lr;
  };
  std::vector<Training> plans{{chapter_.B, chapter_.T, steps, lr}};
  if (chapter_.short_first && chapter_.short_first->T < chapter_.T) {
    const auto [T, share] = *chapter_.short_first;
    const auto last = static_cast<std::size_t>(share * static_cast<double>(steps));
    plans.insert(plans.begin(), {chapter_.B * chapter_.T / T, T, last, lr});
  }
  Progress progress("Chapter " + std::to_string(chapter_.number), optimizer.steps(), steps, options_.quiet);
  const Interrupt interrupt;

  const auto look = [&] {
    if (!report_.curve.empty() && report_.curve.back().step == optimizer.steps())
      return;  // before it was saved
    const CurvePoint point =
        agreed(optimizer.steps(), [&] { return task_->look(model, chapter_.T, optimizer.steps()); });
    if (!std::isfinite(point.val)) fail_at(optimizer.steps());
    report_.curve.push_back(point);
    const bool is_best = point.val < lowest_val_;
    progress.evaluated(point.step, point.train, point.val, is_best);
    if (!is_best) return;
    lowest_val_ = point.val;
    if (!chapter_.keep_best || point.step == 0) return;
    keep_best(model, optimizer, rng);
    wait_for_leader();
  };

  const Clock::time_point start = Clock::now();
  if (optimizer.steps() % eval_every == 0) look();
  std::vector<double> step_ms;
  Clock::time_point step_start = Clock::now();
  bool stopped = false;
  Parameters begun_with = model.parameters();
  for (Parameter& mean : optimizer.state()) begun_with.push_back(std::move(mean));
  team_.begin(begun_with);
  optimizer.before_step(team_.before_step);
  const auto on_step = [&](float loss) {
    step_ms.push_back(1e3 * seconds_since(step_start));
    if (!std::isfinite(loss)) fail_at(optimizer.steps());
    progress.step(optimizer.steps(), loss);
    if (Tables::is_moment(optimizer.steps(), steps)) keep_tables(model, optimizer.steps());
    stopped = team_.anybody(interrupt.requested());
    if (!stopped && optimizer.steps() < steps && optimizer.steps() % eval_every == 0) look();
    step_start = Clock::now();
    return !stopped;
  };
  for (const Training& plan : plans) {
    if (!stopped) gpt::train(model, optimizer, SharedTask{*task_, team_}, plan, rng, on_step);
  }
  optimizer.before_step({});
  team_.end();
  report_.seconds = seconds_since(start);
  report_.step_ms_median = median(step_ms);
  report_.steps = optimizer.steps();
  if (stopped && optimizer.steps() < steps) {
    progress.finish();
    stop(interrupt.requested() ? interrupt.signal() : SIGTERM, model, optimizer, rng);
  }
  look();
  progress.finish();

  if (best_ && best_->metadata["step"] != std::to_string(optimizer.steps())) {
    Checkpoint weights{{}, {}};
    for (const StoredTensor& tensor : best_->tensors) {
      if (!tensor.name.starts_with("optimizer.")) weights.tensors.push_back(tensor);
    }
    restore(model.parameters(), weights);
    if (!options_.quiet) std::printf("Back to the weights with the lowest validation loss.\n");
  }
  if (!best_) {
    save_as_it_is(model, optimizer, rng, /*is_best=*/false);
  } else if (!options_.save.empty() && !best_is_saved_) {
    save_somewhere(options_.save, *best_);
  }
}

/// In the file of --save, if there is one. All of a team have a part in it.
void Program::save_as_it_is(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng,
                            bool is_best) const {
  if (!team_.anybody(!options_.save.empty())) return;
  const Checkpoint run = state(model, optimizer, rng, is_best);
  if (!options_.save.empty()) save_somewhere(options_.save, run);
}

/// The leader looks at the losses, and all hear of it: so they agree on what was best, to the last digit.
CurvePoint Program::agreed(std::size_t step, const std::function<CurvePoint()>& look) const {
  std::array<float, 2> losses{};
  if (team_.leads) {
    const CurvePoint point = look();
    losses = {point.train, point.val};
  }
  team_.agree(losses);
  return {step, losses[0], losses[1]};
}

/// After what the leader does alone, such as writing files: not in the middle of the next step, where nobody waits long.
void Program::wait_for_leader() const {
  std::array<float, 1> here{};
  team_.agree(here);
}

/// The run as it stands, as it goes to a file.
Checkpoint Program::state(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng,
                          bool is_best) const {
  SavedRun run{};
  run.chapter = chapter_.number;
  run.variant = chapter_.variant;
  run.symbols = task_->tokeniser().symbols();
  run.batch = chapter_.B;
  run.context = chapter_.T;
  run.step = optimizer.steps();
  run.rng = rng.state();
  run.lowest_val = lowest_val_;
  run.text = task_->fingerprint();
  run.corpus = task_->name();
  run.curve = report_.curve;
  run.is_best = is_best;
  if (!is_best && best_) run.best = *best_;
  return checkpoint_of(run, model.parameters(), team_.remembered(optimizer.state()));
}

/// Keeps the run as it stands, in the file of --save too. A disk that is full now may have room at the end.
void Program::keep_best(const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng) {
  best_ = state(model, optimizer, rng, /*is_best=*/true);
  if (options_.save.empty()) return;
  try {
    save_checkpoint(options_.save, *best_);
    best_is_saved_ = true;
  } catch (const std::runtime_error& error) {
    best_is_saved_ = false;
    std::fprintf(stderr, "\n%s. Training goes on, and saves again at its end.\n", error.what());
  }
}

/// Saves before anything else, and says how to go on.
void Program::stop(int signal, const AnyModel& model, const AnyOptimizer& optimizer, const Rng& rng) {
  const Checkpoint run = state(model, optimizer, rng, /*is_best=*/false);
  if (!team_.leads) throw Interrupted(signal);
  const std::filesystem::path file = save_somewhere(interrupted_file(), run);
  std::fprintf(stderr, "Stopped after step %zu; saved in %s. To go on:\n  %s\n", optimizer.steps(),
               file.string().c_str(), going_on(file).c_str());
  report_.interrupted = true;
  if (!report_.curve.empty()) {
    report_.train_loss = report_.curve.back().train;
    report_.val_loss = report_.curve.back().val;
  }
  if (!options_.report.empty()) write_report(options_.report, report_);
  throw Interrupted(signal);
}

/// The losses over both parts, and the published one if the run is comparable; and how often the model is right.
void Program::compare(const AnyModel& model, Examine examine) {
  const CurvePoint exact =
      agreed(report_.steps, [&] { return task_->evaluate(model, chapter_.T, report_.steps); });
  report_.val_loss = exact.val;
  report_.train_loss = exact.train;
  if (!task_->can_learn()) return;
  const std::optional<double> characters = task_->characters_per_token();
  if (characters)
    report_.bits_per_character = static_cast<float>(bits_per_character(report_.val_loss, *characters));
  if (!std::isfinite(report_.val_loss)) fail_at(report_.steps);
  if (examine == Examine::yes) report_.scores = task_->scores(model);
  const bool as_published = task_->published() && !options_.batch && !options_.context && !options_.lr &&
                            report_.steps == published_steps_;
  if (as_published) report_.published_val_loss = chapter_.published_val_loss;
  if (options_.quiet && !options_.report.empty() && !added_by_learn("--report")) return;
  std::printf("Loss after %zu steps: train %.3f, val %.3f", report_.steps, report_.train_loss,
              report_.val_loss);
  if (report_.published_val_loss)
    std::printf(" (%s: %.2f)", chapter_.published_by.c_str(), *report_.published_val_loss);
  if (as_published && chapter_.our_val_loss)
    std::printf(" (three seeds' mean: %.2f)", *chapter_.our_val_loss);
  std::printf(". Knowing nothing would be ln %zu = %.3f.\n", V(), std::log(static_cast<double>(V())));
  if (characters && *characters != 1) {
    std::printf("A token is %.2f characters on average, so val is %.3f bits per character.\n", *characters,
                *report_.bits_per_character);
  }
  if (options_.quiet) return;
  for (const Score& score : report_.scores)
    std::printf("%6.1f %% %s\n", 100.0 * static_cast<double>(score.share), score.name.c_str());
  std::printf("%s\n", examine == Examine::yes ? task_->examine(model).c_str() : "");
}

void Program::speak(const AnyModel& model) {
  Rng dice(options_.seed);  // of its own, so that a model says the same whether it was trained or loaded
  const auto print = [this](const std::string& piece) {
    report_.sample += piece;
    if (options_.quiet) return;
    if (std::ferror(stdout)) throw Interrupted(SIGPIPE);  // whoever listened has left
    std::printf("%s", printable(piece).c_str());
    std::fflush(stdout);
  };
  try {
    task_->speak(model, {options_.prompt, options_.tokens, {options_.temperature, options_.top_k}}, dice,
                 print);
  } catch (const Interrupted&) {
  }
  if (!options_.quiet) std::printf("\n");
}

/// For --trace: the gradients of one batch, of dice of its own, so that the run is the same with and without.
void Program::look_at_gradients(const AnyModel& model, const AnyOptimizer& optimizer, Rng& rng) {
  if (options_.trace.empty() || !task_->can_learn() ||
      (!gradients_.empty() && gradients_.back().step == optimizer.steps()))
    return;
  const Rng::State before = rng.state();  // dropout draws too
  Rng dice(options_.seed);
  const Batch batch = task_->sample(chapter_.B, chapter_.T, dice);
  gradients_.push_back({optimizer.steps(), gradient_lengths(model, batch)});
  rng.restore(before);
}

/// For --trace: the embeddings and the output layer as they are now.
void Program::keep_tables(const AnyModel& model, std::size_t step) {
  if (!options_.trace.empty()) tables_.keep(step, model.parameters());
}

/// For --trace: a forward pass over the prompt, or over a line of our own.
TraceFile Program::inside(const AnyModel& model) const {
  const AnyTokeniser& tokeniser = task_->tokeniser();
  const std::vector<int> text = task_->traced(model, options_.prompt);
  std::ostringstream run;
  run << "chapter " << chapter_.number << (chapter_.variant.empty() ? "" : ", " + chapter_.variant) << ", "
      << report_.steps << " steps, ";
  if (!saved_) run << "seed " << options_.seed << ", ";  // of a run that was loaded, nobody knows
  run << task_->name();
  Rng dice(options_.seed);
  TraceFile trace{"Chapter " + std::to_string(chapter_.number) + " reads \"" + tokeniser.decode(text) + "\".",
                  run.str(),
                  look_inside(model, tokeniser, text, task_->start(options_.prompt),
                              {options_.temperature, options_.top_k}, dice)};
  if (auto excited = contexts(model, tokeniser, task_->validation(), /*n=*/10))
    trace.tensors.push_back(std::move(*excited));
  trace.tensors.push_back(gradients(model.parameters(), gradients_));
  for (LabelledTensor& table : tables_.figures(letters(tokeniser, all_ids(tokeniser))))
    trace.tensors.push_back(std::move(table));
  return trace;
}

/// A file of its own for each run: that which it was loaded from, if it was stopped before, or else one that nobody has
/// yet. The kept best stays what it is.
std::filesystem::path Program::interrupted_file() const {
  if (!chapter_.keep_best && !options_.save.empty()) return options_.save;
  const std::string end = ".safetensors";
  const std::string chapter =
      "chapter_" + std::to_string(chapter_.number) + (chapter_.variant.empty() ? "" : "_" + chapter_.variant);
  std::string name = options_.save.empty() ? chapter : options_.save.filename().string();
  if (name.ends_with(end)) name.resize(name.size() - end.size());
  if (name.size() > 200) name = chapter;  // a file's name has at most 255 bytes
  name += ".interrupted";
  const std::string loaded = options_.load.filename().string();
  if (loaded.starts_with(name) && loaded.ends_with(end)) return options_.load;
  return free_file(options_.save.parent_path(), name);
}

/// The command that goes on with the run: as it was given, but for what to load and how far to go.
std::string Program::going_on(const std::filesystem::path& file) const {
  std::string command = program_name(team_.started_by + shell_word(options_.words.front()));
  for (std::size_t i = 1; i < options_.words.size(); ++i) {
    const std::string& word = options_.words[i];
    const std::string option = word.substr(0, word.find('='));
    const bool replaced = option == "--load" || option == "--steps";
    if (!replaced && !added_by_learn(option)) {
      command.append(" ").append(shell_word(word));
    } else if (option == word) {
      ++i;  // its value
    }
  }
  return command + " --load " + shell_word(std::filesystem::absolute(file).string()) + " --steps " +
         std::to_string(chapter_.steps);
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

namespace {

/// "lstm layers=2": the first choice, and of the others what is not usual.
std::string in_words(const std::vector<Choice>& chosen, const std::vector<Choice>& usual) {
  std::string words = chosen.front().value;
  for (std::size_t i = 1; i < chosen.size(); ++i) {
    if (chosen[i].value != usual[i].value) words += " " + chosen[i].option.substr(2) + "=" + chosen[i].value;
  }
  return words;
}

/// What the command line leaves open is as in the saved run. If that is another chapter's, load_run() will say so.
void complete(std::vector<Choice>& chosen, int chapter, const std::filesystem::path& saved) {
  std::map<std::string, std::string> metadata = read_metadata(saved);
  if (metadata["chapter"] != std::to_string(chapter)) return;
  std::istringstream words(metadata["variant"]);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');  // without, the value says whose it is
    const std::string value = equals == std::string::npos ? word : word.substr(equals + 1);
    for (Choice& choice : chosen) {
      const bool named = equals == std::string::npos || choice.option == "--" + word.substr(0, equals);
      const bool known = std::ranges::find(choice.values, value) != choice.values.end();
      if (named && known && !choice.given) choice.value = value;
    }
  }
}

}  // namespace

int run_chapter(int argc, char** argv, const std::vector<Choice>& choices,
                const std::function<Chapter(const std::vector<Choice>&)>& chapter,
                const std::function<void(Program&, const std::vector<Choice>&, Rng&)>& run) {
  return run_program([&] {
    std::vector<Choice> chosen = choices;
    const Chapter usual = chapter(choices);
    std::string help = "Chapter " + std::to_string(usual.number) + ": " +
                       usual.title.substr(0, usual.title.find(',')) + ". Unless told otherwise:";
    for (const std::string& value : choices.front().values) {
      chosen.front().value = value;
      help += "\n  " + choices.front().option + " " + value + " has " + chapter(chosen).settings();
    }
    chosen = choices;
    const RunOptions options = parse_command_line(argc, argv, help, chosen);
    if (!options.load.empty()) complete(chosen, usual.number, options.load);
    Chapter settled = chapter(chosen);
    if (settled.variant.empty()) settled.variant = in_words(chosen, choices);
    Program program(settled, options);
    Rng rng(program.seed());
    run(program, chosen, rng);
  });
}

}  // namespace gpt
