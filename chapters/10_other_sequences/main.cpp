/// @file main.cpp
/// Chapter 10's program: chapter 6's model, or chapter 7's, learns to sort, to add, to draw, and whatever else is a quiz.
#include <array>
#include <sstream>

#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "10_other_sequences/add.hpp"
#include "10_other_sequences/answers.hpp"
#include "10_other_sequences/brackets.hpp"
#include "10_other_sequences/draw.hpp"
#include "10_other_sequences/lessons.hpp"
#include "10_other_sequences/sort.hpp"
#include "common/files/checkpoint.hpp"
#include "program/program.hpp"
#include "program/quiz_task.hpp"

namespace {

using namespace gpt;

enum Option { task, ladder, sorted, model, options };
using Choices = std::array<Choice, options>;

Choices choices() {
  return {{{"--task", "What is learned", {"sort", "add", "draw", "brackets"}, "sort"},
           {"--ladder",
            "How sums are taught",
            {"plain", "aligned", "reversed", "answer", "plain-reversed", "answer-forward"},
            "answer"},
           {"--lengths", "How many symbols are sorted: six, or two, four or six", {"six", "even"}, "six"},
           {"--model", "Chapter 6's model or chapter 7's", {"gpt", "modern"}, "gpt"}}};
}

/// A quiz as a task of the program.
template <Quiz Q>
MakeTask learn(Q quiz, Windows windows = Windows::aligned, Counts counts = Counts::answer) {
  return [=](const RunOptions& given, const SavedRun*) {
    return std::make_unique<QuizTask<Lessons<Q>>>(Lessons<Q>(quiz, windows, counts), given.data);
  };
}

//! [ladder]
/// Each rung has what the one before it has, and one thing more. The last
/// two stand beside the ladder.
MakeTask learn_sums(const std::string& rung) {
  using enum Digits;
  using enum Windows;
  using enum Counts;
  if (rung == "plain") return learn(Add(forward), text, all);
  if (rung == "aligned") return learn(Add(forward), aligned, all);
  if (rung == "reversed") return learn(Add(reversed), aligned, all);
  if (rung == "answer") return learn(Add(reversed), aligned, answer);
  if (rung == "plain-reversed") return learn(Add(reversed), text, all);
  return learn(Add(forward), aligned, answer);
}
//! [ladder]

/// What belongs to each task. One of your own needs a line here, and its name among the choices.
Chapter chapter(const Choices& chosen) {
  const std::string& name = chosen[task].value;
  Chapter chapter{.number = 10, .title = "other sequences, " + name, .adds = {}, .expect = {}};
  const auto is = [&](const char* adds, const char* expect, std::size_t B, std::size_t T, std::size_t steps,
                      MakeTask make) {
    chapter.adds = adds;
    chapter.expect = expect;
    chapter.B = B;
    chapter.T = T;
    chapter.steps = steps;
    chapter.task = std::move(make);
  };
  if (name == "sort")
    is("The same model learns to put six symbols in order.",
       "Nearly all are, of six; of other numbers, none.", 32, 17, 2000,
       learn(chosen[sorted].value == "six" ? Sort() : Sort({2, 4, 6})));
  if (name == "add")
    is("The same model learns sums of three digits.", "Nearly all are right; those of four digits are not.",
       64, 15, 2500, learn_sums(chosen[ladder].value));
  if (name == "draw")
    is("The same model learns pictures, four dots a character.",
       "Faces and houses that training never had, and upper halves that become whole ones.", 32, 37, 2000,
       learn(Draw()));
  if (name == "brackets")
    is("The same model learns to close brackets.", "A fourth task, in one header.", 32, 17, 1000,
       learn(Brackets()));
  chapter.lr = 3e-3f;
  chapter.optimizer = adamw({.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
  chapter.schedule = [](std::size_t step, std::size_t steps, float lr) {
    return cosine_schedule(step, steps, lr, /*warm_up=*/100);
  };
  return chapter;
}

/// What stands at the top of --help.
std::string help() {
  std::string text = "Chapter 10: other sequences. Unless told otherwise:";
  Choices each = choices();
  for (const std::string& name : each[task].values) {
    each[task].value = name;
    text += "\n  --task " + name + " has " + chapter(each).settings();
  }
  return text;
}

/// An option that says nothing of the chosen task is a misunderstanding.
void require_task(const Choices& chosen, Option option, const std::string& wanted) {
  if (!chosen[option].given || chosen[task].value == wanted) return;
  throw CommandLineError(chosen[option].option + " is an option of --task " + wanted +
                         ", and this is --task " + chosen[task].value);
}

/// A name for what the reader chose: the task, and whatever is not usual.
std::string variant(const Choices& chosen) {
  const Choices usual = choices();
  std::string words = chosen[task].value;
  for (int option = ladder; option < options; ++option)
    if (chosen[option].value != usual[option].value) words += " " + chosen[option].value;
  return words;
}

/// What the command line leaves open is as in the saved run, if there is one.
void complete(Choices& chosen, const RunOptions& given) {
  if (given.load.empty()) return;
  std::istringstream saved(load_checkpoint(given.load).metadata["variant"]);
  for (std::string word; saved >> word;)
    for (Choice& choice : chosen)
      if (!choice.given && std::find(choice.values.begin(), choice.values.end(), word) != choice.values.end())
        choice.value = word;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program([&] {
    Choices chosen = choices();
    const RunOptions given = parse_command_line(argc, argv, help(), chosen);
    complete(chosen, given);
    require_task(chosen, ladder, "add");
    require_task(chosen, sorted, "sort");
    Chapter all = chapter(chosen);
    all.variant = variant(chosen);
    Program program(all, given);
    Rng rng(program.seed());
    //! [program]
    const size_t L = chosen[task].value == "draw" ? 4 : 2;  // chapter 6's small model, or half of it
    const GPTSizes sizes{
        .V = program.V(), .block_size = program.T(), .C = 64, .H = 4, .L = L, .dropout = 0.0f};
    if (chosen[model].value == "modern") {
      const ModernGPT modern({sizes.V, sizes.block_size, sizes.C, sizes.H, sizes.L, /*hidden=*/192}, {}, rng);
      program.run(modern, rng);
    } else {
      const GPTLanguageModel gpt(sizes, rng);
      program.run(gpt, rng);
    }
    //! [program]
  });
}
