#include "program/task.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "01_bigram/evaluate.hpp"
#include "program/look_inside.hpp"

namespace gpt {

TextTask::TextTask(Corpus corpus, AnyTokeniser tokeniser)
    : corpus_(std::move(corpus)), tokeniser_(std::move(tokeniser)), ids_(tokeniser_.encode(corpus_.text)) {
  const std::size_t cut = ids_.size() * 9 / 10;
  text_ = {std::span<const int>(ids_).first(cut), std::span<const int>(ids_).subspan(cut)};
}

std::string TextTask::describe() const {
  if (!can_learn()) {
    return (name().empty() ? "The text it learned from" : name()) +
           " is not here, so it has nothing but its words; " + std::to_string(tokeniser_.size()) +
           " different characters";
  }
  std::string text = name() + ": " + std::to_string(ids_.size()) + " characters, " +
                     std::to_string(tokeniser_.size()) + " different";
  for (const std::string& remark : corpus_.remarks) text += ". " + remark.substr(0, remark.size() - 1);
  return text;
}

void TextTask::require_context(std::size_t T) const {
  if (text_.val.size() > T || !can_learn()) return;
  throw std::invalid_argument("--context " + std::to_string(T) + " is too long for " + name() +
                              ": its last tenth, which validates, has " + std::to_string(text_.val.size()) +
                              " characters");
}

Batch TextTask::sample(std::size_t B, std::size_t T, Rng& rng) const {
  return sample_batch(text_.train, B, T, rng);
}

CurvePoint TextTask::look(const AnyModel& model, std::size_t T, std::size_t step) const {
  constexpr std::size_t characters = 20000;
  const auto loss = [&](std::span<const int> part) {
    return gpt::evaluate(model, part, T, std::max<std::size_t>(1, part.size() / characters));
  };
  return {step, loss(text_.train), loss(text_.val)};
}

CurvePoint TextTask::evaluate(const AnyModel& model, std::size_t T, std::size_t step) const {
  constexpr std::size_t characters = 250'000;  // a minute or two of the largest model
  if (!can_learn()) return {step, Report::unknown, Report::unknown};
  const std::size_t every = (text_.val.size() + characters - 1) / characters;
  return {step, gpt::evaluate(model, text_.train, T, text_.train.size() / text_.val.size() * every),
          gpt::evaluate(model, text_.val, T, every)};
}

std::vector<int> TextTask::start(const std::string& asked) const {
  if (!asked.empty()) return tokeniser_.encode(asked);
  return tokeniser_.knows("\n") ? tokeniser_.encode("\n") : std::vector{0};
}

std::vector<int> TextTask::traced(const AnyModel& model, const std::string& asked) const {
  return traced_text(asked, tokeniser_, model.block_size());
}

void TextTask::speak(const AnyModel& model, const Speech& speech, Rng& dice,
                     const std::function<void(const std::string&)>& print) const {
  if (!speech.asked.empty()) print(speech.asked);  // the start that nobody asked for is not shown
  generate(model, start(speech.asked), speech.tokens, speech.sampling, dice,
           [&](int id) { print(tokeniser_.decode({id})); });
}

std::unique_ptr<AnyTask> text_task(const RunOptions& options, const SavedRun* saved,
                                   const MakeTextTask& make) {
  if (saved == nullptr) {
    Corpus corpus = open_corpus(options.data);
    const Vocabulary vocabulary(corpus.text);
    return make(std::move(corpus), vocabulary);
  }
  const Vocabulary vocabulary(saved->symbols);
  const bool built_in = saved->corpus == "play" || saved->corpus == "tinyshakespeare";
  const bool only_speaks = options.data.empty() && !options.steps;
  Corpus corpus{.name = saved->corpus};
  try {
    corpus = open_corpus(options.data.empty() && built_in ? saved->corpus : options.data);
  } catch (const std::runtime_error&) {
    if (!only_speaks) throw;
  }
  if (only_speaks && !saved->text.empty() && corpus.fingerprint != saved->text)
    corpus = {.name = saved->corpus};
  try {
    return make(corpus, vocabulary);
  } catch (const std::invalid_argument& error) {
    if (only_speaks) return make(Corpus{.name = saved->corpus}, vocabulary);
    throw std::invalid_argument("--data: " + options.load.string() + " does not know all characters of " +
                                corpus.name + " (" + error.what() +
                                ") - name the text that it learned from with --data");
  }
}

}  // namespace gpt
