/// @file main.cpp
/// Chapter 9's program: chapter 7's GPT on pieces of words; and with --load FOLDER, GPT-2 itself.
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/cached_modern_gpt.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "09_subwords/byte_pair_tokeniser.hpp"
#include "09_subwords/go_on.hpp"
#include "09_subwords/whole_characters.hpp"
#include "common/files/byte_pair_files.hpp"
#include "common/files/checkpoint.hpp"
#include "common/files/gpt2_files.hpp"
#include "common/kernels/parallel.hpp"
#include "common/terminal/interrupt.hpp"
#include "program/program.hpp"

namespace {

using namespace gpt;

/// A text in pieces: what is spoken comes in whole characters, though a piece may end inside one.
class PieceTask : public TextTask {
 public:
  using TextTask::TextTask;
  void speak(const AnyModel& model, const Speech& speech, Rng& dice,
             const std::function<void(const std::string&)>& print) const override {
    WholeCharacters whole;
    TextTask::speak(model, speech, dice, [&](const std::string& piece) { print(whole.next(piece)); });
    print(whole.rest());
  }
};

/// The vocabulary is learned from the part of the text that the model learns from too.
MakeTask pieces(size_t V) {
  return [V](const RunOptions& options, const SavedRun* saved) {
    const TokeniserSource source{
        [V](const std::string& text) {
          return BytePairTokeniser(train_byte_pairs(training_part(text), V, first_word));
        },
        [](const std::string& symbols) { return BytePairTokeniser(merges_from_text(symbols)); }};
    return text_task(options, saved, source, [](Corpus corpus, const AnyTokeniser& tokeniser) {
      return std::make_unique<PieceTask>(std::move(corpus), tokeniser);
    });
  };
}

Chapter chapter(const std::string& V) {
  return {.number = 9,
          .title = "pieces of words",
          .adds = "Chapter 7's model reads " + V + " pieces of words instead of characters.",
          .expect = "Words that are spelled right, and fewer bits per character than chapter 7's 2.42.",
          .variant = V,
          .B = 16,
          .T = 32,
          .steps = 5000,
          .lr = 3e-3f,
          .published_val_loss = V == "1024" ? std::optional(3.79f) : std::nullopt,
          .published_by = "chapter 7's 2.42 bits would be",
          .optimizer = adamw({.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f}),
          .schedule = [](size_t step, size_t steps,
                         float lr) { return cosine_schedule(step, steps, lr, /*warm_up=*/100); },
          .keep_best = true,
          .task = pieces(std::stoul(V))};
}

const std::map<std::string, KeepAs> formats{
    {"stored", KeepAs::stored}, {"bfloat16", KeepAs::bfloat16}, {"int8", KeepAs::int8}};

/// GPT-2, or a model in its form, goes on with the prompt.
void speak(const RunOptions& options, KeepAs format) {
  const std::string folder = options.load.string();
  for (const std::string option : {"--steps", "--save", "--data", "--batch", "--context", "--lr",
                                   "--eval-every", "--precision", "--vocabulary", "--report", "--trace"}) {
    const auto is_it = [&](const std::string& word) {
      return word == option || word.starts_with(option + "=");
    };
    if (std::ranges::any_of(options.words, is_it) && !added_by_learn(option)) {
      throw CommandLineError("--load: " + folder + " is a folder, and its model only speaks - leave out " +
                             option);
    }
  }
  if (options.threads > 0) set_threads(options.threads);
  const auto start = std::chrono::steady_clock::now();
  const BytePairTokeniser tokeniser(load_byte_pairs(folder));
  const GPT2Weights file(folder, format);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const auto& [V, block_size, C, H, L] = file.config();
  const double bytes = double(file.bytes());
  if (V < tokeniser.size()) {
    throw std::runtime_error(folder + ": its vocabulary has " + std::to_string(tokeniser.size()) +
                             " tokens, and its model only " + std::to_string(V));
  }
  if (!options.quiet) {
    std::printf(
        "%s: %zu blocks of %zu channels, %zu heads, context %zu, %zu tokens. %zu parameters, %.0f MB, read "
        "in %.2f s.\n\n",
        folder.c_str(), L, C, H, block_size, V, file.parameters(), bytes / 1e6, taken.count());
  }
  const Interrupt interrupt;
  const auto print = [&](const std::string& text) {
    if (std::ferror(stdout)) throw Interrupted(SIGPIPE);
    if (interrupt.requested()) throw Interrupted(interrupt.signal());
    std::printf("%s", text.c_str());
    std::fflush(stdout);
  };
  print(options.prompt);
  Rng dice(options.seed);
  const std::optional<double> a_second =
      go_on({V, block_size, C, H, L}, file.weights(), tokeniser, options.prompt, options.tokens,
            {options.temperature, options.top_k}, dice, print);
  print("\n");
  if (!options.quiet && a_second) {
    std::printf("\n%.1f tokens a second, for each of which %.0f MB of weights were read: %.1f GB/s.\n",
                *a_second, bytes / 1e6, *a_second * bytes / 1e9);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    std::vector<Choice> choices{
        {"--vocabulary", "Pieces to know", {"256", "512", "1024", "2048", "4096"}, "1024"},
        {"--weights", "Of GPT-2, kept as in its file or rounded", {"stored", "bfloat16", "int8"}, "stored"}};
    RunOptions defaults;
    defaults.folders = true;
    const RunOptions options = parse_command_line(
        argc, argv, chapter("1024").help() + ". --load FOLDER: GPT-2 speaks", choices, defaults);
    if (std::filesystem::is_directory(options.load)) return speak(options, formats.at(choices[1].value));
    if (choices[1].given)
      throw CommandLineError("--weights: is for GPT-2 - name its folder with --load, or leave it out");
    Choice& vocabulary = choices[0];
    if (!options.load.empty() && !vocabulary.given) {
      const std::string saved = read_metadata(options.load)["variant"];
      if (std::ranges::find(vocabulary.values, saved) != vocabulary.values.end()) vocabulary.value = saved;
    }
    Program program(chapter(vocabulary.value), options);
    Rng rng(program.seed());
    // Chapter 7's model but for the table, which has a row for each piece.
    ModernSizes sizes = as_large_as_chapter_6({65, /*block_size=*/32, /*C=*/64, /*H=*/4, /*L=*/4, 0}, {});
    sizes.V = program.V();
    sizes.block_size = program.T();
    const ModernGPT model(sizes, Design{}, rng);
    program.run(model, rng);
  });
}
