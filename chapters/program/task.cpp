#include "program/task.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "01_bigram/evaluate.hpp"
#include "01_bigram/vocabulary.hpp"

namespace gpt {

TextTask::TextTask(Corpus corpus, AnyTokeniser tokeniser)
    : corpus_(std::move(corpus)), tokeniser_(std::move(tokeniser)), ids_(tokeniser_.encode(corpus_.text)) {
  const std::size_t cut = ids_.size() * 9 / 10;
  text_ = {std::span<const int>(ids_).first(cut), std::span<const int>(ids_).subspan(cut)};
}

std::string TextTask::describe() const {
  return name() + ": " + std::to_string(corpus_.text.size()) + " characters, " +
         std::to_string(tokeniser_.size()) + " different";
}

void TextTask::require_context(std::size_t T) const {
  if (text_.val.size() > T) return;
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
  return {step, gpt::evaluate(model, text_.train, T, text_.train.size() / text_.val.size()),
          gpt::evaluate(model, text_.val, T)};
}

std::vector<int> TextTask::start() const {
  return tokeniser_.knows("\n") ? tokeniser_.encode("\n") : std::vector{0};
}

std::unique_ptr<AnyTask> text_task(const RunOptions& options, const SavedRun* saved) {
  Corpus corpus = open_corpus(options.data);
  Vocabulary vocabulary(saved != nullptr ? saved->symbols : corpus.text);
  return std::make_unique<TextTask>(std::move(corpus), std::move(vocabulary));
}

}  // namespace gpt
