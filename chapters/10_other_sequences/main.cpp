/// @file main.cpp
/// Chapter 10's program: chapter 6's model, or chapter 7's, learns to sort, to add, to draw, and whatever else is a quiz.
#include "06_gpt/gpt_language_model.hpp"
#include "06_gpt/schedule.hpp"
#include "07_since_the_paper/modern_gpt.hpp"
#include "10_other_sequences/answers.hpp"
#include "10_other_sequences/brackets.hpp"
#include "10_other_sequences/draw.hpp"
#include "10_other_sequences/ladder.hpp"
#include "10_other_sequences/sort.hpp"
#include "program/program.hpp"
#include "program/quiz_task.hpp"

namespace {

using namespace gpt;

enum Option { task, ladder, sorted, model };

const std::vector<Choice> choices{
    {"--task", "What is learned", {"sort", "add", "draw", "brackets"}, "sort"},
    {"--ladder",
     "How sums are taught",
     {"plain", "aligned", "reversed", "answer", "plain-reversed", "answer-forward"},
     "answer"},
    {"--lengths", "How many symbols are sorted: six, or two, four or six", {"six", "even"}, "six"},
    {"--model", "Chapter 6's model or chapter 7's", {"gpt", "modern"}, "gpt"}};

/// A quiz as a task of the program.
template <Quiz Q>
MakeTask learn(const Lessons<Q>& lessons) {
  return [lessons](const RunOptions& given, const SavedRun*) {
    return std::make_unique<QuizTask<Lessons<Q>>>(lessons, given.data);
  };
}

/// What belongs to each task. One of your own needs a line here, and its name among the choices.
Chapter of_task(const std::vector<Choice>& chosen) {
  const auto is = [](const char* adds, const char* expect, size_t B, size_t T, size_t steps, MakeTask make) {
    return Chapter{.number = 10,
                   .title = "other sequences, ",
                   .adds = adds,
                   .expect = expect,
                   .B = B,
                   .T = T,
                   .steps = steps,
                   .lr = 3e-3f,
                   .task = std::move(make)};
  };
  const std::string& name = chosen[task].value;
  if (name == "add")
    return is("The same model learns sums of three digits.",
              "Nearly all are right; those of four digits are not.", 64, 15, 2500,
              learn(sums(chosen[ladder].value)));
  if (name == "draw")
    return is("The same model learns pictures, four dots a character.",
              "Faces and houses that training never had, and upper halves that become whole ones.", 32, 37,
              2000, learn(Lessons(Draw())));
  if (name == "brackets")
    return is("The same model learns to close brackets.", "A fourth task, in one header.", 32, 17, 1000,
              learn(Lessons(Brackets())));
  return is("The same model learns to put six symbols in order.",
            "Nearly all are, of six; of other numbers, none.", 32, 17, 2000,
            learn(Lessons(chosen[sorted].value == "six" ? Sort() : Sort({2, 4, 6}))));
}

Chapter chapter(const std::vector<Choice>& chosen) {
  const std::string& name = chosen[task].value;
  for (const auto& [option, wanted] : {std::pair{chosen[ladder], "add"}, {chosen[sorted], "sort"}}) {
    if (option.given && name != wanted)
      throw CommandLineError(option.option + " is an option of --task " + wanted + ", and this is --task " +
                             name);
  }
  Chapter chapter = of_task(chosen);
  chapter.title += name;
  chapter.variant = name;  // and whatever is not usual
  for (const Option option : {ladder, sorted, model})
    if (chosen[option].value != choices[option].value) chapter.variant += " " + chosen[option].value;
  chapter.optimizer = adamw({.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f});
  chapter.schedule = [](size_t step, size_t steps, float lr) {
    return cosine_schedule(step, steps, lr, /*warm_up=*/100);
  };
  return chapter;
}

void run(Program& program, const std::vector<Choice>& chosen, Rng& rng) {
  const size_t V = program.V(), T = program.T();
  const size_t L = chosen[task].value == "draw" ? 4 : 2;  // chapter 6's small model, or half of it
  if (chosen[model].value == "gpt")
    program.run(GPTLanguageModel({V, T, /*C=*/64, /*H=*/4, L, /*dropout=*/0.0f}, rng), rng);
  else
    program.run(ModernGPT({V, T, /*C=*/64, /*H=*/4, L, /*hidden=*/192}, {}, rng), rng);
}

}  // namespace

int main(int argc, char** argv) { return run_chapter(argc, argv, choices, chapter, run); }
